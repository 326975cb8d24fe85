import {
  all,
  connect,
  families,
  isNotFound,
  take,
  type Connection,
  type Families,
} from "../../../src/api";
import { startWorkspace, type RunningWorkspace } from "../../../src/workspace/server";
import { failure } from "../scripted";

describe("the API families against the local workspace", () => {
  let workspace: RunningWorkspace;
  let client: Connection;
  let api: Families;
  beforeAll(async () => {
    workspace = await startWorkspace();
    client = connect({
      host: workspace.host,
      token: workspace.token,
      env: {},
      retry: { baseMs: 5, capMs: 20 },
    });
    api = families(client);
  });
  afterAll(async () => {
    await client.close();
    await workspace.close();
  });

  test("read jobs of more than 100 tasks, and the pages of their runs", async () => {
    const tasks = Array.from({ length: 230 }, (_unused, index) => ({
      task_key: `t${String(index).padStart(3, "0")}`,
      notebook_task: { notebook_path: "/Shared/x" },
    }));
    const id = await api.jobs.create({ name: "big", tasks });
    expect((await api.jobs.get(id)).settings?.tasks?.map((task) => task.task_key)).toEqual(
      tasks.map((task) => task.task_key),
    );
    await api.jobs.update(id, { new_settings: { description: "d" } });
    expect((await api.jobs.get(id)).settings?.["description"]).toBe("d");
    const { run_id: run } = await api.runs.runNow({ job_id: id });
    expect((await api.runs.get(run)).tasks?.length).toBe(230);
    await api.runs.cancelAll(id);
    await api.jobs.reset(id, { name: "small", tasks: tasks.slice(0, 1) });
    expect((await api.jobs.get(id)).settings).toMatchObject({ name: "small" });
    await api.jobs.delete(id);
    expect(isNotFound(await failure(api.jobs.get(id)))).toBe(true);
  });

  test("create one job per call for several jobs of one name with lost responses", async () => {
    workspace.faults.add({ path: "/api/2.2/jobs/create", drop: true, when: "after", times: 3 });
    const ids = await Promise.all(
      Array.from({ length: 4 }, () =>
        api.jobs.create({
          name: "same",
          tasks: [{ task_key: "a", notebook_task: { notebook_path: "/Shared/x" } }],
        }),
      ),
    );
    workspace.faults.clear();
    const jobIds = (await all(api.jobs.list({ name: "same" }))).map((job) => job.job_id);
    expect([...ids].sort()).toEqual([...jobIds].sort());
    expect(new Set(ids).size).toBe(4);
    for (const id of ids) await api.jobs.delete(id);
  });

  test("submit and list runs, and read their output", async () => {
    const { run_id: run } = await api.runs.submit({
      run_name: "once",
      tasks: [{ task_key: "a", notebook_task: { notebook_path: "/Shared/x" } }],
    });
    expect((await take(api.runs.list({ runType: "SUBMIT_RUN" }), 1))[0]?.run_id).toBe(run);
    expect(await api.runs.output((await api.runs.get(run)).tasks?.[0]?.run_id ?? 0)).toHaveProperty(
      "metadata",
    );
  });

  test("manage clusters, libraries, policies and pools", async () => {
    const cluster = await api.clusters.create({
      cluster_name: "c",
      spark_version: "15.4.x-scala2.12",
      node_type_id: "Standard_DS3_v2",
      num_workers: 1,
      autotermination_minutes: 20,
    });
    expect((await all(api.clusters.list())).map((item) => item.cluster_id)).toEqual([cluster]);
    await api.libraries.install(cluster, [{ pypi: { package: "requests" } }]);
    expect(await api.libraries.status(cluster)).toMatchObject([
      { library: { pypi: { package: "requests" } } },
    ]);
    await api.clusters.permanentDelete(cluster);
    expect(isNotFound(await failure(api.clusters.get(cluster)))).toBe(true);
    expect((await api.clusters.sparkVersions()).length).toBeGreaterThan(0);
    expect((await api.clusters.nodeTypes()).length).toBeGreaterThan(0);

    const policy = await api.policies.create({ name: "p", definition: "{}" });
    await api.policies.edit(policy, { name: "p2", definition: "{}" });
    expect(await api.policies.get(policy)).toMatchObject({ name: "p2" });
    await api.policies.delete(policy);
    const pool = await api.pools.create({
      instance_pool_name: "pool",
      node_type_id: "Standard_DS3_v2",
      min_idle_instances: 0,
    });
    expect((await all(api.pools.list())).map((item) => item.instance_pool_id)).toEqual([pool]);
    await api.pools.delete(pool);
    expect(
      (await all(api.policies.list())).filter(({ is_default }) => is_default !== true),
    ).toEqual([]);
  });

  test("manage secret scopes and their ACLs", async () => {
    await api.secrets.createScope("s");
    await api.secrets.putAcl("s", { principal: "users", permission: "READ" });
    expect(await api.secrets.acls("s")).toContainEqual({ principal: "users", permission: "READ" });
    await api.secrets.deleteAcl("s", "users");
    expect((await api.secrets.scopes()).map((scope) => scope.name)).toEqual(["s"]);
    await api.secrets.deleteScope("s");
  });

  test("manage workspace objects", async () => {
    await api.workspace.mkdirs("/Shared/f");
    await api.workspace.import(
      "/Shared/f/n",
      Buffer.from("# Databricks notebook source\nprint(1)"),
      {
        format: "SOURCE",
        language: "PYTHON",
      },
    );
    expect((await api.workspace.export("/Shared/f/n")).toString()).toContain("print(1)");
    expect(await api.workspace.status("/Shared/f/n")).toMatchObject({
      object_type: "NOTEBOOK",
      language: "PYTHON",
    });
    await api.workspace.delete("/Shared/f", true);
    expect(isNotFound(await failure(api.workspace.status("/Shared/f")))).toBe(true);
  });

  test("manage permissions, and return the current user", async () => {
    const id = String(
      await api.jobs.create({
        name: "p",
        tasks: [{ task_key: "a", notebook_task: { notebook_path: "/Shared/x" } }],
      }),
    );
    await api.permissions.update("jobs", id, [
      { group_name: "users", permission_level: "CAN_VIEW" },
    ]);
    const { access_control_list: list } = await api.permissions.get("jobs", id);
    expect(list?.find((item) => item.group_name === "users")?.all_permissions).toMatchObject([
      { permission_level: "CAN_VIEW" },
    ]);
    expect(await api.me()).toMatchObject({ userName: "admin@lakeform.local" });
  });

  test("manage warehouses, and execute statements", async () => {
    const id = await api.warehouses.create({
      name: "w",
      cluster_size: "2X-Small",
      max_num_clusters: 1,
    });
    expect((await all(api.warehouses.list())).map((item) => item.id)).toEqual([id]);
    expect((await api.warehouses.execute(id, "SELECT 1")).rows).toEqual([["1"]]);
    expect(await failure(api.warehouses.execute(id, "SELEKT"))).toMatchObject({
      code: "STATEMENT_FAILED",
    });
    await api.warehouses.delete(id);
  });

  test("manage Unity Catalog and files on volumes", async () => {
    await api.unityCatalog.createCatalog({ name: "main2" });
    await api.unityCatalog.createSchema({ catalog_name: "main2", name: "s" });
    await api.unityCatalog.createVolume({ catalog_name: "main2", schema_name: "s", name: "v" });
    await api.unityCatalog.changeGrants("schema", "main2.s", [
      { principal: "users", add: ["USE_SCHEMA"] },
    ]);
    expect(await api.unityCatalog.grants("schema", "main2.s")).toEqual([
      { principal: "users", privileges: ["USE_SCHEMA"] },
    ]);
    expect(
      (await all(api.unityCatalog.volumes("main2", "s"))).map((volume) => volume.name),
    ).toEqual(["v"]);
    await api.files.createDirectory("/Volumes/main2/s/v/in");
    await api.files.upload("/Volumes/main2/s/v/in/a file.txt", () => Buffer.from("hello"));
    expect(await api.files.metadata("/Volumes/main2/s/v/in/a file.txt")).toMatchObject({ size: 5 });
    expect((await all(api.files.list("/Volumes/main2/s/v/in"))).map((entry) => entry.name)).toEqual(
      ["a file.txt"],
    );
    await api.files.delete("/Volumes/main2/s/v/in/a file.txt");
    await api.files.deleteDirectory("/Volumes/main2/s/v/in");
    await api.unityCatalog.delete("catalogs", "main2", true);
  });

  test("manage Git folders", async () => {
    await api.workspace.mkdirs("/Repos/admin");
    const repo = await api.repos.create({
      url: "https://github.com/a/b.git",
      provider: "gitHub",
      path: "/Repos/admin/b",
    });
    expect(await api.repos.update(repo.id, { branch: "main" })).toBeDefined();
    expect((await all(api.repos.list())).map((item) => item.id)).toEqual([repo.id]);
    await api.repos.delete(repo.id);
  });
});
