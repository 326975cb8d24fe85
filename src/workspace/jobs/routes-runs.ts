import { defined } from "../../defined";
import { invalid, WorkspaceError, type JsonObject, type JsonValue } from "../errors";
import { Fields } from "../fields";
import type { Call, WorkspaceApp } from "../routes";
import { repair } from "./engine";
import { isFailure } from "./endings";
import { asArray, asObject, asText } from "./json";
import { renderOutput, exportRun } from "./output";
import { parseOutcomesHeader } from "./outcomes";
import { parseLimit, parseOffset, pageArrays, pageToken, decodePosition } from "./paging";
import { overridesOf, parametersOf } from "./parameters";
import { rejectManyTasks } from "./render-job";
import {
  renderRun,
  renderTask,
  renderTaskRun,
  renderRepairHistory,
  visibleAttempts,
} from "./render-run";
import { jobVersions } from "./jobs-store";
import { parseGrants, dropUnknownFields, parseRunAs } from "./routes-jobs";
import { latest, isTerminal, type Run } from "./run-model";
import type { JobsService } from "./service";
import { renderNewCluster, withDefaults, tasksOf, type JobRecord } from "./settings";
import { limits, validateParams, validateSettings } from "./validate";

/** Routes of the Runs API 2.0, 2.1 and 2.2. */
export function runRoutes(app: WorkspaceApp, service: JobsService): void {
  app.post(jobVersions, "/jobs/run-now", (call) => runNow(service, call));
  app.post(jobVersions, "/jobs/runs/submit", (call) => submit(service, call));
  app.get(jobVersions, "/jobs/runs/get", (call) => getRun(service, call));
  app.get(jobVersions, "/jobs/runs/list", (call) => listRuns(service, call));
  app.get(jobVersions, "/jobs/runs/get-output", ({ input, caller }) => {
    const locatedRun = service.runs.locate(input.integer("run_id"));
    service.requireRunAccess(caller, locatedRun.run, "CAN_VIEW");
    return renderOutput(locatedRun, service.pages, service.executions);
  });
  app.get(jobVersions, "/jobs/runs/export", ({ input, caller }) => {
    const locatedRun = service.runs.locate(input.integer("run_id"));
    service.requireRunAccess(caller, locatedRun.run, "CAN_VIEW");
    return exportRun(locatedRun, service.executions);
  });
  app.post(jobVersions, "/jobs/runs/cancel", async ({ input, caller }) => {
    const id = input.integer("run_id");
    service.requireRunAccess(caller, service.runs.locate(id).run, "CAN_MANAGE_RUN");
    service.cancel(id, caller.name);
    await service.runs.flush();
    return undefined;
  });
  app.post(jobVersions, "/jobs/runs/cancel-all", async ({ input, caller }) => {
    const id = input.optionalInteger("job_id");
    const queuedOnly = input.boolean("all_queued_runs", false);
    if (id === undefined && !queuedOnly) throw invalid("Missing required field: job_id");
    // No call returns the job of a submitted run, but the job has an access list.
    if (
      id !== undefined &&
      service.jobs.find(id) === undefined &&
      app.permissions.directGrants("job", id).length > 0
    )
      app.permissions.require(caller, "job", id, "CAN_MANAGE_RUN");
    else if (id !== undefined) service.requireJob(caller, id, "CAN_MANAGE_RUN");
    else app.permissions.requireAdmin(caller, "cancel the queued runs of all jobs");
    const runs = service.runs
      .unfinishedRuns(id)
      .filter((run) => !queuedOnly || run.life === "QUEUED");
    // Queued runs come first; otherwise they would start when the active runs end.
    for (const run of [...runs].sort(
      (left, right) => Number(right.life === "QUEUED") - Number(left.life === "QUEUED"),
    ))
      service.runs.cancel(run, caller.name);
    await service.runs.flush();
    return undefined;
  });
  app.post(jobVersions, "/jobs/runs/delete", async ({ input, caller }) => {
    const run = service.runs.mustFind(input.integer("run_id"));
    service.requireRunAccess(caller, run, "CAN_MANAGE_RUN");
    if (!isTerminal(run.life))
      throw new WorkspaceError(
        "INVALID_STATE",
        `Run ${run.run_id} is active and cannot be deleted.`,
      );
    await service.runs.flush();
    await app.store.write(() => service.runs.remove(run));
    return undefined;
  });
  app.post(jobVersions, "/jobs/runs/repair", (call) => repairRun(service, call));
}

