import type { JsonObject } from "../../src/workspace/errors";
import { asId, guideJob, notebook } from "./jobs-support";
import {
  clusterSpec,
  getCluster,
  getRun,
  listClusters,
  runNewJob,
  server,
  useWorkspacePerTest,
} from "./run-clusters-lab";

useWorkspacePerTest();

const getTasks = async (id: string): Promise<JsonObject[]> =>
  (await getRun(id)).tasks as JsonObject[];
const createCluster = async (overrides: JsonObject = {}): Promise<string> =>
  asId(
    (
      await server.ok("POST", "/api/2.1/clusters/create", {
        cluster_name: "shared",
        ...clusterSpec,
        ...overrides,
      })
    ).cluster_id,
  );

describe("a run's own clusters", () => {
  it("start with the run, are shared by its tasks, and end with it", async () => {
    const id = await runNewJob(guideJob);
    const [jobCluster] = await listClusters();
    expect(jobCluster).toMatchObject({
      state: "PENDING",
      cluster_source: "JOB",
      spark_version: "12.2.x-scala2.12",
      num_workers: 2,
      cluster_name: expect.stringMatching(/^job-\d+-run-\d+-shared_cluster$/) as string,
      default_tags: { RunName: "daily-etl-pipeline" },
    });
    await server.advance(300);
    expect((await getCluster(jobCluster?.cluster_id)).state).toBe("RUNNING");
    await server.advance("10s");
    const tasks = await getTasks(id);
    expect(tasks.map((task) => (task.cluster_instance as JsonObject).cluster_id)).toEqual([
      jobCluster?.cluster_id,
      jobCluster?.cluster_id,
    ]);
    expect(await getCluster(jobCluster?.cluster_id)).toMatchObject({
      state: "TERMINATED",
      termination_reason: { code: "JOB_FINISHED", type: "SUCCESS" },
    });
  });

  it("are replaced by new ones in a repair", async () => {
    const id = await runNewJob(guideJob);
    await server.advance("10s");
    await server.ok("POST", "/api/2.2/jobs/runs/repair", {
      run_id: Number(id),
      rerun_tasks: ["transform"],
    });
    expect((await listClusters()).map(({ state }) => state)).toEqual(["PENDING", "TERMINATED"]);
  });

  it("cannot be started or edited", async () => {
    await runNewJob(guideJob);
    const [jobCluster] = await listClusters();
    await server.advance("10s");
    for (const action of ["start", "edit"])
      expect(
        await server.call("POST", `/api/2.1/clusters/${action}`, {
          cluster_id: asId(jobCluster?.cluster_id),
          ...clusterSpec,
        }),
      ).toMatchObject({
        status: 400,
        body: {
          message: `Cannot ${action} cluster ${asId(jobCluster?.cluster_id)} created by JobLauncher`,
        },
      });
  });

  it("start and end with each attempt of a task that has a new_cluster", async () => {
    await server.ok("POST", "/_lakeform/outcomes", { task: "a", attempt: 0, result: "FAILED" });
    const id = await runNewJob({
      name: "retried",
      tasks: [
        notebook("a", [], {
          new_cluster: clusterSpec,
          max_retries: 1,
          min_retry_interval_millis: 5000,
        }),
        notebook("b", ["a"]),
      ],
    });
    await server.advance(1000);
    expect((await listClusters()).map(({ state }) => state)).toEqual(["TERMINATED"]);
    await server.advance(4700);
    expect((await listClusters()).map(({ state }) => state)).toEqual(["RUNNING", "TERMINATED"]);
    await server.advance("10s");
    expect(await getRun(id)).toMatchObject({ state: { result_state: "SUCCESS" } });
    expect((await listClusters()).map(({ state }) => state)).toEqual(["TERMINATED", "TERMINATED"]);
  });

  it("are terminated when the run is canceled", async () => {
    const id = await runNewJob(guideJob);
    await server.ok("POST", "/api/2.2/jobs/runs/cancel", { run_id: Number(id) });
    await server.advance("10s");
    expect((await listClusters()).map(({ state }) => state)).toEqual(["TERMINATED"]);
  });

  it("have the default values of their policy on request, which no call returns", async () => {
    const definition = JSON.stringify({
      spark_version: { type: "unlimited", defaultValue: "15.4.x-scala2.12" },
      node_type_id: { type: "unlimited", defaultValue: "i3.xlarge" },
    });
    const policy = { name: "defaults", definition };
    const { policy_id } = await server.ok("POST", "/api/2.0/policies/clusters/create", policy);
    const new_cluster = { policy_id, num_workers: 1, apply_policy_default_values: true };
    const id = await runNewJob({
      name: "with defaults",
      job_clusters: [{ job_cluster_key: "shared", new_cluster }],
      tasks: [
        notebook("shared", [], { job_cluster_key: "shared" }),
        notebook("own", [], { new_cluster }),
        {
          task_key: "loop",
          for_each_task: { inputs: "[1]", task: notebook("nested", [], { new_cluster }) },
        },
      ],
    });
    await server.advance("10s");
    const run = await getRun(id);
    expect(run).toMatchObject({ state: { result_state: "SUCCESS" } });
    expect(await listClusters()).toHaveLength(3);
    for (const cluster of await listClusters())
      expect(cluster).toMatchObject({
        spark_version: "15.4.x-scala2.12",
        node_type_id: "i3.xlarge",
      });
    const job = await server.ok("GET", `/api/2.2/jobs/get?job_id=${asId(run.job_id)}`);
    for (const response of [run, job, ...(await listClusters())])
      expect(JSON.stringify(response)).not.toContain("apply_policy_default_values");
  });

  it("fail the run at its start if they are invalid", async () => {
    const { node_type_id: _type, ...poolSpec } = clusterSpec;
    const runId = await runNewJob({
      name: "no pool",
      tasks: [notebook("a", [], { new_cluster: { ...poolSpec, instance_pool_id: "gone" } })],
    });
    expect(await getRun(runId)).toMatchObject({
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
    const id = await runNewJob(guideJob);
    const [jobCluster] = await listClusters();
    await server.ok("POST", "/api/2.1/clusters/delete", {
      cluster_id: asId(jobCluster?.cluster_id),
    });
    expect(await getRun(id)).toMatchObject({
      state: { result_state: "FAILED" },
      tasks: [
        {
          state: {
            state_message: `Cluster '${asId(jobCluster?.cluster_id)}' was terminated. Reason: USER_REQUEST (SUCCESS)`,
          },
        },
        {},
      ],
    });
  });

  it("are all listed while they run, and the last 30 of them after they have terminated", async () => {
    for (let index = 0; index < 35; index++) await runNewJob({ ...guideJob, name: `job ${index}` });
    expect((await server.ok("GET", "/api/2.0/clusters/list")).clusters).toHaveLength(35);
    await server.advance("10s");
    expect((await server.ok("GET", "/api/2.0/clusters/list")).clusters).toHaveLength(30);
    expect(
      (await server.ok("GET", "/api/2.1/clusters/list?filter_by.cluster_sources=API")).clusters,
    ).toEqual([]);
  });
});

describe("an existing cluster", () => {
  it("is started by the run if necessary, and is not idle while a task runs on it", async () => {
    const id = await createCluster({ autotermination_minutes: 10 });
    await server.ok("POST", "/api/2.1/clusters/delete", { cluster_id: id });
    await server.advance("1h");
    expect((await getCluster(id)).state).toBe("TERMINATED");
    await server.ok("POST", "/_lakeform/outcomes", { task: "long", duration: "1h" });
    await server.ok("PUT", "/_lakeform/timing", { cluster_start_ms: 60_000 });
    const runId = await runNewJob({
      name: "long",
      tasks: [notebook("long", [], { existing_cluster_id: id })],
    });
    expect((await getCluster(id)).state).toBe("PENDING");
    await server.advance("59s");
    expect(await getTasks(runId)).toMatchObject([
      { state: { life_cycle_state: "PENDING", state_message: "Waiting for cluster" } },
    ]);
    await server.advance("2s");
    expect(await getTasks(runId)).toMatchObject([
      { state: { life_cycle_state: "RUNNING" }, cluster_instance: { cluster_id: id } },
    ]);
    await server.advance("30m");
    expect((await getCluster(id)).state).toBe("RUNNING");
    await server.advance("31m");
    expect(await getRun(runId)).toMatchObject({ state: { result_state: "SUCCESS" } });
    expect((await getCluster(id)).state).toBe("RUNNING");
    await server.advance("10m");
    expect(await getCluster(id)).toMatchObject({
      state: "TERMINATED",
      termination_reason: { code: "INACTIVITY" },
    });
  });

  it("is rejected if it does not exist, is a job cluster, or the caller has no permission", async () => {
    const task = (existing_cluster_id: string): JsonObject => ({
      tasks: [notebook("a", [], { existing_cluster_id })],
    });
    expect(await server.call("POST", "/api/2.2/jobs/runs/submit", task("gone"))).toMatchObject({
      status: 400,
      body: { error_code: "INVALID_PARAMETER_VALUE", message: "Cluster gone does not exist" },
    });
    expect(await getRun(await runNewJob({ name: "gone", ...task("gone") }))).toMatchObject({
      tasks: [
        {
          state: {
            result_state: "FAILED",
            state_message: expect.stringContaining("Cluster gone does not exist") as string,
          },
        },
      ],
    });
    await runNewJob(guideJob);
    const [jobCluster] = await listClusters();
    expect(
      await server.call("POST", "/api/2.2/jobs/create", task(asId(jobCluster?.cluster_id))),
    ).toMatchObject({
      status: 400,
      body: { message: "existing_cluster_id only supports all-purpose cluster IDs" },
    });
    const clusterId = await createCluster();
    const { token_value } = await server.ok("POST", "/_lakeform/tokens", {
      user: "bob@example.com",
    });
    expect(
      await server.call("POST", "/api/2.2/jobs/create", task(clusterId), asId(token_value)),
    ).toMatchObject({ status: 403 });
    await server.ok("PATCH", `/api/2.0/permissions/clusters/${clusterId}`, {
      access_control_list: [{ user_name: "bob@example.com", permission_level: "CAN_ATTACH_TO" }],
    });
    expect(
      await server.call("POST", "/api/2.2/jobs/create", task(clusterId), asId(token_value)),
    ).toMatchObject({ status: 200 });
  });
});
