import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import type { JsonObject } from "../../src/workspace/errors";
import { guideJob, startTestWorkspace, asId, type TestWorkspace } from "./jobs-support";

let server: TestWorkspace;
beforeEach(async () => {
  server = await startTestWorkspace();
});
afterEach(() => server.close());
const listClusters = async (): Promise<JsonObject[]> =>
  ((await server.ok("GET", "/api/2.1/clusters/list")).clusters ?? []) as JsonObject[];
const getCluster = (id: unknown): Promise<JsonObject> =>
  server.ok("GET", `/api/2.1/clusters/get?cluster_id=${String(id)}`);
const runNewJob = async (settings: JsonObject): Promise<string> =>
  asId(
    (
      await server.ok("POST", "/api/2.2/jobs/run-now", {
        job_id: (await server.ok("POST", "/api/2.2/jobs/create", settings)).job_id,
      })
    ).run_id,
  );
const getRun = (id: string): Promise<JsonObject> =>
  server.ok("GET", `/api/2.2/jobs/runs/get?run_id=${id}`);

describe("a run's own clusters", () => {
  it("survive a restart of the workspace, and end with the run after it", async () => {
    const data = fs.mkdtempSync(path.join(os.tmpdir(), "lakeform-run-clusters-"));
    try {
      await server.close();
      server = await startTestWorkspace({ data });
      const id = await runNewJob(guideJob);
      const [jobCluster] = await listClusters();
      await server.close();
      server = await startTestWorkspace({ data }, { manualClock: false });
      expect(await getCluster(jobCluster?.cluster_id)).toMatchObject({
        state: "PENDING",
        cluster_source: "JOB",
      });
      await server.advance("10s");
      expect(await getRun(id)).toMatchObject({ state: { result_state: "SUCCESS" } });
      expect((await listClusters()).map(({ cluster_id, state }) => [cluster_id, state])).toEqual([
        [jobCluster?.cluster_id, "TERMINATED"],
      ]);
    } finally {
      fs.rmSync(data, { recursive: true, force: true });
    }
  });
});
