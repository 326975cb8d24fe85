import type { JsonValue } from "../workspace/errors";
import { latest, type Run } from "../workspace/jobs/run-model";
import type { RunningWorkspace } from "../workspace/server";

/** The result of a run. */
export interface RunResult {
  readonly runId: number;
  /** The name of the run, which is that of its job by default. */
  readonly name: string;
  /** TERMINATED, SKIPPED or INTERNAL_ERROR; PENDING, RUNNING, … before the end. */
  readonly life: string;
  /** SUCCESS, FAILED, …; undefined before the end. */
  readonly result: string | undefined;
  /** The message of the run's state; "" if there is none. */
  readonly message: string;
  /** Results by task key, in the order of the job; empty before the end of the run. */
  readonly tasks: Readonly<Record<string, TaskResult>>;
  /** URL of the run's page. */
  readonly url: string;
}

/** The result of a task's last attempt. */
export interface TaskResult {
  readonly key: string;
  readonly runId: number;
  /** TERMINATED, SKIPPED or INTERNAL_ERROR; PENDING, RUNNING, … before the end. */
  readonly life: string;
  /** SUCCESS, FAILED, EXCLUDED, UPSTREAM_FAILED, …; undefined before the end. */
  readonly result: string | undefined;
  readonly message: string;
  /** The exit value of a notebook, or the scripted value. */
  readonly output: string | undefined;
  /** The text that the task has printed. */
  readonly logs: string;
  /** The message of the error with which the task failed. */
  readonly error: string | undefined;
  /** The stack trace of the error. */
  readonly trace: string | undefined;
  /** Task values that the task set. */
  readonly values: Readonly<Record<string, JsonValue>>;
  /** Number of attempts, including retries and repairs. */
  readonly attempts: number;
  /** Start time in milliseconds, by the workspace's clock. */
  readonly started: number | undefined;
  /** End time in milliseconds, by the workspace's clock. */
  readonly ended: number | undefined;
}

interface ApiCaller {
  api(method: string, route: string): Promise<unknown>;
}

interface Output {
  readonly notebook_output?: { readonly result?: string };
  readonly logs?: string;
  readonly error?: string;
  readonly error_trace?: string;
}

/** True for the life cycle states of a run or task that has ended. */
export const hasEnded = (life: string): boolean =>
  ["TERMINATED", "SKIPPED", "INTERNAL_ERROR"].includes(life);

/** Reads the current state of a run, with task outputs once it has ended. */
export async function readRun(
  client: ApiCaller,
  server: RunningWorkspace,
  runId: number,
): Promise<RunResult> {
  const run = server.run(runId);
  if (run === undefined) throw new Error(`no run ${runId}`);
  const tasks: Record<string, TaskResult> = {};
  if (hasEnded(run.life))
    for (const task of run.tasks) tasks[task.key] = await readTask(client, task);
  return {
    runId,
    name: run.run_name,
    life: run.life,
    result: run.result,
    message: run.message ?? "",
    tasks,
    url: `${server.host}/jobs/${run.job_id}/runs/${run.run_id}`,
  };
}

async function readTask(client: ApiCaller, task: Run["tasks"][number]): Promise<TaskResult> {
  const attempt = latest(task);
  const output = (await client.api(
    "GET",
    `/api/2.2/jobs/runs/get-output?run_id=${attempt.run_id}`,
  )) as Output;
  return {
    key: task.key,
    runId: attempt.run_id,
    life: attempt.life,
    result: attempt.result,
    message: attempt.message ?? "",
    output: output.notebook_output?.result,
    logs: output.logs ?? "",
    error: output.error,
    trace: output.error_trace,
    values: attempt.values ?? {},
    attempts: task.attempts.length,
    started: attempt.start,
    ended: attempt.end,
  };
}
