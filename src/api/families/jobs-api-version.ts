import type { ReadClient } from "../client";
import { isApiError } from "../transport/errors";

export type JobsVersion = "2.2" | "2.1";

const versionByClient = new WeakMap<ReadClient, JobsVersion>();

/**
 * Returns the Jobs API version of a workspace: 2.2 unless the workspace has reported it as unknown.
 */
const jobsVersion = (client: ReadClient): JobsVersion => versionByClient.get(client) ?? "2.2";

/**
 * Calls the Jobs API in version 2.2, or in 2.1 if the workspace does not have the route in 2.2.
 * Once that was detected, the client uses only 2.1.
 * @param call receives the path of the Jobs API in that version
 */
export async function withJobsVersion<T>(
  client: ReadClient,
  call: (base: string) => Promise<T>,
): Promise<T> {
  const version = jobsVersion(client);
  try {
    return await call(`/api/${version}/jobs`);
  } catch (error) {
    if (version !== "2.2" || !isMissingRoute(error)) throw error;
    versionByClient.set(client, "2.1");
    return call("/api/2.1/jobs");
  }
}

/** Whether the workspace does not have the route; false if only the object is missing. */
function isMissingRoute(error: unknown): boolean {
  if (!isApiError(error)) return false;
  if (error.status === 501 || error.errorCode === "ENDPOINT_NOT_FOUND") return true;
  return (
    error.status === 404 &&
    error.errorCode !== "RESOURCE_DOES_NOT_EXIST" &&
    (error.errorCode === "HTTP_404" || /No API found/i.test(error.workspaceMessage))
  );
}
