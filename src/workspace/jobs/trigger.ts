import { invalid, type JsonObject, type JsonValue } from "../errors";
import { createTaskRun } from "./endings";
import { asArray, asNumber, asObject, asText } from "./json";
import { overridesOf, parametersOf } from "./parameters";
import type { Run } from "./run-model";
import { runAsName } from "./render-job";
import { tasksOf, type JobRecord } from "./settings";

export interface RunOptions {
  readonly trigger: Run["trigger"];
  readonly run_type: Run["run_type"];
  readonly creator: string;
  readonly arrival?: Run["arrival"];
  readonly now: number;
  readonly number_in_job: number;
  readonly nextId: () => number;
  /** The body of run-now: the overrides. */
  readonly input?: JsonObject;
  readonly parent?: Run["parent"];
  readonly script?: JsonValue | undefined;
}

/**
 * Creates a run of a job. It does not start the run.
 * @throws INVALID_PARAMETER_VALUE for an `only` that names an unknown task
 */
export function buildRun(
  job: JobRecord,
  {
    trigger,
    run_type,
    creator,
    now,
    number_in_job,
    nextId,
    arrival,
    input = {},
    parent,
    script,
  }: RunOptions,
): Run {
  const { settings } = job;
  const specs = tasksOf(settings);
  const queue = asObject(input.queue) ?? asObject(settings.queue);
  const run: Run = {
    run_id: nextId(),
    job_id: job.job_id,
    run_name: asText(settings.name) || "Untitled",
    run_type,
    trigger,
    creator,
    run_as: runAsName(job),
    format: settings.format === "SINGLE_TASK" ? "SINGLE_TASK" : "MULTI_TASK",
    number_in_job,
    parameters: parametersOf(settings, asObject(input.job_parameters)),
    overriding: overridesOf(input),
    tasks: specs.map((spec) => createTaskRun(spec, nextId())),
    job_clusters: asArray(settings.job_clusters),
    timeout_seconds: asNumber(settings.timeout_seconds),
    queue: queue?.enabled === true,
    max_concurrent_runs: asNumber(settings.max_concurrent_runs, 1),
    repairs: [],
    clusters: {},
    left_out: unselectedTasks(specs, input.only),
    life: "PENDING",
    start: now,
  };
  const environments = asArray(settings.environments);
  if (environments.length > 0) run.environments = environments;
  const git = asObject(settings.git_source);
  if (git !== undefined) run.git_source = git;
  const schedule = asObject(settings.schedule);
  if (schedule !== undefined && trigger === "PERIODIC") run.schedule = schedule;
  if (asText(settings.description) !== "") run.description = asText(settings.description);
  const performanceTarget = asText(input.performance_target) || asText(settings.performance_target);
  if (performanceTarget !== "") run.performance_target = performanceTarget;
  if (arrival !== undefined) run.arrival = arrival;
  if (parent !== undefined) run.parent = parent;
  if (script !== undefined) run.script = script;
  return run;
}

/**
 * Returns the keys of the tasks that `only` does not select: `b` selects the task, `+b` also its
 * dependencies, `b+` its dependants, `+b+` both.
 */
function unselectedTasks(specs: readonly JsonObject[], only: unknown): string[] {
  if (!Array.isArray(only) || only.length === 0) return [];
  const keys = specs.map((spec) => asText(spec.task_key));
  const dependencies = new Map(
    specs.map((spec) => [
      asText(spec.task_key),
      asArray(spec.depends_on).map((item) => asText(asObject(item)?.task_key)),
    ]),
  );
  const selectedKeys = new Set<string>();
  const addReachable = (key: string, next: (key: string) => string[]): void => {
    const stack = [key];
    for (let current = stack.pop(); current !== undefined; current = stack.pop())
      for (const item of next(current))
        if (!selectedKeys.has(item)) {
          selectedKeys.add(item);
          stack.push(item);
        }
  };
  for (const pattern of only as unknown[]) {
    const match = typeof pattern === "string" ? /^(\+?)([\w-]+)(\+?)$/.exec(pattern) : null;
    const key = match?.[2] ?? "";
    if (match === null || !keys.includes(key))
      throw invalid(
        `Invalid value in only: the job has no task '${String(pattern).slice(0, 200)}'.`,
      );
    selectedKeys.add(key);
    if (match[1] === "+") addReachable(key, (item) => dependencies.get(item) ?? []);
    if (match[3] === "+")
      addReachable(key, (item) =>
        keys.filter((dependant) => dependencies.get(dependant)?.includes(item) === true),
      );
  }
  return keys.filter((key) => !selectedKeys.has(key));
}
