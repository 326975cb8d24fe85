import type { WorkspaceClient } from "@databricks/sdk-experimental";
import { base64, serve, type Server } from "./http-client";
import { sdkClient } from "./sdk-client";

let server: Server;
let client: WorkspaceClient;
beforeAll(async () => {
  server = await serve();
  client = await sdkClient(server.workspace);
  // With these timings, the SDK's waiters do not sleep between polls. jobs-sdk.test.ts tests
  // waiters that sleep.
  await server.api("PUT", "/_lakeform/timing", {
    cluster_start_ms: 0,
    cluster_stop_ms: 0,
    warehouse_start_ms: 0,
  });
});
afterAll(() => server.workspace.close());

const required = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error("the response lacks a field");
  return value;
};
async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const result: T[] = [];
  for await (const item of items) result.push(item);
  return result;
}

describe("the official JavaScript SDK", () => {
  it("manages clusters with its waiters, and libraries", async () => {
    const waiter = await client.clusters.create({
      cluster_name: "sdk",
      spark_version: "15.4.x-scala2.12",
      node_type_id: "i3.xlarge",
      num_workers: 1,
    });
    const cluster = await waiter.wait();
    const cluster_id = required(cluster.cluster_id);
    expect(cluster).toMatchObject({
      state: "RUNNING",
      cluster_name: "sdk",
      num_workers: 1,
      driver_node_type_id: "i3.xlarge",
    });
    await client.libraries.install({ cluster_id, libraries: [{ pypi: { package: "requests" } }] });
    const statuses = await collect(client.libraries.clusterStatus({ cluster_id }));
    expect(statuses.map((item) => item.library)).toEqual([{ pypi: { package: "requests" } }]);
    expect(
      (await collect(client.libraries.allClusterStatuses())).map((item) => item.cluster_id),
    ).toEqual([cluster_id]);
    await client.libraries.uninstall({
      cluster_id,
      libraries: [{ pypi: { package: "requests" } }],
    });
    expect(
      await (await client.clusters.resize({ cluster_id, num_workers: 3 })).wait(),
    ).toMatchObject({ state: "RUNNING", num_workers: 3 });
    expect(await (await client.clusters.restart({ cluster_id })).wait()).toMatchObject({
      state: "RUNNING",
    });
    await client.clusters.pin({ cluster_id });
    await client.clusters.unpin({ cluster_id });
    const stopped = await (await client.clusters.delete({ cluster_id })).wait();
    expect(stopped).toMatchObject({
      state: "TERMINATED",
      termination_reason: { code: "USER_REQUEST" },
    });
    expect((await collect(client.clusters.list({}))).map((item) => item.cluster_id)).toEqual([
      cluster_id,
    ]);
    expect(
      (await collect(client.clusters.events({ cluster_id }))).map((event) => event.type),
    ).toEqual([
      "TERMINATING",
      "RUNNING",
      "RESTARTING",
      "UPSIZE_COMPLETED",
      "RESIZING",
      "RUNNING",
      "CREATING",
    ]);
    expect(await (await client.clusters.start({ cluster_id })).wait()).toMatchObject({
      state: "RUNNING",
    });
    await client.clusters.permanentDelete({ cluster_id });
    await expect(client.clusters.get({ cluster_id })).rejects.toThrow(
      `Cluster ${cluster_id} does not exist`,
    );
    expect(
      required((await client.clusters.listNodeTypes()).node_types).map((item) => item.node_type_id),
    ).toContain("Standard_DS3_v2");
  });

  it("manages dbfs, workspace and secrets", async () => {
    await client.dbfs.put({ path: "/sdk/a.txt", contents: base64("hello"), overwrite: true });
    expect((await client.dbfs.read({ path: "/sdk/a.txt" })).data).toBe(base64("hello"));
    expect((await collect(client.dbfs.list({ path: "/sdk" }))).map((file) => file.path)).toEqual([
      "/sdk/a.txt",
    ]);
    await client.dbfs.mkdirs({ path: "/sdk/sub" });
    await client.dbfs.move({ source_path: "/sdk/a.txt", destination_path: "/sdk/sub/b.txt" });
    const { handle } = await client.dbfs.create({ path: "/sdk/c.txt", overwrite: true });
    await client.dbfs.addBlock({ handle: required(handle), data: base64("block") });
    await client.dbfs.close({ handle: required(handle) });
    expect((await client.dbfs.getStatus({ path: "/sdk/c.txt" })).file_size).toBe(5);
    await client.dbfs.delete({ path: "/sdk", recursive: true });
    await client.workspace.mkdirs({ path: "/Shared/sdk" });
    await client.workspace.import({
      path: "/Shared/sdk/nb",
      language: "SQL",
      format: "SOURCE",
      content: base64("select 1"),
    });
    expect(await client.workspace.getStatus({ path: "/Shared/sdk/nb" })).toMatchObject({
      object_type: "NOTEBOOK",
      language: "SQL",
    });
    expect(
      (await collect(client.workspace.list({ path: "/Shared/sdk" }))).map((item) => item.path),
    ).toEqual(["/Shared/sdk/nb"]);
    expect(
      (await client.workspace.export({ path: "/Shared/sdk/nb", format: "SOURCE" })).content,
    ).toBe(base64("-- Databricks notebook source\nselect 1"));
    await client.workspace.delete({ path: "/Shared/sdk", recursive: true });
    await client.secrets.createScope({ scope: "sdk" });
    await client.secrets.putSecret({ scope: "sdk", key: "k", string_value: "v" });
    expect((await client.secrets.getSecret({ scope: "sdk", key: "k" })).value).toBe(base64("v"));
    expect(
      (await collect(client.secrets.listSecrets({ scope: "sdk" }))).map((item) => item.key),
    ).toEqual(["k"]);
    await client.secrets.putAcl({ scope: "sdk", principal: "users", permission: "READ" });
    expect(
      (await collect(client.secrets.listAcls({ scope: "sdk" })))
        .map((acl) => acl.permission)
        .sort(),
    ).toEqual(["MANAGE", "READ"]);
    await client.secrets.deleteAcl({ scope: "sdk", principal: "users" });
    await client.secrets.deleteSecret({ scope: "sdk", key: "k" });
    await client.secrets.deleteScope({ scope: "sdk" });
    expect(await collect(client.secrets.listScopes())).toEqual([]);
  });

  it("manages tokens, warehouses and permissions", async () => {
    const token = await client.tokens.create({ comment: "sdk", lifetime_seconds: 600 });
    const id = required(required(token.token_info).token_id);
    expect((await collect(client.tokens.list())).map((item) => item.token_id)).toContain(id);
    expect((await collect(client.tokenManagement.list({}))).map((item) => item.token_id)).toContain(
      id,
    );
    expect((await client.tokenManagement.get({ token_id: id })).token_info?.comment).toBe("sdk");
    await client.tokens.delete({ token_id: id });
    const warehouse = await (
      await client.warehouses.create({ name: "sdk", cluster_size: "Small", max_num_clusters: 1 })
    ).wait();
    expect(warehouse).toMatchObject({ state: "RUNNING", name: "sdk", auto_stop_mins: 120 });
    const acl = await client.permissions.set({
      request_object_type: "sql/warehouses",
      request_object_id: required(warehouse.id),
      access_control_list: [
        { user_name: "admin@lakeform.local", permission_level: "IS_OWNER" },
        { group_name: "users", permission_level: "CAN_USE" },
      ],
    });
    expect(acl).toMatchObject({ object_type: "warehouses" });
    const response = await client.statementExecution.executeStatement({
      warehouse_id: required(warehouse.id),
      statement: "select 42 as answer",
    });
    expect(response.result?.data_array).toEqual([["42"]]);
    expect(
      await (await client.warehouses.stop({ id: required(warehouse.id) })).wait(),
    ).toMatchObject({
      state: "STOPPED",
    });
    expect(
      await (await client.warehouses.start({ id: required(warehouse.id) })).wait(),
    ).toMatchObject({ state: "RUNNING" });
    // This SDK spreads an array response into an object.
    expect(Object.values(await client.dataSources.list())).toMatchObject([
      { warehouse_id: warehouse.id },
    ]);
    await client.warehouses.delete({ id: required(warehouse.id) });
  });

  it("manages catalogs, schemas, volumes, grants, principals, repos and policies", async () => {
    await client.catalogs.create({ name: "sdk_cat", comment: "c" });
    await client.schemas.create({ catalog_name: "sdk_cat", name: "raw" });
    const volume = await client.volumes.create({
      catalog_name: "sdk_cat",
      schema_name: "raw",
      name: "in",
      volume_type: "MANAGED",
    });
    expect(volume).toMatchObject({ full_name: "sdk_cat.raw.in", volume_type: "MANAGED" });
    expect(
      (await collect(client.schemas.list({ catalog_name: "sdk_cat" }))).map((item) => item.name),
    ).toEqual(["default", "raw"]);
    // This SDK omits the body of a PATCH, so the grant is created without the SDK.
    await server.api("PATCH", "/api/2.1/unity-catalog/permissions/schema/sdk_cat.raw", {
      changes: [{ principal: "data-team", add: ["USE_SCHEMA"] }],
    });
    expect(
      (await client.grants.get({ securable_type: "schema", full_name: "sdk_cat.raw" }))
        .privilege_assignments,
    ).toEqual([{ principal: "data-team", privileges: ["USE_SCHEMA"] }]);
    expect(
      (await client.grants.getEffective({ securable_type: "volume", full_name: "sdk_cat.raw.in" }))
        .privilege_assignments,
    ).toMatchObject([{ principal: "data-team" }]);
    expect(
      (await collect(client.volumes.list({ catalog_name: "sdk_cat", schema_name: "raw" }))).map(
        (item) => item.name,
      ),
    ).toEqual(["in"]);
    expect((await client.metastores.current()).metastore_id).toBe(
      (await client.catalogs.get({ name: "sdk_cat" })).metastore_id,
    );
    await client.catalogs.delete({ name: "sdk_cat", force: true });
    await expect(client.catalogs.get({ name: "sdk_cat" })).rejects.toThrow(
      "Catalog 'sdk_cat' does not exist.",
    );
    const policy = await client.clusterPolicies.create({ name: "sdk", definition: "{}" });
    const customPolicies = (await collect(client.clusterPolicies.list({}))).filter(
      (item) => item.is_default !== true,
    );
    expect(customPolicies.map((item) => item.policy_id)).toEqual([policy.policy_id]);
    const pool = await client.instancePools.create({
      instance_pool_name: "sdk",
      node_type_id: "i3.xlarge",
    });
    expect(
      await client.instancePools.get({ instance_pool_id: required(pool.instance_pool_id) }),
    ).toMatchObject({
      state: "ACTIVE",
      enable_elastic_disk: true,
    });
    const repo = await client.repos.create({
      url: "https://github.com/acme/etl.git",
      provider: "gitHub",
    });
    expect(repo).toMatchObject({ path: "/Repos/admin@lakeform.local/etl", branch: "main" });
    await client.repos.delete({ repo_id: required(repo.id) });
    await client.clusterPolicies.edit({
      policy_id: required(policy.policy_id),
      name: "sdk2",
      definition: "{}",
    });
    expect(
      await client.clusterPolicies.get({ policy_id: required(policy.policy_id) }),
    ).toMatchObject({
      name: "sdk2",
    });
    await client.instancePools.delete({ instance_pool_id: required(pool.instance_pool_id) });
    expect(await client.currentUser.me()).toMatchObject({ userName: "admin@lakeform.local" });
  });

  it("manages files, users, groups, service principals and Git credentials", async () => {
    await client.volumes.create({
      catalog_name: "main",
      schema_name: "default",
      name: "sdk",
      volume_type: "MANAGED",
    });
    const folder = "/Volumes/main/default/sdk";
    await client.files.createDirectory({ directory_path: `${folder}/a` });
    await server.api("PUT", `/api/2.0/fs/files${folder}/a/b.txt`, "hello");
    expect(
      (await collect(client.files.listDirectoryContents({ directory_path: folder }))).map(
        (item) => item.name,
      ),
    ).toEqual(["a"]);
    await client.files.delete({ file_path: `${folder}/a/b.txt` });
    await client.files.deleteDirectory({ directory_path: `${folder}/a` });
    const user = await client.usersV2.create({ userName: "sdk@example.com" });
    const group = await client.groupsV2.create({
      displayName: "sdk",
      members: [{ value: required(user.id) }],
    });
    const principal = await client.servicePrincipalsV2.create({ displayName: "sdk bot" });
    expect(await client.groupsV2.get({ id: required(group.id) })).toMatchObject({
      members: [{ value: user.id }],
    });
    expect(principal.applicationId).toMatch(/^[0-9a-f-]{36}$/);
    await client.groupsV2.delete({ id: required(group.id) });
    await client.usersV2.delete({ id: required(user.id) });
    await client.servicePrincipalsV2.delete({ id: required(principal.id) });
    const credential = await client.gitCredentials.create({
      git_provider: "gitHub",
      git_username: "me",
      personal_access_token: "x",
    });
    expect((await collect(client.gitCredentials.list())).map((item) => item.git_username)).toEqual([
      "me",
    ]);
    await client.gitCredentials.delete({ credential_id: required(credential.credential_id) });
  });
});
