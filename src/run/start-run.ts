import type { Id } from "../api";
import {
  isAnswerError,
  isApiError,
  isConnectionError,
  mayHaveTakenEffect,
  type Client,
} from "../api";
import type { RunNow } from "../api/families/runs";
import { Runs } from "../api/families/runs";
import { LakeformError } from "../errors";

type StartRequest = RunNow & { readonly idempotency_token: string };

const retryAdvice = ({ job_id, idempotency_token }: StartRequest): string =>
  `or retry without starting a second run: lakeform run ${job_id} with the same parameters and --idempotency-token ${idempotency_token}`;

/** Returns how to check whether a run was started, and how to retry safely. */
export const checkAdvice = (request: StartRequest): string =>
  `check with: lakeform runs list ${request.job_id} --active; ${retryAdvice(request)}`;

/**
 * Starts a job. Without a response it is unknown whether the job started: the error states this,
 * and names the command to check and the token that makes a retry safe.
 * @param job the id or name that selected the job, for the error
 * @throws LakeformError RUN_MAY_HAVE_STARTED, ApiError
 */
export async function startRun(client: Client, request: StartRequest, job: string): Promise<Id> {
  try {
    return (await new Runs(client).runNow(request)).run_id;
  } catch (error) {
    if (!(error instanceof LakeformError) || !mayHaveStarted(error)) throw error;
    throw new LakeformError(
      "RUN_MAY_HAVE_STARTED",
      `the response to run-now was lost, so the run may have started: ${error.code}, ${error.message}`,
      {
        value: `${job} at ${client.host}`,
        fix: checkAdvice(request),
        cause: error,
      },
    );
  }
}

function mayHaveStarted(error: LakeformError): boolean {
  if (isConnectionError(error))
    return !error.notSent || error.history.some((attempt) => attempt.maybeDone);
  if (isAnswerError(error))
    return (
      error.status < 300 ||
      error.status >= 500 ||
      error.history.some((attempt) => attempt.maybeDone)
    );
  return isApiError(error) && (error.status >= 500 || mayHaveTakenEffect(error));
}
