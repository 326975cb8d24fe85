/**
 * Starts and cancels runs after a deploy, for the deprecated `always_running` and for the
 * `control_run_state` of continuous jobs.
 */
import { listOf } from "../../api/transport/paging";
import { wholeNumber } from "../../exact-json";
import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { isConflict, isNotFound } from "../../api/transport/errors";
import type { Client } from "../../api/client";
import { LakeformError } from "../../errors";
import { idText, object, optionalText } from "../shape/json";

/**
 * Starts a run and waits until it is no longer waiting to start. (The official provider waits until
 * it has ended.)
 * @throws LakeformError RUN_FAILED if the platform could not start it
 */
export async function startRun(
  api: Client,
  jobId: number | bigint,
  signal?: AbortSignal,
): Promise<void> {
  const response = object(await requestRun(api, jobId));
  if (response["run_id"] === undefined) return;
  const runId = wholeNumber(idText(response["run_id"], "run_id"));
  await waitForState(
    api,
    runId,
    (state) => !["PENDING", "QUEUED", "BLOCKED", "INTERNAL_ERROR"].includes(state),
    signal,
  );
}

/** Cancels the job's active runs and starts a new one, so that the deployed version runs. */
export async function restartRuns(
  api: Client,
  jobId: number | bigint,
  signal?: AbortSignal,
): Promise<void> {
  await cancelRuns(api, jobId, signal);
  await startRun(api, jobId, signal);
}

/** Starts the next run of a continuous job, unless the job has already started it or is deleted. */
export async function restartContinuous(api: Client, jobId: number | bigint): Promise<void> {
  try {
    await requestRun(api, jobId);
  } catch (error) {
    if (!isConflict(error) && !isNotFound(error)) throw error;
  }
}

/** Starts a run. With its idempotency token, the call can be repeated after a lost response. */
function requestRun(api: Client, jobId: number | bigint): Promise<unknown> {
  return api.post(
    "/api/2.2/jobs/run-now",
    { job_id: jobId, idempotency_token: randomUUID() },
    { idempotent: true },
  );
}

/** Cancels the active runs of a job. */
export async function cancelRuns(
  api: Client,
  jobId: number | bigint,
  signal?: AbortSignal,
): Promise<void> {
  const query = { active_only: true, job_id: String(jobId) };
  for (const run of await listOf(api, "/api/2.2/jobs/runs/list", "runs", { query })) {
    const runId = wholeNumber(idText(run["run_id"], "run_id"));
    await api.post("/api/2.2/jobs/runs/cancel", { run_id: runId }, { idempotent: true });
    await waitForState(api, runId, (state) => finalStates.has(state), signal);
  }
}

const finalStates = new Set(["TERMINATED", "SKIPPED", "INTERNAL_ERROR"]);

/** Waits until a run has a state. Returns early, without an error, if the signal aborts. */
async function waitForState(
  api: Client,
  runId: number | bigint,
  isReached: (state: string) => boolean,
  signal?: AbortSignal,
): Promise<void> {
  for (let wait = 1000; ; wait = Math.min(wait + 1000, 10_000)) {
    const run = object(
      await api.get("/api/2.2/jobs/runs/get", { query: { run_id: String(runId) } }),
    );
    const state = object(run["state"]);
    const lifeCycleState = optionalText(state["life_cycle_state"]) ?? "";
    if (lifeCycleState === "INTERNAL_ERROR" && !isReached(lifeCycleState)) {
      throw new LakeformError(
        "RUN_FAILED",
        optionalText(state["state_message"]) ?? "the run failed",
        {
          value: `run ${runId}`,
          fix: `see why it failed: lakeform runs show ${runId}`,
        },
      );
    }
    if (isReached(lifeCycleState)) return;
    if (signal?.aborted === true) return;
    // An aborted wait rejects. The loop then reads the state once more and returns.
    await delay(wait, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
  }
}
