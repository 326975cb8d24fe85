import { serve, type Caller, type Server } from "./http-client";

let server: Server;
let api: Caller;
beforeAll(async () => {
  server = await serve();
  api = server.api;
  await api("POST", "/_lakeform/clock", { mode: "manual" });
});
afterAll(() => server.workspace.close());

const clusterSpec = {
  spark_version: "15.4.x-scala2.12",
  node_type_id: "i3.xlarge",
  num_workers: 1,
  autotermination_minutes: 20,
};
const advance = (time: string): Promise<unknown> =>
  api("POST", "/_lakeform/clock", { advance: time });
const createCluster = async (name: string): Promise<string> =>
  String(
    (await api("POST", "/api/2.1/clusters/create", { cluster_name: name, ...clusterSpec })).body
      .cluster_id,
  );

describe("a cluster that ended more than 30 days ago", () => {
  it("is rejected by each call with the platform's message, and omitted from lists; a pinned one is kept", async () => {
    const id = await createCluster("unpinned");
    const pinned = await createCluster("pinned");
    await api("POST", "/api/2.1/clusters/pin", { cluster_id: pinned });
    await advance("1h");
    await advance("29d");
    expect((await api("GET", `/api/2.1/clusters/get?cluster_id=${id}`)).body).toMatchObject({
      state: "TERMINATED",
    });
    await advance("2d");
    const purgedError = {
      status: 400,
      body: {
        error_code: "INVALID_STATE",
        message: `Cannot access cluster ${id} that was terminated or unpinned more than 30 days ago.`,
      },
    };
    for (const path of [
      `/api/2.1/clusters/get?cluster_id=${id}`,
      `/api/2.0/clusters/get?cluster_id=${id}`,
      `/api/2.0/libraries/cluster-status?cluster_id=${id}`,
      `/api/2.0/permissions/clusters/${id}`,
    ])
      expect(await api("GET", path)).toMatchObject(purgedError);
    for (const call of [
      "delete",
      "permanent-delete",
      "start",
      "restart",
      "edit",
      "resize",
      "pin",
      "unpin",
      "events",
    ])
      expect(
        await api("POST", `/api/2.1/clusters/${call}`, { cluster_id: id, ...clusterSpec }),
      ).toMatchObject(purgedError);
    expect(
      await api("POST", "/api/2.0/libraries/install", {
        cluster_id: id,
        libraries: [{ whl: "/a.whl" }],
      }),
    ).toMatchObject(purgedError);
    expect(
      await api("PATCH", `/api/2.0/permissions/clusters/${id}`, { access_control_list: [] }),
    ).toMatchObject(purgedError);
    const clusters = (await api("GET", "/api/2.1/clusters/list")).body.clusters as {
      cluster_id: string;
    }[];
    expect(clusters.map(({ cluster_id }) => cluster_id)).toEqual([pinned]);
    // A cluster that never existed has another error code.
    expect(await api("GET", "/api/2.1/clusters/get?cluster_id=0101-000000-none")).toMatchObject({
      status: 400,
      body: { error_code: "INVALID_PARAMETER_VALUE" },
    });

    // The 30 days of a pinned cluster start when it is unpinned.
    await api("POST", "/api/2.1/clusters/unpin", { cluster_id: pinned });
    await advance("29d");
    expect((await api("GET", `/api/2.1/clusters/get?cluster_id=${pinned}`)).status).toBe(200);
    await advance("2d");
    expect((await api("GET", `/api/2.1/clusters/get?cluster_id=${pinned}`)).body.error_code).toBe(
      "INVALID_STATE",
    );
  });

  it("cannot be used by a run", async () => {
    const id = await createCluster("for runs");
    const task = { task_key: "t", existing_cluster_id: id, notebook_task: { notebook_path: "/a" } };
    const job = (await api("POST", "/api/2.2/jobs/create", { name: "j", tasks: [task] })).body
      .job_id;
    await advance("1h");
    await advance("31d");
    const run = (await api("POST", "/api/2.2/jobs/run-now", { job_id: job })).body.run_id;
    await advance("1h");
    expect((await api("GET", `/api/2.2/jobs/runs/get?run_id=${String(run)}`)).body).toMatchObject({
      state: { result_state: "FAILED" },
    });
    expect(
      (await api("POST", "/api/2.2/jobs/runs/submit", { tasks: [task] })).body.error_code,
    ).toBe("INVALID_STATE");
  });
});

describe("fields that are accepted and never returned", () => {
  const dockerImage = {
    url: "registry.example.com/a",
    basic_auth: { username: "u", password: "not-returned" },
  };

  it("include the condition of a table update trigger, which still applies", async () => {
    const trigger = {
      table_update: { table_names: ["main.s.a", "main.s.b"], condition: "ALL_UPDATED" },
    };
    const id = (
      await api("POST", "/api/2.2/jobs/create", {
        name: "t",
        trigger,
        tasks: [{ task_key: "t", notebook_task: { notebook_path: "/a" } }],
      })
    ).body.job_id;
    await api("POST", "/api/2.2/jobs/update", { job_id: id, new_settings: { name: "u" } });
    for (const path of [
      `/api/2.2/jobs/get?job_id=${String(id)}`,
      `/api/2.1/jobs/get?job_id=${String(id)}`,
      "/api/2.2/jobs/list?name=u",
    ]) {
      const { text } = await api("GET", path);
      expect(text).toContain("main.s.b");
      expect(text).not.toContain("condition");
    }
    const runs = async (): Promise<unknown> =>
      (await api("GET", `/api/2.2/jobs/runs/list?job_id=${String(id)}`)).body.runs;
    await api("POST", "/_lakeform/arrivals", { tables: ["main.s.a"] });
    await advance("1m");
    expect(await runs()).toBeUndefined();
    await api("POST", "/_lakeform/arrivals", { tables: ["main.s.b"] });
    await advance("1m");
    expect(await runs()).toHaveLength(1);
  });

  it("include fields needed only to create a cluster, in every cluster specification", async () => {
    const cluster = {
      ...clusterSpec,
      apply_policy_default_values: true,
      idempotency_token: "once",
      docker_image: dockerImage,
    };
    const id = (
      await api("POST", "/api/2.2/jobs/create", {
        name: "c",
        job_clusters: [{ job_cluster_key: "s", new_cluster: cluster }],
        tasks: [
          { task_key: "a", job_cluster_key: "s", notebook_task: { notebook_path: "/a" } },
          { task_key: "b", new_cluster: cluster, notebook_task: { notebook_path: "/a" } },
          {
            task_key: "c",
            for_each_task: {
              inputs: "[1]",
              task: { task_key: "d", new_cluster: cluster, notebook_task: { notebook_path: "/a" } },
            },
          },
        ],
      })
    ).body.job_id;
    const clusterId = (await api("POST", "/api/2.1/clusters/create", cluster)).body.cluster_id;
    const poolId = (
      await api("POST", "/api/2.0/instance-pools/create", {
        instance_pool_name: "p",
        node_type_id: "i3.xlarge",
        preloaded_docker_images: [dockerImage],
      })
    ).body.instance_pool_id;
    for (const path of [
      `/api/2.2/jobs/get?job_id=${String(id)}`,
      `/api/2.1/clusters/get?cluster_id=${String(clusterId)}`,
      `/api/2.0/instance-pools/get?instance_pool_id=${String(poolId)}`,
    ]) {
      const { text } = await api("GET", path);
      expect(text).toContain("registry.example.com/a");
      expect(text).not.toMatch(/apply_policy|idempotency|not-returned/);
    }
  });
});