async function runNow(service: JobsService, { input, caller, headers }: Call): Promise<object> {
  const job = service.requireJob(caller, input.integer("job_id"), "CAN_MANAGE_RUN");
  validateParams(input);
  const script = readScript(service, headers);
  const token = input.optionalString("idempotency_token") ?? "";
  // Checks the type. The run is created from all values of the request.
  input.optionalStrings("only");
  const run_id = await service.startOnce("run", token, () =>
    service.createRun(job, {
      trigger: "ONE_TIME",
      run_type: "JOB_RUN",
      creator: caller.name,
      input: input.values,
      script,
    }),
  );
  // The platform no longer counts: number_in_job has the value of run_id.
  return { run_id, number_in_job: run_id };
}

async function submit(service: JobsService, call: Call): Promise<object> {
  const { input, caller, version, headers } = call;
  const { app, jobs } = service;
  validateParams(input);
  const script = readScript(service, headers);
  const token = input.optionalString("idempotency_token") ?? "";
  const name = input.optionalString("run_name") ?? "";
  const values: JsonObject = {
    ...dropUnknownFields(call, input.values),
    name: name === "" ? "Untitled" : name,
    // Only this run belongs to the job, so the limit has no effect.
    max_concurrent_runs: limits.concurrentRuns,
  };
  validateSettings(values, version);
  const settings = withDefaults(values, version);
  if (tasksOf(settings).length === 0) throw invalid("Missing required field: tasks");
  service.clusters.checkExistingClusters(caller, settings, true);
  const runAs = parseRunAs(service, caller, input);
  const grants = parseGrants(input);
  const run_id = await service.startOnce("submit", token, async () => {
    // As on the platform, a one-time run has a job id, but no call returns its job.
    const job = await app.store.write((): JobRecord => {
      const record: JobRecord = {
        job_id: jobs.nextId(),
        creator_user_name: caller.name,
        created_time: app.clock.now(),
        settings,
        ...defined({ run_as: runAs }),
      };
      app.permissions.replace("job", record.job_id, [
        { kind: caller.kind, name: caller.name, level: "IS_OWNER" },
        ...grants,
      ]);
      return record;
    });
    return service.createRun(job, {
      trigger: "ONE_TIME",
      run_type: "SUBMIT_RUN",
      creator: caller.name,
      input: { queue: settings.queue },
      script,
    });
  });
  service.executions.addChildRun(
    headers.authorization as string | undefined,
    headers["x-lakeform-attempt"] as string | undefined,
    run_id,
  );
  return { run_id };
}

function readScript({ outcomes }: JobsService, headers: Call["headers"]): JsonValue | undefined {
  const script = parseOutcomesHeader(headers["x-lakeform-outcomes"]);
  if (script !== undefined) outcomes.rejectExecution(script);
  return script;
}

const ARRAY_FIELDS = ["tasks", "job_clusters", "job_parameters", "iterations", "repair_history"];

function getRun(service: JobsService, { input, caller, version }: Call): object {
  const { run, task, attempt } = service.runs.locate(input.integer("run_id"));
  service.requireRunAccess(caller, run, "CAN_VIEW");
  const history = input.boolean("include_history", false);
  const resolved = input.boolean("include_resolved_values", false);
  const firstItem = decodePosition(input.optionalString("page_token")) ?? 0;
  let response: JsonObject;
  if (task !== undefined && attempt !== undefined) {
    response = renderTaskRun(run, task, attempt, service.pages, resolved);
    if (attempt.iterations !== undefined)
      response.iterations = attempt.iterations.map((item) =>
        renderTask(run, item, latest(item), service.pages, resolved),
      );
  } else {
    response = renderRun(run, service.pages);
    addTasks(service, response, run, { version, history, resolved });
  }
  if (history) response.repair_history = renderRepairHistory(run);
  const next = version === "2.2" ? pageArrays(response, ARRAY_FIELDS, firstItem) : undefined;
  return next === undefined ? response : { ...response, has_more: true, next_page_token: next };
}

