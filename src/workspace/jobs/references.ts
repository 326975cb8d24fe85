import type { JsonObject, JsonValue } from "../errors";
import { asObject, formatValue } from "./json";
import { latest, type Run, type TaskRun } from "./run-model";

/** The values to which strings in a task may refer. */
export interface Scope {
  readonly run: Run;
  readonly task: TaskRun;
  readonly workspace: { readonly id: string; readonly url: string };
  /** The id of the attempt. */
  readonly run_id: number;
  readonly attempt: number;
}

/** A reference that cannot be resolved: the attempt fails with this message, as on the platform. */
export class UnresolvedReference extends Error {}

/** A `{{reference}}`. Names in backquotes may contain braces. */
const REFERENCE = /\{\{((?:`[^`]*`|[^{}`])*)\}\}/g;

/**
 * Replaces dynamic value references in every string of a task (docs "Dynamic value references").
 * The result is always a string, even if the reference is the complete string. References with an
 * unknown namespace stay unchanged, as on the platform.
 * @throws UnresolvedReference for an unknown name in a known namespace: a missing task, or a task
 * value that was not set
 */
export function resolve(value: JsonValue, scope: Scope): JsonValue {
  if (typeof value === "string") return resolveText(value, scope);
  if (Array.isArray(value)) return value.map((item) => resolve(item, scope));
  if (value === null || typeof value !== "object") return value;
  return resolveObject(value, scope);
}

/**
 * @param resolvesNested whether to resolve the references in the value of a parameter that `value`
 * refers to. False if `value` is itself the value of a parameter
 */
function resolveText(value: string, scope: Scope, resolvesNested = true): string {
  return value.includes("{{")
    ? value.replace(
        REFERENCE,
        (match, reference: string) =>
          resolveReference(reference.trim(), scope, resolvesNested) ?? match,
      )
    : value;
}

export function resolveObject(value: JsonObject, scope: Scope): JsonObject {
  const result: JsonObject = {};
  for (const [key, item] of Object.entries(value))
    if (item !== undefined) result[key] = resolve(item, scope);
  return result;
}

/** Returns the string for one reference; undefined if its namespace is unknown. */
function resolveReference(path: string, scope: Scope, resolvesNested: boolean): string | undefined {
  const parts = splitNames(path);
  if (parts === undefined) return undefined;
  const { run, task, workspace } = scope;
  const [firstName, secondName, ...names] = parts;
  const time = run.queued?.at ?? run.start ?? 0;
  // The legacy variables without a namespace (docs "Pass context about job runs into job tasks").
  if (secondName === undefined)
    switch (firstName) {
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
        return formatValue(task.input);
      default:
        return undefined;
    }
  switch (firstName) {
    case "input":
      return memberValue(path, task.input, parts.slice(1));
    case "job":
      return requireKnown(path, jobReference(path, secondName, names, scope, time, resolvesNested));
    case "task":
      return requireKnown(path, currentTaskReference(secondName, scope));
    case "tasks":
      return requireKnown(path, taskReference(path, secondName, names, scope));
    case "workspace":
      return requireKnown(
        path,
        secondName === "id" ? workspace.id : secondName === "url" ? workspace.url : undefined,
      );
    default:
      return undefined;
  }
}

/**
 * @throws UnresolvedReference if the namespace is known but the name is not (docs:
 * `{{job.notebook_url}}` fails and does not stay a string)
 */
function requireKnown(path: string, value: string | undefined): string {
  if (value === undefined)
    throw new UnresolvedReference(
      `Unable to resolve reference {{${path}}}: it is not a known reference.`,
    );
  return value;
}

function currentTaskReference(name: string, { task, run_id, attempt }: Scope): string | undefined {
  switch (name) {
    case "name":
      return task.key;
    case "run_id":
      return String(run_id);
    case "execution_count":
      return String(attempt + 1);
    case "notebook_path":
      return formatValue(asObject(task.spec.notebook_task)?.notebook_path);
    default:
      return undefined;
  }
}

function jobReference(
  path: string,
  name: string,
  names: readonly string[],
  scope: Scope,
  time: number,
  resolvesNested: boolean,
): string | undefined {
  const { run } = scope;
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
      return timePart(run.start ?? time, names[0]);
    case "trigger":
      return triggerReference(names, run, time);
    case "parameters": {
      const parameter = run.parameters.find((parameter) => parameter.name === names[0]);
      if (parameter === undefined)
        throw new UnresolvedReference(
          `Unable to resolve reference {{${path}}}: the job has no parameter '${names[0] ?? ""}'.`,
        );
      // A parameter's value may contain references (docs: `"default":
      // "{{job.start_time.iso_date}}"`), but they are resolved at one level only.
      return resolvesNested ? resolveText(parameter.value, scope, false) : parameter.value;
    }
    default:
      return undefined;
  }
}

