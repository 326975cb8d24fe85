/** Changes of clusters, files and scopes: a different structure, another object in place of ours. */
import { connect } from "../../src/api";
import { check, summary } from "./harness";
import {
  changeJob,
  deploy,
  deployed,
  expectFindings,
  idOf,
  lab,
  scaled,
  secondToken,
  sized,
  taskOf,
  text,
  useSecondOrderLab,
  verifySummary,
} from "./second-order-lab";

const fixed = { ...sized, num_workers: 3, autotermination_minutes: 60 };

useSecondOrderLab();

test("an autoscaling cluster that gets a fixed size, and a second edit that renames it, are drift", async () => {
  await deploy();
  const cluster_id = idOf("databricks_cluster.c");
  await lab.client.post("/api/2.1/clusters/edit", {
    cluster_id,
    cluster_name: "second-order",
    ...fixed,
  });
  await expectFindings([
    "drift databricks_cluster.c autoscale",
    "drift databricks_cluster.c num_workers",
  ]);
  await lab.client.post("/api/2.1/clusters/edit", {
    cluster_id,
    cluster_name: "renamed",
    ...scaled,
    custom_tags: { by: "hand" },
  });
  await expectFindings([
    "drift databricks_cluster.c cluster_name",
    "drift databricks_cluster.c custom_tags[by]",
  ]);
});

test("a pool, cluster and warehouse recreated under the same names are missing and unmanaged", async () => {
  await deploy();
  const { client } = lab;
  await client.post("/api/2.1/clusters/permanent-delete", {
    cluster_id: idOf("databricks_cluster.c"),
  });
  await client.post("/api/2.1/clusters/create", { cluster_name: "second-order", ...scaled });
  await client.post("/api/2.0/instance-pools/delete", {
    instance_pool_id: idOf("databricks_instance_pool.i"),
  });
  await client.post("/api/2.0/instance-pools/create", {
    instance_pool_name: "second",
    node_type_id: "i3.xlarge",
    idle_instance_autotermination_minutes: 10,
  });
  await client.delete(`/api/2.0/sql/warehouses/${idOf("databricks_sql_endpoint.w")}`);
  await client.post("/api/2.0/sql/warehouses", { name: "second", cluster_size: "Small" });
  await expectFindings([
    "missing databricks_cluster.c",
    "missing databricks_instance_pool.i",
    "missing databricks_sql_endpoint.w",
    "unmanaged databricks_cluster second-order",
    "unmanaged databricks_instance_pool second",
    "unmanaged databricks_sql_endpoint second",
  ]);
});

test("a resource whose path contains a folder or notebook of another type is missing", async () => {
  await deploy();
  const { client } = lab;
  const remove = (path: string): Promise<unknown> =>
    client.post("/api/2.0/workspace/delete", { path, recursive: true });
  await remove("/Shared/second/n");
  await client.post("/api/2.0/workspace/mkdirs", { path: "/Shared/second/n" });
  await remove("/Shared/second/f.txt");
  await client.post("/api/2.0/workspace/mkdirs", { path: "/Shared/second/f.txt" });
  await remove("/Shared/second/d");
  await client.post("/api/2.0/workspace/import", {
    path: "/Shared/second/d",
    language: "PYTHON",
    content: text("1"),
  });
  await client.post("/api/2.0/dbfs/delete", { path: "/second/b.txt" });
  await client.post("/api/2.0/dbfs/mkdirs", { path: "/second/b.txt" });
  await expectFindings([
    "missing databricks_dbfs_file.b",
    "missing databricks_directory.d",
    "missing databricks_notebook.n",
    "missing databricks_workspace_file.f",
    "unmanaged databricks_notebook /Shared/second/d",
  ]);
});

test("an equal object that is recreated at its path is a match", async () => {
  await deploy();
  for (const path of ["n", "f.txt", "d"].map((name) => `/Shared/second/${name}`))
    await lab.client.post("/api/2.0/workspace/delete", { path });
  expect(await verifySummary()).toEqual([
    "missing databricks_directory.d",
    "missing databricks_notebook.n",
    "missing databricks_workspace_file.f",
  ]);
  await lab.client.post("/api/2.0/workspace/import", {
    path: "/Shared/second/n",
    language: "PYTHON",
    content: text("1"),
  });
  await lab.client.post("/api/2.0/workspace/import", {
    path: "/Shared/second/f.txt",
    format: "AUTO",
    content: text("1"),
  });
  await lab.client.post("/api/2.0/workspace/mkdirs", { path: "/Shared/second/d" });
  await expectFindings([]);
});

test("a notebook that a file replaced, and a file that a notebook replaced, are missing", async () => {
  await deploy();
  const { client } = lab;
  for (const path of ["/Shared/second/n", "/Shared/second/f.txt"])
    await client.post("/api/2.0/workspace/delete", { path });
  await client.post("/api/2.0/workspace/import", {
    path: "/Shared/second/n",
    format: "RAW",
    content: text("1"),
  });
  await client.post("/api/2.0/workspace/import", {
    path: "/Shared/second/f.txt",
    language: "PYTHON",
    format: "SOURCE",
    content: text("1"),
  });
  await expectFindings(["missing databricks_notebook.n", "missing databricks_workspace_file.f"]);
});

test("the secrets of a recreated scope are missing", async () => {
  await deploy();
  await lab.client.post("/api/2.0/secrets/scopes/delete", { scope: "second" });
  await lab.client.post("/api/2.0/secrets/scopes/create", { scope: "second" });
  await expectFindings(["missing databricks_secret.k"]);
});

test("changes of several objects, and several changes of one object, are all reported", async () => {
  await deploy();
  await changeJob((settings) => {
    settings.name = "renamed";
    taskOf(settings, "a").max_retries = 3;
  });
  await lab.client.post("/api/2.0/secrets/put", {
    scope: "second",
    key: "k",
    string_value: "other",
  });
  await lab.client.post("/api/2.0/workspace/import", {
    path: "/Shared/second/n",
    language: "SCALA",
    overwrite: true,
    content: text("2"),
  });
  await expectFindings([
    "drift databricks_job.j name",
    "drift databricks_job.j task[a].max_retries",
    "drift databricks_notebook.n content",
    "drift databricks_notebook.n language",
    "drift databricks_secret.k string_value",
  ]);
});

test("verify works for a principal other than the deployer: the permissions that a deploy adds for its caller are not a difference", async () => {
  await deploy();
  const client = connect({ env: {}, host: lab.workspace.host, token: secondToken });
  const report = await check({ ...lab, client }, deployed, { deep: true });
  expect(summary(report)).toEqual([]);
  await client.close();
});