function addTasks(
  service: JobsService,
  response: JsonObject,
  run: Run,
  options: { version: string; history?: boolean; resolved?: boolean },
): void {
  rejectManyTasks(run.tasks.length, options.version);
  // 2.0 returns only the cluster and the task of a single-task run.
  if (run.format === "SINGLE_TASK" && options.version === "2.0") return;
  const attempts = visibleAttempts(run, options.history === true);
  response.tasks = attempts.map(({ task, attempt }) =>
    renderTask(run, task, attempt, service.pages, options.resolved),
  );
  if (run.job_clusters.length > 0)
    response.job_clusters = run.job_clusters.map((item) => renderNewCluster(asObject(item) ?? {}));
}

/** The largest page of a list since API version 2.1. */
const MAX_RUNS = 25;

function listRuns(service: JobsService, { input, caller, version }: Call): object {
  const { runs, app } = service;
  const jobId = input.optionalInteger("job_id");
  if (jobId !== undefined && service.jobs.find(jobId) !== undefined)
    app.permissions.require(caller, "job", jobId, "CAN_VIEW");
  const activeOnly = input.boolean("active_only", false);
  const completedOnly = input.boolean("completed_only", false);
  if (activeOnly && completedOnly)
    throw invalid("active_only and completed_only cannot both be true.");
  const expand = input.boolean("expand_tasks", false);
  const type = input.optionalEnum("run_type", ["JOB_RUN", "SUBMIT_RUN", "WORKFLOW_RUN"]);
  const from = input.optionalInteger("start_time_from");
  const to = input.optionalInteger("start_time_to");
  const limit = parseLimit(input, 20, version === "2.0" ? 1000 : MAX_RUNS);
  const before = decodePosition(input.optionalString("page_token"));
  const offset = before === undefined ? parseOffset(input) : 0;
  const isSelected = (run: Run): boolean =>
    (!activeOnly || !isTerminal(run.life)) &&
    (!completedOnly || isTerminal(run.life)) &&
    (type === undefined || run.run_type === type) &&
    (from === undefined || (run.start ?? 0) >= from) &&
    (to === undefined || (run.start ?? 0) <= to) &&
    (caller.admin ||
      run.creator === caller.name ||
      app.permissions.allows(caller, "job", run.job_id, "CAN_VIEW"));

  const neededCount = offset + limit + 1;
  const matches: Run[] = [];
  if (activeOnly) {
    const unfinishedRuns = runs
      .unfinishedRuns(jobId)
      .sort((left, right) => right.run_id - left.run_id);
    matches.push(
      ...unfinishedRuns.filter(
        (run) => isSelected(run) && (before === undefined || run.run_id < before),
      ),
    );
  } else
    for (let beforeId = before; matches.length < neededCount;) {
      const page = runs.page(jobId, beforeId, neededCount);
      matches.push(...page.filter(isSelected));
      if (page.length < neededCount) break;
      beforeId = page.at(-1)?.run_id;
    }
  const listedRuns = matches.slice(offset, offset + limit);
  const hasMore = matches.length > offset + limit;
  const lastRun = listedRuns.at(-1);
  return {
    ...(listedRuns.length === 0
      ? {}
      : { runs: listedRuns.map((run) => renderListItem(service, run, version, expand)) }),
    has_more: hasMore,
    ...(hasMore && lastRun !== undefined ? { next_page_token: pageToken(lastRun.run_id) } : {}),
  };
}

function renderListItem(
  service: JobsService,
  run: Run,
  version: string,
  expand: boolean,
): JsonObject {
  const response = renderRun(run, service.pages);
  if (!expand) return response;
  // A list shows the first page of a large run in every version, so it is not rejected.
  addTasks(service, response, run, { version: "2.2" });
  const nextPage = pageArrays(response, ARRAY_FIELDS, 0);
  return version === "2.2" ? { ...response, has_more: nextPage !== undefined } : response;
}

