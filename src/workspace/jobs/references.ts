import type { JsonObject, JsonValue } from "../errors";
import { asObject, show } from "./json";
import { latest, type Run, type TaskRun } from "./run-model";

/** What a task's texts may refer to. */
export interface Scope {
  readonly run: Run;
  readonly task: TaskRun;
  readonly workspace: { readonly id: string; readonly url: string };
  /** The attempt's own id. */
  readonly run_id: number;
  readonly attempt: number;
}

/** A reference that names nothing: the attempt fails with this message, as on the platform. */
export class UnresolvedReference extends Error {}

const REFERENCE = /\{\{\s*([^{}]*?)\s*\}\}/g;

/**
 * Replaces dynamic value references in every text of a task (docs "Dynamic value references"). A text that is one single reference becomes its
 * value as text too; a name of no known namespace stays as it is, as the platform leaves it.
 * @throws UnresolvedReference for a known namespace whose member does not exist (an unknown task, a task value that was not set)
 */
export function resolve(value: JsonValue, scope: Scope): JsonValue {
  if (typeof value === "string")
    return value.includes("{{") ? value.replace(REFERENCE, (whole, path: string) => lookup(path, scope) ?? whole) : value;
  if (Array.isArray(value)) return value.map((item) => resolve(item, scope));
  if (value === null || typeof value !== "object") return value;
  return resolveObject(value, scope);
}

export function resolveObject(value: JsonObject, scope: Scope): JsonObject {
  const result: JsonObject = {};
  for (const [key, item] of Object.entries(value)) if (item !== undefined) result[key] = resolve(item, scope);
  return result;
}

/** The text for one reference, or undefined when it belongs to no namespace that we know. */
function lookup(path: string, scope: Scope): string | undefined {
  const { run, task, workspace } = scope;
  const parts = split(path);
  const [head, second, ...rest] = parts;
  const time = run.queued?.at ?? run.start ?? 0;
  switch (head) {
    case "job_id":
      return String(run.job_id);
    case "run_id":
      return String(scope.run_id);
    case "parent_run_id":
      return String(run.run_id);
    case "task_key":
      return task.key;
    case "task_retry_count":
      return String(scope.attempt);
    case "start_date":
      return timePart(time, "iso_date");
    case "start_time":
      return String(time);
    case "input":
      return second === undefined ? show(task.input) : member(path, task.input, parts.slice(1));
    case "job":
      return jobReference(path, second, rest, scope, time);
    case "task":
      if (second === "name") return task.key;
      if (second === "run_id") return String(scope.run_id);
      if (second === "execution_count") return String(scope.attempt + 1);
      if (second === "notebook_path") return show(asObject(task.spec.notebook_task)?.notebook_path);
      return undefined;
    case "tasks":
      return taskReference(path, second, rest, scope);
    case "workspace":
      if (second === "id") return workspace.id;
      if (second === "url") return workspace.url;
      return undefined;
    case "backfill":
      return undefined;
    default:
      return undefined;
  }
}

function jobReference(path: string, name: string | undefined, rest: readonly string[], { run }: Scope, time: number): string | undefined {
  switch (name) {
    case "id":
      return String(run.job_id);
    case "name":
      return run.run_name;
    case "run_id":
      return String(run.run_id);
    case "repair_count":
      return String(run.repairs.length);
    case "start_time":
      return timePart(run.start ?? time, rest[0]);
    case "trigger":
      if (rest[0] === "type") return run.trigger === "ONE_TIME" ? "manual" : run.trigger.toLowerCase();
      if (rest[0] === "time") return timePart(time, rest[1]);
      return undefined;
    case "parameters": {
      const found = run.parameters.find((parameter) => parameter.name === rest[0]);
      if (found === undefined)
        throw new UnresolvedReference(`Unable to resolve reference {{${path}}}: the job has no parameter '${rest[0] ?? ""}'.`);
      return found.value;
    }
    default:
      return undefined;
  }
}

function taskReference(path: string, key: string | undefined, [field, ...rest]: readonly string[], { run }: Scope): string | undefined {
  const task = run.tasks.find((candidate) => candidate.key === key);
  if (task === undefined) throw new UnresolvedReference(`Unable to resolve reference {{${path}}}: the job has no task '${key ?? ""}'.`);
  const attempt = latest(task);
  const output = asObject(attempt.plan?.output);
  switch (field) {
    case "run_id":
      return String(attempt.run_id);
    case "result_state":
      return (attempt.result ?? "").toLowerCase();
    case "error_code":
      return attempt.result === "SUCCESS" ? "" : (attempt.code ?? "");
    case "execution_count":
      return String(attempt.attempt + 1);
    case "notebook_path":
      return show(asObject(task.spec.notebook_task)?.notebook_path);
    case "values": {
      const name = rest[0] ?? "";
      const value = attempt.values?.[name];
      if (value === undefined)
        throw new UnresolvedReference(
          `Unable to resolve reference {{${path}}}: the task value '${name}' was not set by task '${task.key}'.`,
        );
      return rest.length > 1 ? member(path, value, rest.slice(1)) : show(value);
    }
    case "output":
      return output === undefined ? "" : member(path, output, rest);
    default:
      return undefined;
  }
}

/** Follows names and indexes into a JSON value. */
function member(path: string, value: JsonValue | undefined, names: readonly string[]): string {
  let at = value;
  for (const name of names) {
    const next: JsonValue | undefined = Array.isArray(at)
      ? at[Number(name)]
      : Object.hasOwn(asObject(at) ?? {}, name)
        ? asObject(at)?.[name]
        : undefined;
    if (next === undefined) throw new UnresolvedReference(`Unable to resolve reference {{${path}}}: there is no '${name}'.`);
    at = next;
  }
  return show(at);
}

/** Splits at dots; names with other characters stand in backquotes: `job.parameters.`a.b``. */
function split(path: string): string[] {
  return (path.match(/`[^`]*`|[^.]+/g) ?? []).map((part) => (part.startsWith("`") ? part.slice(1, -1) : part.trim()));
}

/** The documented parts of a time, all in UTC; without a part, milliseconds since 1970. */
export function timePart(time: number, part: string | undefined): string | undefined {
  const date = new Date(time);
  const iso = date.toISOString();
  switch (part) {
    case undefined:
    case "timestamp_ms":
      return String(time);
    case "iso_date":
      return iso.slice(0, 10);
    case "iso_datetime":
      return iso.slice(0, 19);
    case "iso_weekday":
      return String(date.getUTCDay() === 0 ? 7 : date.getUTCDay());
    case "is_weekday":
      return String(date.getUTCDay() % 6 !== 0);
    case "year":
      return String(date.getUTCFullYear());
    case "month":
      return String(date.getUTCMonth() + 1);
    case "day":
      return String(date.getUTCDate());
    case "hour":
      return String(date.getUTCHours());
    case "minute":
      return String(date.getUTCMinutes());
    case "second":
      return String(date.getUTCSeconds());
    default:
      return undefined;
  }
}
