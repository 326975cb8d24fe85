/**
 * Changes of more than one field: a different structure, a complete element, two changes at once,
 * another object that replaces ours.
 */
import { connect } from "../../src/api";
import {
  check,
  deployDirect,
  openLab,
  summary,
  type CheckOptions,
  type Deployed,
  type Lab,
  type Resources,
} from "./harness";

const text = (words: string): string => Buffer.from(words).toString("base64");
const sized = { spark_version: "15.4.x-scala2.12", node_type_id: "i3.xlarge" };
const scaled = {
  ...sized,
  autoscale: { min_workers: 1, max_workers: 4 },
  autotermination_minutes: 60,
};
const fixed = { ...sized, num_workers: 3, autotermination_minutes: 60 };
const notebook = (key: string, more: object = {}): object => ({ task_key: key, job_cluster_key: "shared", notebook_task: { notebook_path: `/Shared/${key}` }, ...more }); // prettier-ignore
const resources: Resources = {
  databricks_job: {
    j: {
      name: "second-order",
      job_cluster: [
        {
          job_cluster_key: "shared",
          new_cluster: { ...sized, autoscale: { min_workers: 1, max_workers: 4 } },
        },
      ],
      task: [
        notebook("a"),
        notebook("b", { depends_on: [{ task_key: "a" }] }),
        notebook("c", { depends_on: [{ task_key: "b" }] }),
      ],
      parameter: [{ name: "p", default: "1" }],
      email_notifications: { on_failure: ["ops@example.com"] },
      schedule: { quartz_cron_expression: "0 0 3 * * ?", timezone_id: "UTC" },
    },
  },
  databricks_cluster: { c: { cluster_name: "second-order", ...scaled } },
  databricks_notebook: {
    n: { path: "/Shared/second/n", language: "PYTHON", content_base64: text("1") },
  },
  databricks_workspace_file: { f: { path: "/Shared/second/f.txt", content_base64: text("1") } },
  databricks_directory: { d: { path: "/Shared/second/d" } },
  databricks_dbfs_file: { b: { path: "/second/b.txt", content_base64: text("1") } },
  databricks_secret_scope: { s: { name: "second" } },
  databricks_secret: {
    k: { scope: "${databricks_secret_scope.s.name}", key: "k", string_value: "v" },
  },
  databricks_permissions: {
    p: {
      job_id: "${databricks_job.j.id}",
      access_control: [{ group_name: "users", permission_level: "CAN_VIEW" }],
    },
  },
  databricks_instance_pool: {
    i: {
      instance_pool_name: "second",
      node_type_id: "i3.xlarge",
      idle_instance_autotermination_minutes: 10,
    },
  },
  databricks_sql_endpoint: { w: { name: "second", cluster_size: "Small" } },
};

interface Settings {
  tasks: Record<string, unknown>[];
  job_clusters: { job_cluster_key: string; new_cluster: Record<string, unknown> }[];
  parameters: object[];
  [field: string]: unknown;
}

const second = "dapisecond00000000000000000000000000";
let lab: Lab;
let deployed: Deployed;
beforeEach(async () => {
  lab = await openLab([{ name: "second@example.com", admin: true, token: second }]);
  await lab.client.exchange({
    method: "PUT",
    path: "/_lakeform/timing",
    body: { cluster_start_ms: 0, warehouse_start_ms: 0 },
  });
});
afterEach(() => lab.close());

const idOf = (address: string): string =>
  String(
    (
      deployed.state.resources.find(({ type, name }) => `${type}.${name}` === address)?.instances[0]
        ?.attributes as { id: unknown }
    ).id,
  );
const seen = async (options: CheckOptions = {}): Promise<string[]> =>
  summary(await check(lab, deployed, options));
/** Expects the same findings with and without --deep. */
async function expectSeen(lines: readonly string[]): Promise<void> {
  expect(await seen()).toEqual(lines);
  expect(await seen({ deep: true })).toEqual(lines);
}

async function changeJob(change: (settings: Settings) => void): Promise<void> {
  const job_id = Number(idOf("databricks_job.j"));
  const { settings } = (await lab.client.get("/api/2.2/jobs/get", { query: { job_id } })) as {
    settings: Settings;
  };
  change(settings);
  await lab.client.post("/api/2.2/jobs/reset", { job_id, new_settings: settings });
}
const task = (settings: Settings, key: string): Record<string, unknown> =>
  settings.tasks.find(({ task_key }) => task_key === key) ?? {};

