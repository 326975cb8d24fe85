import { serve, type Server } from "./http-client";

let server: Server;
beforeAll(async () => {
  server = await serve();
  await server.api("PUT", "/_lakeform/timing", { cluster_start_ms: 0 });
});
afterAll(() => server.workspace.close());

const clusterSpec = {
  spark_version: "15.4.x-scala2.12",
  node_type_id: "i3.xlarge",
  num_workers: 2,
};

async function createCluster(settings: object = {}): Promise<string> {
  const { body } = await server.api("POST", "/api/2.1/clusters/create", {
    ...clusterSpec,
    ...settings,
  });
  return String(body.cluster_id);
}

const getCluster = async (id: string): Promise<Record<string, unknown>> =>
  (await server.api("GET", `/api/2.1/clusters/get?cluster_id=${id}`)).body;

describe("clusters", () => {
  it("can be resized with CAN_MANAGE, not with CAN_RESTART", async () => {
    const { api, asUser } = server;
    const bob = await asUser("bob@example.com");
    const cluster_id = await createCluster();
    const statuses: number[] = [];
    for (const permission_level of ["CAN_RESTART", "CAN_MANAGE"]) {
      await api("PATCH", `/api/2.0/permissions/clusters/${cluster_id}`, {
        access_control_list: [{ user_name: "bob@example.com", permission_level }],
      });
      const size = { cluster_id, num_workers: 3 };
      statuses.push((await bob("POST", "/api/2.1/clusters/resize", size)).status);
    }
    expect(statuses).toEqual([403, 200]);
  });

  it("report the admin who pinned them", async () => {
    const { api, asUser } = server;
    const bob = await asUser("bob@example.com");
    const cluster_id = await createCluster();
    await api("PATCH", `/api/2.0/permissions/clusters/${cluster_id}`, {
      access_control_list: [{ user_name: "bob@example.com", permission_level: "CAN_MANAGE" }],
    });
    expect((await bob("POST", "/api/2.1/clusters/pin", { cluster_id })).status).toBe(403);
    const eve = await asUser("eve@example.com", { admin: true });
    await eve("POST", "/api/2.1/clusters/pin", { cluster_id });
    expect((await getCluster(cluster_id)).pinned_by_user_name).toBe("eve@example.com");
    await eve("POST", "/api/2.1/clusters/unpin", { cluster_id });
    expect((await getCluster(cluster_id)).pinned_by_user_name).toBeUndefined();
  });

  it("have the event TERMINATING from the start of their termination", async () => {
    const { api } = server;
    const cluster_id = await createCluster();
    await api("PUT", "/_lakeform/timing", { cluster_stop_ms: 60_000 });
    await api("POST", "/api/2.1/clusters/delete", { cluster_id });
    await api("PUT", "/_lakeform/timing", { cluster_stop_ms: 0 });
    expect((await getCluster(cluster_id)).state).toBe("TERMINATING");
    const { body } = await api("POST", "/api/2.1/clusters/events", { cluster_id });
    expect(body.events).toMatchObject([
      { type: "TERMINATING", details: { reason: { code: "USER_REQUEST" } } },
      { type: "RUNNING" },
      { type: "CREATING" },
    ]);
  });

  it("change only the nested fields in an update mask, or all fields with *", async () => {
    const { api } = server;
    const cluster_id = await createCluster({
      aws_attributes: { zone_id: "us-west-2b", first_on_demand: 1 },
      spark_conf: { "spark.a": "1" },
    });
    const update = (update_mask: string, cluster: object) =>
      api("POST", "/api/2.1/clusters/update", { cluster_id, update_mask, cluster });
    await update("aws_attributes.first_on_demand", { aws_attributes: { first_on_demand: 2 } });
    expect(await getCluster(cluster_id)).toMatchObject({
      aws_attributes: { zone_id: "us-west-2b", first_on_demand: 2 },
      spark_conf: { "spark.a": "1" },
    });
    expect((await update("spark_conf.spark.a", { spark_conf: { "spark.a": "2" } })).status).toBe(
      400,
    );
    await update("*", { ...clusterSpec, num_workers: 5 });
    const { spark_conf, num_workers } = await getCluster(cluster_id);
    expect([spark_conf, num_workers]).toEqual([undefined, 5]);
  });

  it("contain a library once, even if one call installs it twice", async () => {
    const { api } = server;
    const cluster_id = await createCluster();
    const library = { pypi: { package: "six" } };
    await api("POST", "/api/2.0/libraries/install", { cluster_id, libraries: [library, library] });
    const { body } = await api("GET", `/api/2.0/libraries/cluster-status?cluster_id=${cluster_id}`);
    expect(body.library_statuses).toHaveLength(1);
  });

  it("cannot have a node type next to a pool", async () => {
    const { api } = server;
    const pool = { instance_pool_name: "nodes", node_type_id: "i3.xlarge" };
    const { instance_pool_id } = (await api("POST", "/api/2.0/instance-pools/create", pool)).body;
    const settings = { ...clusterSpec, instance_pool_id };
    const job_clusters = [{ job_cluster_key: "shared", new_cluster: settings }];
    for (const [path, body] of [
      ["/api/2.1/clusters/create", settings],
      ["/api/2.2/jobs/create", { job_clusters }],
    ] as const)
      expect(await api("POST", path, body)).toMatchObject({
        status: 400,
        body: { message: expect.stringContaining("'node_type_id' cannot be supplied") as string },
      });
    expect(
      (await api("POST", "/api/2.1/clusters/create", { ...settings, node_type_id: "" })).status,
    ).toBe(200);
  });
});

describe("instance pools", () => {
  const create = (settings: object) =>
    server.api("POST", "/api/2.0/instance-pools/create", {
      node_type_id: "i3.xlarge",
      ...settings,
    });

  it("keep the fields that only a create sets", async () => {
    const { api } = server;
    const { instance_pool_id } = (
      await create({
        instance_pool_name: "kept",
        enable_elastic_disk: false,
        aws_attributes: { availability: "SPOT" },
      })
    ).body;
    await api("POST", "/api/2.0/instance-pools/edit", {
      instance_pool_id,
      instance_pool_name: "renamed",
      node_type_id: "i3.xlarge",
      max_capacity: 3,
      aws_attributes: { availability: "ON_DEMAND" },
    });
    const path = `/api/2.0/instance-pools/get?instance_pool_id=${String(instance_pool_id)}`;
    expect((await api("GET", path)).body).toMatchObject({
      instance_pool_name: "renamed",
      max_capacity: 3,
      enable_elastic_disk: false,
      aws_attributes: { availability: "SPOT" },
    });
  });

  it("are stored without the passwords of Docker registries, and rejected if these are malformed", async () => {
    const image = (basic_auth: unknown) => ({
      preloaded_docker_images: [{ url: "registry.example.com/a", basic_auth }],
    });
    const basicAuth = { username: "u", password: "hidden" };
    expect((await create({ instance_pool_name: "image", ...image(basicAuth) })).status).toBe(200);
    expect((await create({ instance_pool_name: "bad", ...image("u:hidden") })).status).toBe(400);
    expect((await server.api("GET", "/api/2.0/instance-pools/list")).status).toBe(200);
    const pools = server.workspace.store.collection("instance_pools").values();
    expect(JSON.stringify(pools)).not.toContain("hidden");
  });
});