async function repairRun(service: JobsService, { input, caller }: Call): Promise<object> {
  const run = service.runs.mustFind(input.integer("run_id"));
  service.requireRunAccess(caller, run, "CAN_MANAGE_RUN");
  validateParams(input);
  if (!isTerminal(run.life))
    throw new WorkspaceError(
      "INVALID_STATE",
      `Run ${run.run_id} is in state ${run.life} and cannot be repaired: it must have finished.`,
    );
  const lastRepairId = run.repairs.at(-1)?.id;
  const requestedId = input.optionalInteger("latest_repair_id");
  if (lastRepairId !== requestedId && !(lastRepairId === undefined && requestedId === 0))
    throw invalid(
      lastRepairId === undefined
        ? `Run ${run.run_id} has no repair yet: latest_repair_id must not be given.`
        : `Run ${run.run_id} was repaired before: latest_repair_id must be ${lastRepairId}.`,
    );
  const keys = keysToRerun(run, input);
  const overrides = overridesOf(input.values);
  const parameters = input.optionalObject("job_parameters");
  let id = 0;
  service.runs.change(run, (storedRun, now, host) => {
    // Parameters that are not given keep their values.
    if (Object.keys(overrides).length > 0)
      storedRun.overriding = { ...storedRun.overriding, ...overrides };
    if (parameters !== undefined) {
      const settings: JsonObject = {
        parameters: storedRun.parameters.map(({ name, value }) => ({ name, default: value })),
      };
      const defaults = new Map(storedRun.parameters.map((item) => [item.name, item.default]));
      storedRun.parameters = parametersOf(settings, parameters).map(({ name, value }) => {
        const defaultValue = defaults.get(name);
        return defaultValue === undefined
          ? { name, value }
          : { name, default: defaultValue, value };
      });
    }
    id = repair(storedRun, keys, now, host);
  });
  await service.runs.flush();
  return { repair_id: id };
}

/**
 * Repairs all failed tasks and their dependants. Used by the button on the run's page.
 * @throws 400 for an active run, or a run without failed tasks
 */
export async function repairFailed(service: JobsService, run: Run): Promise<void> {
  if (!isTerminal(run.life))
    throw new WorkspaceError(
      "INVALID_STATE",
      `Run ${run.run_id} is active and cannot be repaired.`,
    );
  const keys = keysToRerun(
    run,
    new Fields({ rerun_all_failed_tasks: true, rerun_dependent_tasks: true }),
  );
  service.runs.change(run, (storedRun, now, host) => void repair(storedRun, keys, now, host));
  await service.runs.flush();
}

/** Returns the keys of the tasks that a repair runs again. */
function keysToRerun(run: Run, input: Fields): Set<string> {
  const requestedKeys = input.optionalStrings("rerun_tasks");
  const rerunsFailed = input.boolean("rerun_all_failed_tasks", false);
  if ((requestedKeys !== undefined && requestedKeys.length > 0) === rerunsFailed)
    throw invalid("A repair needs either rerun_tasks or rerun_all_failed_tasks.");
  const keys = new Set<string>(requestedKeys);
  for (const key of keys)
    if (!run.tasks.some((task) => task.key === key))
      throw invalid(`Run ${run.run_id} has no task '${key.slice(0, 200)}'.`);
  if (rerunsFailed)
    for (const task of run.tasks) if (isFailure(latest(task).result)) keys.add(task.key);
  if (keys.size === 0) throw invalid(`Run ${run.run_id} has no failed tasks.`);
  if (input.boolean("rerun_dependent_tasks", false))
    for (let size = -1; size !== keys.size;) {
      size = keys.size;
      for (const task of run.tasks)
        if (
          asArray(task.spec.depends_on).some((item) => keys.has(asText(asObject(item)?.task_key)))
        )
          keys.add(task.key);
    }
  return keys;
}
