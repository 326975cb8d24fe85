/** Calls about the clusters of runs, for run-clusters.test.ts and run-clusters.long.test.ts. */
import type { JsonObject } from "../../src/workspace/errors";
import { asId, startTestWorkspace, type TestWorkspace } from "./jobs-support";

/** The workspace of the running test. */
export let server: TestWorkspace;

/** Starts a workspace for each test of the file. */
export function useWorkspacePerTest(): void {
  beforeEach(async () => {
    server = await startTestWorkspace();
  });
  afterEach(() => server.close());
}

/** Closes the workspace of the running test, and starts another one. */
export async function replaceServer(
  ...options: Parameters<typeof startTestWorkspace>
): Promise<void> {
  await server.close();
  server = await startTestWorkspace(...options);
}

export const clusterSpec = {
  spark_version: "15.4.x-scala2.12",
  node_type_id: "i3.xlarge",
  num_workers: 1,
};
export const listClusters = async (): Promise<JsonObject[]> =>
  ((await server.ok("GET", "/api/2.1/clusters/list")).clusters ?? []) as JsonObject[];
export const getCluster = (id: unknown): Promise<JsonObject> =>
  server.ok("GET", `/api/2.1/clusters/get?cluster_id=${String(id)}`);

/** Creates a job and starts it. @returns the id of the run */
export const runNewJob = async (settings: JsonObject): Promise<string> =>
  asId(
    (
      await server.ok("POST", "/api/2.2/jobs/run-now", {
        job_id: (await server.ok("POST", "/api/2.2/jobs/create", settings)).job_id,
      })
    ).run_id,
  );
export const getRun = (id: string): Promise<JsonObject> =>
  server.ok("GET", `/api/2.2/jobs/runs/get?run_id=${id}`);
