import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { guideJob } from "./jobs-support";
import {
  getCluster,
  getRun,
  listClusters,
  replaceServer,
  runNewJob,
  server,
  useWorkspacePerTest,
} from "./run-clusters-lab";

useWorkspacePerTest();

describe("a run's own clusters", () => {
  it("survive a restart of the workspace, and end with their run", async () => {
    const data = fs.mkdtempSync(path.join(os.tmpdir(), "lakeform-run-clusters-"));
    try {
      await replaceServer({ data });
      const id = await runNewJob(guideJob);
      const [jobCluster] = await listClusters();
      // The clock is still stopped: its mode is part of the stored data.
      await replaceServer({ data }, { manualClock: false });
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
