import type { JsonObject } from "../errors";
import type { Compute } from "./run-clusters";
import { asArray, asNumber, asText } from "./json";
import {
  latest,
  isTerminal,
  type Attempt,
  type AttemptResult,
  type Outcome,
  type Progress,
  type Result,
  type Run,
  type TaskRun,
  type TerminationCode,
} from "./run-model";

/** The operations outside of the run that the engine needs. */
export interface EngineHost {
  nextId(): number;
  /** Returns the scripted outcome of this attempt. */
  outcome(run: Run, task: TaskRun, attempt: Attempt): Outcome;
  /** Returns the compute of the task, and starts a cluster for the run if none exists yet. */
  assignCluster(run: Run, task: TaskRun, attempt: Attempt, setup_ms: number): Compute;
  /** Starts the process of an executed attempt. */
  launch(run: Run, task: TaskRun, attempt: Attempt): void;
  /** Returns the result of the process; undefined while it is running. */
  findResult(attempt: Attempt): AttemptResult | undefined;
  /** Starts the child run of a run_job_task. */
  startChild(
    run: Run,
    attempt: Attempt,
    task: JsonObject,
  ): { readonly run_id: number } | { readonly error: string };
  childProgress(run_id: number): Progress | undefined;
  cancelChild(run_id: number): void;
  readonly workspace: { readonly id: string; readonly url: string };
  /** How long an attempt stays in TERMINATING, in milliseconds. */
  readonly terminating_ms: number;
}

/**
 * The context of one step. `tasks` contains all tasks of the run, by key; it is empty where no
 * dependencies are evaluated.
 */
export interface Env {
  readonly run: Run;
  readonly now: number;
  readonly host: EngineHost;
  readonly tasks: ReadonlyMap<string, TaskRun>;
}

/**
 * Cancels a task or lets it time out. A blocked task ends immediately, an active one after some time
 * in TERMINATING.
 */
export function stop(env: Env, task: TaskRun, reason: "CANCELED" | "TIMEDOUT"): void {
  const attempt = latest(task);
  if (isTerminal(attempt.life) || attempt.life === "TERMINATING") return;
  if (attempt.life === "BLOCKED") {
    const waitsForTasks = asArray(task.spec.depends_on).length > 0 && env.run.life !== "QUEUED";
    end(
      attempt,
      env.now,
      waitsForTasks
        ? {
            life: "SKIPPED",
            result: "UPSTREAM_CANCELED",
            code: "SKIPPED",
            message: "An upstream task was canceled.",
          }
        : stopEnding(reason),
    );
    return;
  }
  for (const iteration of attempt.iterations ?? []) stop(env, iteration, reason);
  if (attempt.child_run_id !== undefined) env.host.cancelChild(attempt.child_run_id);
  attempt.life = "TERMINATING";
  attempt.stopping = reason;
  attempt.message = reason === "CANCELED" ? "Cancelling run" : "Terminating the run";
  attempt.due = env.now + env.host.terminating_ms;
}

/** Returns how an attempt ends that was canceled or exceeded a time limit. */
export const stopEnding = (reason: "CANCELED" | "TIMEDOUT"): Ending =>
  reason === "CANCELED"
    ? {
        life: "TERMINATED",
        result: "CANCELED",
        code: "USER_CANCELED",
        message: "Run cancelled.",
        cancelled: true,
      }
    : {
        life: "TERMINATED",
        result: "TIMEDOUT",
        code: "CANCELED",
        message: "Run timed out.",
        cancelled: true,
      };

/** The fields of a run or attempt that are set when it ends. */
export type Ending = Pick<Progress, "life" | "result" | "message" | "code" | "cancelled">;

/** Ends a run or an attempt. */
export function end(progress: Progress & { due?: number }, now: number, ending: Ending): void {
  Object.assign(progress, ending);
  if (progress.executing !== undefined) progress.executed ??= now;
  progress.start ??= now;
  progress.end = now;
  delete progress.due;
}

export function succeed(env: Env, attempt: Attempt): void {
  end(attempt, env.now, { life: "TERMINATED", result: "SUCCESS", code: "SUCCESS", message: "" });
}

/**
 * Fails the attempt. A retry follows if the task's retry policy allows one, but not for an invalid
 * configuration.
 */
export function fail(
  env: Env,
  task: TaskRun,
  attempt: Attempt,
  message: string,
  code: TerminationCode,
): void {
  end(attempt, env.now, { life: "TERMINATED", result: "FAILED", code, message });
  if (code !== "INVALID_RUN_CONFIGURATION") retry(env, task, attempt);
}

/**
 * Ends an attempt whose cluster could not be started or was lost. The platform reports this as an
 * internal error.
 */
export function failWithInternalError(
  env: Env,
  task: TaskRun,
  attempt: Attempt,
  message: string,
  code: TerminationCode = "CLUSTER_ERROR",
): void {
  end(attempt, env.now, { life: "INTERNAL_ERROR", result: "FAILED", code, message });
  retry(env, task, attempt);
}

/** Ends an attempt that exceeded its timeout. */
export function timeOut(env: Env, task: TaskRun, attempt: Attempt): void {
  for (const iteration of attempt.iterations ?? []) stop(env, iteration, "TIMEDOUT");
  if (attempt.child_run_id !== undefined) env.host.cancelChild(attempt.child_run_id);
  end(attempt, env.now, {
    ...stopEnding("TIMEDOUT"),
    message: `Run timed out after ${asNumber(task.spec.timeout_seconds)} seconds.`,
  });
  if (task.spec.retry_on_timeout === true) retry(env, task, attempt);
}

/**
 * Schedules a retry. max_retries applies to the original run and to each repair separately; -1 is
 * unlimited.
 */
function retry(env: Env, task: TaskRun, attempt: Attempt): void {
  const maxRetries = asNumber(task.spec.max_retries);
  const retries = task.attempts.filter((item) => item.repair === attempt.repair).length - 1;
  if (
    (maxRetries >= 0 && retries >= maxRetries) ||
    env.run.cancel !== undefined ||
    env.run.timed_out === true
  )
    return;
  task.attempts.push({
    run_id: env.host.nextId(),
    attempt: attempt.attempt + 1,
    repair: attempt.repair,
    life: "WAITING_FOR_RETRY",
    message: "Waiting for retry",
    // An immediate retry of a task with unlimited retries would never let the clock advance.
    due:
      env.now + Math.max(asNumber(task.spec.min_retry_interval_millis), maxRetries < 0 ? 1000 : 0),
  });
}

/** Creates a task run whose first attempt is blocked. */
export function createTaskRun(spec: JsonObject, run_id: number, repair = 0): TaskRun {
  return {
    key: asText(spec.task_key),
    spec,
    attempts: [{ run_id, attempt: 0, repair, life: "BLOCKED" }],
  };
}

/** Whether a result counts as a failure, as does an absent one. */
export const isFailure = (result: Result | undefined): boolean =>
  !["SUCCESS", "SUCCESS_WITH_FAILURES", "EXCLUDED", "DISABLED"].includes(result ?? "");
