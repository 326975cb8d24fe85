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
const findingsOf = async (options: CheckOptions = {}): Promise<string[]> =>
  summary(await check(lab, deployed, options));
/** Expects the same findings with and without --deep. */
async function expectSeen(lines: readonly string[]): Promise<void> {
  expect(await findingsOf()).toEqual(lines);
  expect(await findingsOf({ deep: true })).toEqual(lines);
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

const jobs: readonly (readonly [string, (settings: Settings) => void, readonly string[]])[] = [
  ["an autoscaling job cluster gets a fixed size", ({ job_clusters: [one] }) => { delete one?.new_cluster.autoscale; if (one) one.new_cluster.num_workers = 3; }, ["job_cluster[shared].new_cluster.autoscale", "job_cluster[shared].new_cluster.num_workers"]],
  ["a notebook task becomes a Python task", (settings) => { delete task(settings, "a").notebook_task; task(settings, "a").spark_python_task = { python_file: "/Shared/a.py" }; }, ["task[a].notebook_task.notebook_path", "task[a].spark_python_task.python_file"]],
  ["a task moves from the job cluster to its own cluster", (settings) => { delete task(settings, "a").job_cluster_key; task(settings, "a").new_cluster = { ...sized, num_workers: 1 }; }, ["task[a].job_cluster_key", "task[a].new_cluster"]],
  ["a task and the dependencies on it are renamed", (settings) => { task(settings, "c").task_key = "z"; }, ["task[c]", "task[z]"]],
  ["a task is added between two others", (settings) => { settings.tasks.push({ task_key: "x", depends_on: [{ task_key: "a" }], job_cluster_key: "shared", notebook_task: { notebook_path: "/Shared/x" } }); task(settings, "b").depends_on = [{ task_key: "x" }]; }, ["task[b].depends_on[a]", "task[b].depends_on[x]", "task[x]"]],
  ["the order of tasks is reversed", (settings) => { settings.tasks.reverse(); }, []],
  ["a job cluster is added", ({ job_clusters }) => { job_clusters.push({ job_cluster_key: "other", new_cluster: { ...sized, num_workers: 1 } }); }, ["job_cluster[other]"]],
  ["one parameter is added, and another is changed", (settings) => { settings.parameters = [{ name: "p", default: "2" }, { name: "q", default: "1" }]; }, ["parameter[p].default", "parameter[q]"]],
  ["a schedule becomes a trigger", (settings) => { delete settings.schedule; settings.trigger = { pause_status: "UNPAUSED", periodic: { interval: 1, unit: "DAYS" } }; }, ["schedule", "trigger.periodic"]],
  ["all tasks, clusters and notifications are removed", (settings) => { settings.tasks = []; settings.job_clusters = []; settings.email_notifications = {}; settings.parameters = []; delete settings.schedule; }, ["email_notifications.on_failure[ops@example.com]", "job_cluster[shared]", "parameter[p]", "schedule", "task[a]", "task[b]", "task[c]"]],
]; // prettier-ignore

test.each(jobs)("%s", async (_words, change, paths) => {
  deployed = await deployDirect(lab, { databricks_job: resources.databricks_job ?? {} });
  await expectSeen([]);
  await changeJob(change);
  await expectSeen(paths.map((path) => `drift databricks_job.j ${path}`));
});

test("another job that replaces ours under the same name is drift", async () => {
  deployed = await deployDirect(lab, resources);
  const job_id = Number(idOf("databricks_job.j"));
  const { settings } = (await lab.client.get("/api/2.2/jobs/get", { query: { job_id } })) as {
    settings: Settings;
  };
  await lab.client.post("/api/2.2/jobs/delete", { job_id });
  await lab.client.post("/api/2.2/jobs/create", settings);
  await expectSeen([
    "missing databricks_job.j",
    "missing databricks_permissions.p",
    "unmanaged databricks_job second-order",
  ]);
});

test("completely removed access, and a job with a new owner, are drift", async () => {
  deployed = await deployDirect(lab, resources);
  const url = `/api/2.0/permissions/jobs/${idOf("databricks_job.j")}`;
  const owner = { user_name: "second@example.com", permission_level: "IS_OWNER" };
  await lab.client.put(url, {
    access_control_list: [{ group_name: "users", permission_level: "CAN_VIEW" }, owner],
  });
  await expectSeen(["drift databricks_permissions.p access_control[second@example.com IS_OWNER]"]);
  const warehouse = `/api/2.0/permissions/sql/warehouses/${idOf("databricks_sql_endpoint.w")}`;
  const before = (await findingsOf({ deep: true })).length;
  await lab.client.put(warehouse, { access_control_list: [owner] });
  const adminReport = await check(lab, deployed, { deep: true });
  expect(summary(adminReport).slice(before)).toEqual([
    "unmanaged databricks_permissions lab-local/w: second@example.com IS_OWNER",
  ]);
  expect(adminReport.unmanaged[0]?.removal).toContain(
    '"user_name":"admin@lakeform.local","permission_level":"IS_OWNER"',
  );
  await lab.client.put(url, {
    access_control_list: [{ user_name: "admin@lakeform.local", permission_level: "IS_OWNER" }],
  });
  expect((await findingsOf())[0]).toMatch(/^(missing|drift) databricks_permissions\.p/);
});
