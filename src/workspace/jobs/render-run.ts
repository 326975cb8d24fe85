import { defined } from "../../defined";
import type { JsonObject } from "../errors";
import { pickFields } from "../rest-objects";
import { inputsOf } from "./for-each";
import { asObject, formatValue } from "./json";
import {
  kindOf,
  latest,
  isTerminal,
  type Attempt,
  type Progress,
  type Run,
  type TaskRun,
  type TerminationCode,
} from "./run-model";
import { renderNewCluster } from "./settings";

/** The state in `status` of a life-cycle state, where the names differ. */
const statusStates: Readonly<Partial<Record<Progress["life"], string>>> = {
  WAITING_FOR_RETRY: "WAITING",
  SKIPPED: "TERMINATED",
  INTERNAL_ERROR: "TERMINATED",
};

/** Returns whether a run ended as intended, or because of the client or of the platform. */
function terminationType(code: TerminationCode): string {
  if (code === "INTERNAL_ERROR") return "INTERNAL_ERROR";
  return ["SUCCESS", "SUCCESS_WITH_FAILURES", "USER_CANCELED", "SKIPPED", "DISABLED"].includes(code)
    ? "SUCCESS"
    : "CLIENT_ERROR";
}

/** Returns `state` (all versions) and its successor `status` in the platform's format. */
function renderState(
  progress: Progress,
  queued?: Run["queued"],
): { state: JsonObject; status: JsonObject } {
  const { life, result, message = "", code } = progress;
  const state: JsonObject = {
    life_cycle_state: life,
    ...defined({ result_state: result }),
    state_message: message,
    user_cancelled_or_timedout: progress.cancelled === true,
    ...(life === "QUEUED" ? { queue_reason: queued?.message ?? message } : {}),
  };
  const status: JsonObject = {
    state: statusStates[life] ?? life,
    ...(isTerminal(life) && code !== undefined
      ? { termination_details: { code, type: terminationType(code), message } }
      : {}),
    ...(life === "QUEUED" && queued !== undefined
      ? { queue_details: { code: queued.code, message: queued.message } }
      : {}),
  };
  return { state, status };
}

/** Returns the duration of each phase in milliseconds; 0 for an unfinished phase. */
function renderDurations(progress: Progress): JsonObject {
  const { start = 0, executing, executed, end } = progress;
  return {
    start_time: start,
    setup_duration: executing === undefined ? 0 : executing - start,
    execution_duration:
      executing === undefined || executed === undefined ? 0 : executed - executing,
    cleanup_duration: executed === undefined || end === undefined ? 0 : end - executed,
    end_time: end ?? 0,
  };
}

const clusterFields = (attempt: Attempt): JsonObject =>
  attempt.cluster_id === undefined
    ? {}
    : {
        cluster_instance: {
          cluster_id: attempt.cluster_id,
          ...(attempt.executing === undefined ? {} : { spark_context_id: String(attempt.run_id) }),
        },
      };

/** The URLs of the web pages in responses. */
export interface Pages {
  /** Returns the URL of a run's page. */
  run(jobId: number, runId: number): string;
}

/**
 * Renders one attempt as an item of a run's `tasks` or `iterations`.
 * @param resolved whether to include `resolved_values`
 */
export function renderTask(
  run: Run,
  task: TaskRun,
  attempt: Attempt,
  pages: Pages,
  resolved = false,
): JsonObject {
  const kind = kindOf(task.spec);
  const spec = renderNewCluster(task.spec);
  const result: JsonObject = {
    ...spec,
    run_id: attempt.run_id,
    task_key: task.key,
    ...defined({ git_source: run.git_source }),
    ...renderState(attempt),
    run_page_url: pages.run(run.job_id, attempt.run_id),
    ...renderDurations(attempt),
    ...clusterFields(attempt),
    attempt_number: attempt.attempt,
  };
  if (attempt.outcome !== undefined)
    result.condition_task = { ...asObject(task.spec.condition_task), outcome: attempt.outcome };
  if (kind === "for_each_task")
    result.for_each_task = { ...asObject(spec.for_each_task), stats: loopStats(attempt) };
  if (attempt.child_run_id !== undefined) result.run_job_output = { run_id: attempt.child_run_id };
  if (resolved && attempt.resolved !== undefined && kind !== undefined)
    result.resolved_values = resolvedValues(kind, attempt.resolved);
  if (task.index !== undefined) result.for_each_input = formatValue(task.input);
  return result;
}

/** Returns the resolved values of the fields that contain parameters. */
function resolvedValues(kind: string, task: JsonObject): JsonObject {
  const body = asObject(task[kind]) ?? {};
  const parameterFields = [
    "base_parameters",
    "parameters",
    "named_parameters",
    "job_parameters",
    "commands",
    "left",
    "right",
  ];
  return {
    [kind]: Object.fromEntries(
      Object.entries(body).filter(([name]) => parameterFields.includes(name)),
    ),
  };
}

function loopStats(attempt: Attempt): JsonObject {
  const runs = (attempt.iterations ?? []).map(latest);
  const endedRuns = runs.filter((item) => isTerminal(item.life));
  const succeededCount = endedRuns.filter((item) => item.result === "SUCCESS").length;
  const errors = new Map<string, number>();
  for (const item of endedRuns)
    if (item.result !== "SUCCESS")
      errors.set(item.message ?? "", (errors.get(item.message ?? "") ?? 0) + 1);
  return {
    task_run_stats: {
      total_iterations: attempt.resolved === undefined ? 0 : (inputsOf(attempt)?.length ?? 0),
      scheduled_iterations: runs.length,
      active_iterations: runs.length - endedRuns.length,
      completed_iterations: endedRuns.length,
      succeeded_iterations: succeededCount,
      failed_iterations: endedRuns.length - succeededCount,
    },
    ...(errors.size === 0
      ? {}
      : {
          error_message_stats: [...errors].map(([error_message, count]) => ({
            error_message,
            count,
            termination_category: "RUN_EXECUTION_ERROR",
          })),
        }),
  };
}

