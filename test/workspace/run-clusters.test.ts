import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import type { JsonObject } from "../../src/workspace/errors";
import { guideJob, notebook, startTestWorkspace, asId, type TestWorkspace } from "./jobs-support";

let w: TestWorkspace;
beforeEach(async () => {
  w = await startTestWorkspace();
});
afterEach(() => w.close());

const spec = { spark_version: "15.4.x-scala2.12", node_type_id: "i3.xlarge", num_workers: 1 };
const list = async (): Promise<JsonObject[]> =>
  ((await w.ok("GET", "/api/2.1/clusters/list")).clusters ?? []) as JsonObject[];
const cluster = (id: unknown): Promise<JsonObject> =>
  w.ok("GET", `/api/2.1/clusters/get?cluster_id=${String(id)}`);
const start = async (settings: JsonObject): Promise<string> =>
  asId(
    (
      await w.ok("POST", "/api/2.2/jobs/run-now", {
        job_id: (await w.ok("POST", "/api/2.2/jobs/create", settings)).job_id,
      })
    ).run_id,
  );
const run = (id: string): Promise<JsonObject> => w.ok("GET", `/api/2.2/jobs/runs/get?run_id=${id}`);
const tasks = async (id: string): Promise<JsonObject[]> => (await run(id)).tasks as JsonObject[];
const allPurpose = async (more: JsonObject = {}): Promise<string> =>
  asId(
    (await w.ok("POST", "/api/2.1/clusters/create", { cluster_name: "shared", ...spec, ...more }))
      .cluster_id,
  );

describe("a run's own clusters", () => {
  it("start with the run, are shared by its tasks, and end with it", async () => {
    const id = await start(guideJob);
    const [made] = await list();
    expect(made).toMatchObject({
      state: "PENDING",
      cluster_source: "JOB",
      spark_version: "12.2.x-scala2.12",
      num_workers: 2,
      cluster_name: expect.stringMatching(/^job-\d+-run-\d+-shared_cluster$/) as string,
      default_tags: { RunName: "daily-etl-pipeline" },
    });
    await w.advance(300);
    expect((await cluster(made?.cluster_id)).state).toBe("RUNNING");
    await w.advance("10s");
    const both = await tasks(id);
    expect(both.map((task) => (task.cluster_instance as JsonObject).cluster_id)).toEqual([
      made?.cluster_id,
      made?.cluster_id,
    ]);
    expect(await cluster(made?.cluster_id)).toMatchObject({
      state: "TERMINATED",
      termination_reason: { code: "JOB_FINISHED", type: "SUCCESS" },
    });
    // A repair starts a new one.
    await w.ok("POST", "/api/2.2/jobs/runs/repair", {
      run_id: Number(id),
      rerun_tasks: ["transform"],
    });
    expect((await list()).filter(({ state }) => state === "PENDING")).toHaveLength(1);
    for (const action of ["start", "edit"])
      expect(
        await w.call("POST", `/api/2.1/clusters/${action}`, {
          cluster_id: asId(made?.cluster_id),
          ...spec,
        }),
      ).toMatchObject({
        status: 400,
        body: {
          message: `Cannot ${action} cluster ${asId(made?.cluster_id)} created by JobLauncher`,
        },
      });
  });

  it("start and end with each attempt of a task that has a new_cluster", async () => {
    await w.ok("POST", "/_lakeform/outcomes", { task: "a", attempt: 0, result: "FAILED" });
    const id = await start({
      name: "own",
      tasks: [
        notebook("a", [], { new_cluster: spec, max_retries: 1, min_retry_interval_millis: 5000 }),
        notebook("b", ["a"]),
      ],
    });
    await w.advance(1000);
    expect((await list()).map(({ state }) => state)).toEqual(["TERMINATED"]);
    await w.advance(4700);
    expect((await list()).map(({ state }) => state)).toEqual(["RUNNING", "TERMINATED"]);
    await w.advance("10s");
    expect(await run(id)).toMatchObject({ state: { result_state: "SUCCESS" } });
    expect((await list()).map(({ state }) => state)).toEqual(["TERMINATED", "TERMINATED"]);
  });

  it("are terminated when the run is cancelled, and rejected at the start of the run if they are invalid", async () => {
    const id = await start(guideJob);
    await w.ok("POST", "/api/2.2/jobs/runs/cancel", { run_id: Number(id) });
    await w.advance("10s");
    expect((await list()).map(({ state }) => state)).toEqual(["TERMINATED"]);
    const bad = await start({
      name: "no pool",
      tasks: [notebook("a", [], { new_cluster: { ...spec, instance_pool_id: "gone" } })],
    });
    expect(await run(bad)).toMatchObject({
      state: { life_cycle_state: "INTERNAL_ERROR", result_state: "FAILED" },
      tasks: [
        {
          state: {
            life_cycle_state: "INTERNAL_ERROR",
            state_message: expect.stringContaining("Can't find an instance pool") as string,
          },
          status: { termination_details: { code: "CLUSTER_ERROR" } },
        },
      ],
    });
  });

  it("fail their tasks when they are terminated", async () => {
    const id = await start(guideJob);
    const [made] = await list();
    await w.ok("POST", "/api/2.1/clusters/delete", { cluster_id: asId(made?.cluster_id) });
    expect(await run(id)).toMatchObject({
      state: { result_state: "FAILED" },
      tasks: [
        {
          state: {
            state_message: `Cluster '${asId(made?.cluster_id)}' was terminated. Reason: USER_REQUEST (SUCCESS)`,
          },
        },
        {},
      ],
    });
  });

  it("survive a restart of the workspace, and end with the run after it", async () => {
    const data = fs.mkdtempSync(path.join(os.tmpdir(), "lakeform-run-clusters-"));
    try {
      await w.close();
      w = await startTestWorkspace({ data });
      const id = await start(guideJob);
      const [made] = await list();
      await w.close();
      w = await startTestWorkspace({ data }, { manual: false });
      expect(await cluster(made?.cluster_id)).toMatchObject({
        state: "PENDING",
        cluster_source: "JOB",
      });
      await w.advance("10s");
      expect(await run(id)).toMatchObject({ state: { result_state: "SUCCESS" } });
      expect((await list()).map(({ cluster_id, state }) => [cluster_id, state])).toEqual([
        [made?.cluster_id, "TERMINATED"],
      ]);
    } finally {
      fs.rmSync(data, { recursive: true, force: true });
    }
  });

  it("are listed while they run; of terminated ones, the last 30 are listed", async () => {
    for (let index = 0; index < 35; index++) await start({ ...guideJob, name: `job ${index}` });
    expect((await w.ok("GET", "/api/2.0/clusters/list")).clusters).toHaveLength(35);
    await w.advance("10s");
    expect((await w.ok("GET", "/api/2.0/clusters/list")).clusters).toHaveLength(30);
    expect(
      (await w.ok("GET", "/api/2.1/clusters/list?filter_by.cluster_sources=API")).clusters,
    ).toEqual([]);
  });
});