test("a fixed size of an autoscaling cluster, and a second edit, are drift", async () => {
  deployed = await deployDirect(lab, resources);
  const cluster_id = idOf("databricks_cluster.c");
  await lab.client.post("/api/2.1/clusters/edit", {
    cluster_id,
    cluster_name: "second-order",
    ...fixed,
  });
  await expectSeen([
    "drift databricks_cluster.c autoscale",
    "drift databricks_cluster.c num_workers",
  ]);
  await lab.client.post("/api/2.1/clusters/edit", { cluster_id, cluster_name: "renamed", ...scaled, custom_tags: { by: "hand" } }); // prettier-ignore
  await expectSeen([
    "drift databricks_cluster.c cluster_name",
    "drift databricks_cluster.c custom_tags[by]",
  ]);
});

test("a pool, cluster and warehouse recreated under the same names are missing and unmanaged", async () => {
  deployed = await deployDirect(lab, resources);
  const { client } = lab;
  await client.post("/api/2.1/clusters/permanent-delete", {
    cluster_id: idOf("databricks_cluster.c"),
  });
  await client.post("/api/2.1/clusters/create", { cluster_name: "second-order", ...scaled });
  await client.post("/api/2.0/instance-pools/delete", {
    instance_pool_id: idOf("databricks_instance_pool.i"),
  });
  await client.post("/api/2.0/instance-pools/create", { instance_pool_name: "second", node_type_id: "i3.xlarge", idle_instance_autotermination_minutes: 10 }); // prettier-ignore
  await client.delete(`/api/2.0/sql/warehouses/${idOf("databricks_sql_endpoint.w")}`);
  await client.post("/api/2.0/sql/warehouses", { name: "second", cluster_size: "Small" });
  await expectSeen([
    "missing databricks_cluster.c",
    "missing databricks_instance_pool.i",
    "missing databricks_sql_endpoint.w",
    "unmanaged databricks_cluster second-order",
    "unmanaged databricks_instance_pool second",
    "unmanaged databricks_sql_endpoint second",
  ]);
});

test("another object at the path of a resource is missing or drift", async () => {
  deployed = await deployDirect(lab, resources);
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
  await expectSeen([
    "missing databricks_dbfs_file.b",
    "missing databricks_directory.d",
    "missing databricks_notebook.n",
    "missing databricks_workspace_file.f",
    "unmanaged databricks_notebook /Shared/second/d",
  ]);
});

test("an equal object that is recreated at its path is a match", async () => {
  deployed = await deployDirect(lab, resources);
  for (const path of ["n", "f.txt", "d"].map((name) => `/Shared/second/${name}`))
    await lab.client.post("/api/2.0/workspace/delete", { path });
  expect(await seen()).toEqual([
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
  await expectSeen([]);
});

test("a notebook in place of a file, and a file in place of a notebook, are drift", async () => {
  deployed = await deployDirect(lab, resources);
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
  await expectSeen(["missing databricks_notebook.n", "missing databricks_workspace_file.f"]);
});

test("a recreated scope is reported with its secrets missing", async () => {
  deployed = await deployDirect(lab, resources);
  await lab.client.post("/api/2.0/secrets/scopes/delete", { scope: "second" });
  await lab.client.post("/api/2.0/secrets/scopes/create", { scope: "second" });
  await expectSeen(["missing databricks_secret.k"]);
});

test("two changed objects, and two changes of one object, are all reported", async () => {
  deployed = await deployDirect(lab, resources);
  await changeJob((settings) => {
    settings.name = "renamed";
    task(settings, "a").max_retries = 3;
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
  await expectSeen([
    "drift databricks_job.j name",
    "drift databricks_job.j task[a].max_retries",
    "drift databricks_notebook.n content",
    "drift databricks_notebook.n language",
    "drift databricks_secret.k string_value",
  ]);
});

test("verify works for a principal other than the deployer: the permissions that a deploy adds for its caller are not a difference", async () => {
  deployed = await deployDirect(lab, resources);
  const client = connect({ env: {}, host: lab.workspace.host, token: second });
  const report = await check({ ...lab, client }, deployed, { deep: true });
  expect(summary(report)).toEqual([]);
  await client.close();
});
