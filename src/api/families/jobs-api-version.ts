import type { ReadClient } from "../client";
import { isApiError } from "../transport/errors";

export type JobsVersion = "2.2" | "2.1";

const known = new WeakMap<ReadClient, JobsVersion>();

/** Which version of the Jobs API a workspace has: 2.2 until it says that it has none. */
export const jobsVersion = (client: ReadClient): JobsVersion => known.get(client) ?? "2.2";

/** Makes a call of the Jobs API in 2.2, and where the workspace has no 2.2, in 2.1: found out once for each client. */
export async function withJobsVersion<T>(client: ReadClient, call: (base: string) => Promise<T>): Promise<T> {
  const version = jobsVersion(client);
  try {
    return await call(`/api/${version}/jobs`);
  } catch (error) {
    if (version !== "2.2" || !isMissingRoute(error)) throw error;
    known.set(client, "2.1");
    return call("/api/2.1/jobs");
  }
}

/** The route is unknown, which is another thing than an object that is not there. */
export function isMissingRoute(error: unknown): boolean {
  if (!isApiError(error)) return false;
  if (error.status === 501 || error.errorCode === "ENDPOINT_NOT_FOUND") return true;
  return (
    error.status === 404 &&
    error.errorCode !== "RESOURCE_DOES_NOT_EXIST" &&
    (error.errorCode === "HTTP_404" || /No API found/i.test(error.said))
  );
}