/**
 * Returns the value of a trigger reference; undefined if it is unknown. If a different trigger started
 * the run, the location and the commit of a table are "", and the updated tables are "[]".
 */
function triggerReference(
  [name, ...names]: readonly string[],
  run: Run,
  time: number,
): string | undefined {
  switch (name) {
    case "type":
      return run.trigger === "ONE_TIME" ? "manual" : run.trigger.toLowerCase();
    case "time":
      return timePart(time, names[0]);
    case "file_arrival":
      return names[0] === "location" ? (run.arrival?.location ?? "") : undefined;
    case "table_update": {
      const tables = run.arrival?.tables ?? {};
      if (names[0] === "updated_tables") return JSON.stringify(Object.keys(tables));
      // A table name consists of several parts with dots, or of one part in brackets or backquotes.
      const fieldIndex = names.findIndex(
        (part) => part === "commit_timestamp" || part === "version",
      );
      if (fieldIndex <= 0) return undefined;
      const commit = tables[names.slice(0, fieldIndex).join(".").toLowerCase()];
      if (commit === undefined) return "";
      return names[fieldIndex] === "version"
        ? String(commit.version)
        : timePart(commit.at, names[fieldIndex + 1]);
    }
    default:
      return undefined;
  }
}

function taskReference(
  path: string,
  key: string,
  [field, ...names]: readonly string[],
  { run }: Scope,
): string | undefined {
  const task = run.tasks.find((candidate) => candidate.key === key);
  if (task === undefined)
    throw new UnresolvedReference(
      `Unable to resolve reference {{${path}}}: the job has no task '${key}'.`,
    );
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
      return formatValue(asObject(task.spec.notebook_task)?.notebook_path);
    case "values": {
      const name = names[0] ?? "";
      const value = attempt.values?.[name];
      if (value === undefined)
        throw new UnresolvedReference(
          `Unable to resolve reference {{${path}}}: the task value '${name}' was not set by task '${task.key}'.`,
        );
      return names.length > 1 ? memberValue(path, value, names.slice(1)) : formatValue(value);
    }
    case "output":
      return output === undefined ? "" : memberValue(path, output, names);
    default:
      return undefined;
  }
}

/** Resolves a path of names and indexes in a JSON value. */
function memberValue(path: string, value: JsonValue | undefined, names: readonly string[]): string {
  let current = value;
  for (const name of names) {
    const next: JsonValue | undefined = Array.isArray(current)
      ? current[Number(name)]
      : Object.hasOwn(asObject(current) ?? {}, name)
        ? asObject(current)?.[name]
        : undefined;
    if (next === undefined)
      throw new UnresolvedReference(
        `Unable to resolve reference {{${path}}}: there is no '${name}'.`,
      );
    current = next;
  }
  return formatValue(current);
}

/**
 * One name: in backquotes, in brackets (which may contain backquotes), or bare. The dot before a
 * bracket is optional.
 */
const NAME = /\s*(?:\[\s*(?:`([^`]*)`|([^\]]*?))\s*\]|`([^`]*)`|([^.[\]`]+))\s*(\.|(?=\[)|$)/gy;

/**
 * Splits a reference into names: `job.parameters.day`, `job.parameters.[day]` (the notation of the
 * platform's list of references), or with special characters in backquotes: `` job.parameters.`a.b`
 * ``. Returns undefined for an invalid path.
 */
export function splitNames(path: string): string[] | undefined {
  const names: string[] = [];
  let end = 0;
  for (const [match, quotedInBrackets, inBrackets, inBackquotes, bare] of path.matchAll(NAME)) {
    names.push(quotedInBrackets ?? inBrackets ?? inBackquotes ?? (bare ?? "").trim());
    end += match.length;
  }
  return names.length > 0 &&
    end === path.length &&
    !path.endsWith(".") &&
    names.every((name) => name !== "")
    ? names
    : undefined;
}

/** Returns the documented part of a time in UTC; without a part, milliseconds since 1970. */
function timePart(time: number, part: string | undefined): string | undefined {
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
