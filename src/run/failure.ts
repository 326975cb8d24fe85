import type { Id } from "../api";
import { isApiError, type ReadClient } from "../api";
import { isSuccess, RunsReader, type Run, type RunTask } from "../api/families/runs";
import { defined } from "../defined";

export interface TaskFailure {
  /** The task key; `key (iteration)` for a for_each task. */
  readonly task: string;
  readonly run_id: Id;
  readonly result: string;
  readonly message: string;
  /** The error raised by the task's code. */
  readonly error?: string;
  /** The last lines of the traceback or log. */
  readonly tail: readonly string[];
}

/** Results of tasks that failed themselves, and not because of an upstream task. */
const ownFailures = new Set(["FAILED", "TIMEDOUT", "CANCELED"]);
const tailLines = 20;

/**
 * Finds out why a finished run failed: each task that caused it, with the error and the end of its
 * log.
 */
export async function explainFailure(client: ReadClient, run: Run): Promise<TaskFailure[]> {
  const runs = new RunsReader(client);
  const failedTasks = latestAttempts(run.tasks ?? []).filter(
    (task) =>
      // In a cancelled run, cancelled tasks do not explain the result.
      !(run.state?.result_state === "CANCELED" && task.state?.result_state === "CANCELED") &&
      (ownFailures.has(task.state?.result_state ?? "") ||
        task.state?.life_cycle_state === "INTERNAL_ERROR"),
  );
  const failures: TaskFailure[] = [];
  for (const task of failedTasks) {
    const failedRun = await failedIteration(runs, task);
    const { error, tail } = await outputOf(runs, failedRun.run_id);
    failures.push({
      task:
        failedRun.task_key === task.task_key
          ? task.task_key
          : `${task.task_key} (${failedRun.task_key})`,
      run_id: failedRun.run_id,
      result: failedRun.state?.result_state ?? failedRun.state?.life_cycle_state ?? "FAILED",
      message: failedRun.state?.state_message ?? "",
      ...defined({ error }),
      tail,
    });
  }
  return failures;
}

/**
 * Returns the first failed iteration of a for_each task, because the task itself has no output; any
 * other task unchanged.
 */
async function failedIteration(runs: RunsReader, task: RunTask): Promise<RunTask> {
  if (task["for_each_task"] === undefined) return task;
  const { iterations } = await runs.get(task.run_id);
  return (
    iterations?.find(
      (iteration) => iteration.state?.result_state !== undefined && !isSuccess(iteration.state),
    ) ?? task
  );
}

/** Returns the error of a task's run, and the end of its traceback or log. */
async function outputOf(
  runs: RunsReader,
  runId: Id,
): Promise<{ readonly error?: string; readonly tail: readonly string[] }> {
  try {
    const output = await runs.output(runId);
    const text = output.error_trace ?? output.logs ?? "";
    const lines = text.split("\n").map((line) => line.trimEnd());
    while (lines.at(-1) === "") lines.pop();
    return {
      ...(output.error === undefined || output.error === "" ? {} : { error: output.error }),
      tail: lines.slice(-tailLines),
    };
  } catch (error) {
    // An unavailable output (expired, no permission) must not hide that the task failed.
    if (isApiError(error))
      return { error: `could not read its output: ${error.workspaceMessage}`, tail: [] };
    throw error;
  }
}

/**
 * Returns the last attempt of each task. A task that was retried or repaired appears once per
 * attempt.
 */
export function latestAttempts(tasks: readonly RunTask[]): RunTask[] {
  const lastByKey = new Map<string, RunTask>();
  for (const task of tasks) {
    const previous = lastByKey.get(task.task_key);
    if (previous === undefined || (task.attempt_number ?? 0) >= (previous.attempt_number ?? 0))
      lastByKey.set(task.task_key, task);
  }
  return [...lastByKey.values()];
}