describe("an existing cluster", () => {
  it("is started by the run if necessary, and is not idle while a task runs on it", async () => {
    const id = await allPurpose({ autotermination_minutes: 10 });
    await w.ok("POST", "/api/2.1/clusters/delete", { cluster_id: id });
    await w.advance("1h");
    expect((await cluster(id)).state).toBe("TERMINATED");
    await w.ok("POST", "/_lakeform/outcomes", { task: "long", duration: "1h" });
    await w.ok("PUT", "/_lakeform/timing", { cluster_start_ms: 60_000 });
    const started = await start({
      name: "on it",
      tasks: [notebook("long", [], { existing_cluster_id: id })],
    });
    expect((await cluster(id)).state).toBe("PENDING");
    await w.advance("59s");
    expect(await tasks(started)).toMatchObject([
      { state: { life_cycle_state: "PENDING", state_message: "Waiting for cluster" } },
    ]);
    await w.advance("2s");
    expect(await tasks(started)).toMatchObject([
      { state: { life_cycle_state: "RUNNING" }, cluster_instance: { cluster_id: id } },
    ]);
    await w.advance("30m");
    expect((await cluster(id)).state).toBe("RUNNING");
    await w.advance("31m");
    expect(await run(started)).toMatchObject({ state: { result_state: "SUCCESS" } });
    expect((await cluster(id)).state).toBe("RUNNING");
    await w.advance("10m");
    expect(await cluster(id)).toMatchObject({
      state: "TERMINATED",
      termination_reason: { code: "INACTIVITY" },
    });
  });

  it("is rejected if it does not exist, is a job cluster, or the caller has no permission", async () => {
    const task = (existing_cluster_id: string): JsonObject => ({
      tasks: [notebook("a", [], { existing_cluster_id })],
    });
    expect(await w.call("POST", "/api/2.2/jobs/runs/submit", task("gone"))).toMatchObject({
      status: 400,
      body: { error_code: "INVALID_PARAMETER_VALUE", message: "Cluster gone does not exist" },
    });
    expect(await run(await start({ name: "gone", ...task("gone") }))).toMatchObject({
      tasks: [
        {
          state: {
            result_state: "FAILED",
            state_message: expect.stringContaining("Cluster gone does not exist") as string,
          },
        },
      ],
    });
    await start(guideJob);
    const [own] = await list();
    expect(await w.call("POST", "/api/2.2/jobs/create", task(asId(own?.cluster_id)))).toMatchObject(
      {
        status: 400,
        body: { message: "existing_cluster_id only supports all-purpose cluster IDs" },
      },
    );
    const mine = await allPurpose();
    const { token_value } = await w.ok("POST", "/_lakeform/tokens", { user: "bob@example.com" });
    expect(
      await w.call("POST", "/api/2.2/jobs/create", task(mine), asId(token_value)),
    ).toMatchObject({ status: 403 });
    await w.ok("PATCH", `/api/2.0/permissions/clusters/${mine}`, {
      access_control_list: [{ user_name: "bob@example.com", permission_level: "CAN_ATTACH_TO" }],
    });
    expect(
      await w.call("POST", "/api/2.2/jobs/create", task(mine), asId(token_value)),
    ).toMatchObject({ status: 200 });
  });
});