/** Renders the fields of a run without its tasks. */
export function renderRun(run: Run, pages: Pages): JsonObject {
  const singleTask = run.format === "SINGLE_TASK" ? run.tasks[0] : undefined;
  const result: JsonObject = {
    job_id: run.job_id,
    run_id: run.run_id,
    number_in_job: run.run_id,
    original_attempt_run_id: run.run_id,
    creator_user_name: run.creator,
    ...renderState(run, run.queued),
    ...defined({ schedule: run.schedule, description: run.description }),
    start_time: run.start ?? 0,
    // As on the platform, only tasks have these durations; a run has run_duration.
    setup_duration: 0,
    execution_duration: 0,
    cleanup_duration: 0,
    end_time: run.end ?? 0,
    ...(run.end === undefined ? {} : { run_duration: run.end - (run.start ?? run.end) }),
    ...(run.queued === undefined || run.executing === undefined
      ? {}
      : { queue_duration: run.executing - run.queued.at }),
    trigger: run.trigger,
    ...(run.parent === undefined ? {} : { trigger_info: { run_id: run.parent.task_run_id } }),
    run_name: run.run_name,
    run_page_url: pages.run(run.job_id, run.run_id),
    run_type: run.run_type,
    format: run.format,
    attempt_number: 0,
    ...(run.parameters.length === 0
      ? {}
      : { job_parameters: run.parameters.map((parameter) => ({ ...parameter })) }),
    ...(Object.keys(run.overriding).length === 0 ? {} : { overriding_parameters: run.overriding }),
    ...defined({
      git_source: run.git_source,
      effective_performance_target: run.performance_target,
    }),
  };
  if (singleTask === undefined) return result;
  const attempt = latest(singleTask);
  return {
    ...result,
    ...taskFields(singleTask, attempt),
    ...renderDurations(attempt),
    start_time: run.start ?? 0,
    end_time: run.end ?? 0,
    attempt_number: attempt.attempt,
  };
}

/** Renders the task of a single-task run as fields of the run. */
function taskFields(task: TaskRun, attempt: Attempt): JsonObject {
  const kind = kindOf(task.spec);
  const spec = renderNewCluster(task.spec);
  return {
    ...(kind === undefined ? {} : { task: { [kind]: spec[kind] } }),
    cluster_spec: pickFields(spec, [
      "existing_cluster_id",
      "new_cluster",
      "job_cluster_key",
      "libraries",
    ]),
    ...clusterFields(attempt),
  };
}

/** Renders a task run that was requested by its own id. */
export function renderTaskRun(
  run: Run,
  task: TaskRun,
  attempt: Attempt,
  pages: Pages,
  resolved: boolean,
): JsonObject {
  const renderedRun = renderRun({ ...run, format: "MULTI_TASK", queued: undefined }, pages);
  for (const name of ["run_duration", "queue_duration", "schedule"])
    Reflect.deleteProperty(renderedRun, name);
  const renderedTask = renderTask(run, task, attempt, pages, resolved);
  const { state, status, for_each_task, condition_task, resolved_values, run_job_output } =
    renderedTask;
  return {
    ...renderedRun,
    run_id: attempt.run_id,
    job_run_id: run.run_id,
    number_in_job: run.run_id,
    original_attempt_run_id: task.attempts[0]?.run_id ?? attempt.run_id,
    task_key: task.key,
    run_name: task.key,
    state,
    status,
    run_page_url: pages.run(run.job_id, attempt.run_id),
    ...renderDurations(attempt),
    ...taskFields(task, attempt),
    ...defined({ for_each_task, condition_task, resolved_values, run_job_output }),
    attempt_number: attempt.attempt,
  };
}

/**
 * Returns the attempts to show for a run: for each task the attempts of its latest repair, or all
 * attempts with `history`.
 */
export function visibleAttempts(run: Run, history: boolean): { task: TaskRun; attempt: Attempt }[] {
  return run.tasks.flatMap((task) => {
    const repairNumber = latest(task).repair;
    return task.attempts
      .filter((attempt) => history || attempt.repair === repairNumber)
      .map((attempt) => ({ task, attempt }));
  });
}

/** Renders the original run and its repairs, oldest first. */
export function renderRepairHistory(run: Run): JsonObject[] {
  const renderItem = (
    index: number,
    progress: Progress,
    start: number,
    id?: number,
  ): JsonObject => ({
    type: index === 0 ? "ORIGINAL" : "REPAIR",
    ...defined({ id }),
    start_time: start,
    end_time: progress.end ?? 0,
    ...renderState(progress),
    task_run_ids: run.tasks.flatMap((task) =>
      task.attempts.filter((attempt) => attempt.repair === index).map((attempt) => attempt.run_id),
    ),
  });
  return [
    renderItem(0, run.original ?? run, run.start ?? 0),
    ...run.repairs.map((repair, index) =>
      renderItem(index + 1, repair.progress ?? run, repair.start, repair.id),
    ),
  ];
}
