import type { Id } from "../api";
import { isConnectionError, isNotFound, type ReadClient } from "../api";
import { isFinished, RunsReader, type Run } from "../api/families/runs";
import { defined } from "../defined";
import { LakeformError } from "../errors";

export interface WatchOptions {
  /** Called with the first state, and whenever the state of the run or a task has changed. */
  readonly onChange?: (run: Run) => void;
  readonly signal?: AbortSignal;
  /** Timeout in milliseconds. @default no timeout */
  readonly timeoutMs?: number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly now: () => number;
}

const firstPollMs = 300;
const longestPollMs = 5000;

/**
 * Waits until a run is finished. Polls often while states change, rarely while they do not.
 * @returns the last state; the run is unfinished if `signal` was aborted
 * @throws LakeformError RUN_NOT_FINISHED at the timeout (the run continues), UNKNOWN_RUN
 */
export async function watchRun(client: ReadClient, runId: Id, options: WatchOptions): Promise<Run> {
  const started = options.now();
  let pause = firstPollMs;
  let lastState = "";
  for (;;) {
    const run = await getRun(client, runId, options.signal).catch((error: unknown) => {
      if (isConnectionError(error) && error.code === "DEADLINE_EXCEEDED")
        throw notFinished(runId, "could not read its last state");
      throw error;
    });
    const state = fingerprint(run);
    if (state !== lastState) options.onChange?.(run);
    if (isFinished(run.state) || isStopped(options)) return run;
    pause = state === lastState ? Math.min(longestPollMs, pause * 1.4) : firstPollMs;
    lastState = state;
    const remainingMs =
      options.timeoutMs === undefined ? Infinity : options.timeoutMs - (options.now() - started);
    if (remainingMs <= 0)
      throw notFinished(runId, run.state?.life_cycle_state ?? "in an unknown state");
    await options.sleep(Math.min(pause, remainingMs), options.signal);
    if (isStopped(options)) return run;
  }
}

function notFinished(runId: Id, state: string): LakeformError {
  return new LakeformError(
    "RUN_NOT_FINISHED",
    "timed out waiting for the run; it is still running",
    {
      value: `run ${runId}, ${state}`,
      fix: `watch it: lakeform runs show ${runId} --follow; or end it: lakeform runs cancel ${runId}`,
    },
  );
}

const isStopped = (options: WatchOptions): boolean => options.signal?.aborted === true;

/**
 * Reads one run. If it does not exist, the error suggests that it may belong to another workspace.
 * @throws LakeformError UNKNOWN_RUN
 */
export async function getRun(
  client: ReadClient,
  runId: Id,
  signal?: AbortSignal,
  includeHistory = false,
): Promise<Run> {
  try {
    return await new RunsReader(client).get(runId, { includeHistory, ...defined({ signal }) });
  } catch (error) {
    if (!isNotFound(error)) throw error;
    throw new LakeformError("UNKNOWN_RUN", "no such run in this workspace", {
      value: `run ${runId} at ${client.host}`,
      fix: "a run belongs to one workspace: name the right one with --on, --profile or --host; runs are kept for 60 days",
      cause: error,
    });
  }
}

function fingerprint(run: Run): string {
  const parts = [
    run.state,
    ...(run.tasks ?? []).map((task) => [task.task_key, task.state, task.attempt_number]),
  ];
  return JSON.stringify(parts);
}
