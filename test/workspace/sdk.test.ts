import type { WorkspaceClient } from "@databricks/sdk-experimental";
import { base64, serve, type Served } from "./http-client";
import { sdkClient } from "./sdk-client";

let served: Served;
let client: WorkspaceClient;
beforeAll(async () => {
  served = await serve();
  client = await sdkClient(served.workspace);
});
afterAll(() => served.workspace.close());

const given = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error("the answer lacks a field");
  return value;
};
async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

describe("the official JavaScript SDK", () => {
  it("drives clusters with its waiters, and libraries", async () => {
    const waiter = await client.clusters.create({
      cluster_name: "sdk",
      spark_version: "15.4.x-scala2.12",
      node_type_id: "i3.xlarge",
      num_workers: 1,
    });
    const cluster = await waiter.wait();
    const cluster_id = given(cluster.cluster_id);
    expect(cluster).toMatchObject({ state: "RUNNING", cluster_name: "sdk", num_workers: 1, driver_node_type_id: "i3.xlarge" });
    await client.libraries.install({ cluster_id, libraries: [{ pypi: { package: "requests" } }] });
    const statuses = await all(client.libraries.clusterStatus({ cluster_id }));
    expect(statuses.map((each) => each.library)).toEqual([{ pypi: { package: "requests" } }]);
    const stopped = await (await client.clusters.delete({ cluster_id })).wait();
    expect(stopped).toMatchObject({ state: "TERMINATED", termination_reason: { code: "USER_REQUEST" } });
    expect((await all(client.clusters.list({}))).map((each) => each.cluster_id)).toEqual([cluster_id]);
    expect((await all(client.clusters.events({ cluster_id }))).map((event) => event.type)).toEqual(["TERMINATING", "RUNNING", "CREATING"]);
    await client.clusters.permanentDelete({ cluster_id });
    await expect(client.clusters.get({ cluster_id })).rejects.toThrow(`Cluster ${cluster_id} does not exist`);
    expect(given((await client.clusters.listNodeTypes()).node_types).map((each) => each.node_type_id)).toContain("Standard_DS3_v2");
  });

  it("drives dbfs, workspace and secrets", async () => {
    await client.dbfs.put({ path: "/sdk/a.txt", contents: base64("hello"), overwrite: true });
    expect((await client.dbfs.read({ path: "/sdk/a.txt" })).data).toBe(base64("hello"));
    expect((await all(client.dbfs.list({ path: "/sdk" }))).map((file) => file.path)).toEqual(["/sdk/a.txt"]);
    await client.workspace.mkdirs({ path: "/Shared/sdk" });
    await client.workspace.import({ path: "/Shared/sdk/nb", language: "SQL", format: "SOURCE", content: base64("select 1") });
    expect(await client.workspace.getStatus({ path: "/Shared/sdk/nb" })).toMatchObject({ object_type: "NOTEBOOK", language: "SQL" });
    expect((await all(client.workspace.list({ path: "/Shared/sdk" }))).map((each) => each.path)).toEqual(["/Shared/sdk/nb"]);
    await client.secrets.createScope({ scope: "sdk" });
    await client.secrets.putSecret({ scope: "sdk", key: "k", string_value: "v" });
    expect((await client.secrets.getSecret({ scope: "sdk", key: "k" })).value).toBe(base64("v"));
    expect((await all(client.secrets.listSecrets({ scope: "sdk" }))).map((each) => each.key)).toEqual(["k"]);
  });

  it("drives tokens, warehouses and permissions", async () => {
    const token = await client.tokens.create({ comment: "sdk", lifetime_seconds: 600 });
    const id = given(given(token.token_info).token_id);
    expect((await all(client.tokens.list())).map((each) => each.token_id)).toContain(id);
    await client.tokens.delete({ token_id: id });
    const warehouse = await (await client.warehouses.create({ name: "sdk", cluster_size: "Small", max_num_clusters: 1 })).wait();
    expect(warehouse).toMatchObject({ state: "RUNNING", name: "sdk", auto_stop_mins: 120 });
    const acl = await client.permissions.set({
      request_object_type: "sql/warehouses",
      request_object_id: given(warehouse.id),
      access_control_list: [
        { user_name: "admin@lakeform.local", permission_level: "IS_OWNER" },
        { group_name: "users", permission_level: "CAN_USE" },
      ],
    });
    expect(acl).toMatchObject({ object_type: "warehouse" });
    const answer = await client.statementExecution.executeStatement({
      warehouse_id: given(warehouse.id),
      statement: "select 42 as answer",
    });
    expect(answer.result?.data_array).toEqual([["42"]]);
    await client.warehouses.delete({ id: given(warehouse.id) });
  });

  it("drives catalogs, schemas, volumes, grants, principals, repos and policies", async () => {
    await client.catalogs.create({ name: "sdk_cat", comment: "c" });
    await client.schemas.create({ catalog_name: "sdk_cat", name: "raw" });
    const volume = await client.volumes.create({ catalog_name: "sdk_cat", schema_name: "raw", name: "in", volume_type: "MANAGED" });
    expect(volume).toMatchObject({ full_name: "sdk_cat.raw.in", volume_type: "MANAGED" });
    expect((await all(client.schemas.list({ catalog_name: "sdk_cat" }))).map((each) => each.name)).toEqual(["default", "raw"]);
    // This SDK loses the body of a PATCH, so the grant is made without it.
    await served.api("PATCH", "/api/2.1/unity-catalog/permissions/schema/sdk_cat.raw", {
      changes: [{ principal: "data-team", add: ["USE_SCHEMA"] }],
    });
    expect((await client.grants.get({ securable_type: "schema", full_name: "sdk_cat.raw" })).privilege_assignments).toEqual([
      { principal: "data-team", privileges: ["USE_SCHEMA"] },
    ]);
    await client.catalogs.delete({ name: "sdk_cat", force: true });
    await expect(client.catalogs.get({ name: "sdk_cat" })).rejects.toThrow("Catalog 'sdk_cat' does not exist.");
    const policy = await client.clusterPolicies.create({ name: "sdk", definition: "{}" });
    expect((await all(client.clusterPolicies.list({}))).map((each) => each.policy_id)).toEqual([policy.policy_id]);
    const pool = await client.instancePools.create({ instance_pool_name: "sdk", node_type_id: "i3.xlarge" });
    expect(await client.instancePools.get({ instance_pool_id: given(pool.instance_pool_id) })).toMatchObject({
      state: "ACTIVE",
      enable_elastic_disk: true,
    });
    const repo = await client.repos.create({ url: "https://github.com/acme/etl.git", provider: "gitHub" });
    expect(repo).toMatchObject({ path: "/Repos/admin@lakeform.local/etl", branch: "main" });
    expect(await client.currentUser.me()).toMatchObject({ userName: "admin@lakeform.local" });
  });
});
