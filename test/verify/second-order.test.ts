/** Changes of more than one field in a job: a different structure, a complete element, another job. */
import { check, summary } from "./harness";
import {
  changeJob,
  deploy,
  deployed,
  expectFindings,
  idOf,
  lab,
  readSettings,
  resources,
  sized,
  taskOf,
  useSecondOrderLab,
  verifySummary,
  type Settings,
} from "./second-order-lab";

useSecondOrderLab();

type JobChange = readonly [
  title: string,
  change: (settings: Settings) => void,
  paths: readonly string[],
];

const jobChanges: readonly JobChange[] = [
  [
    "an autoscaling job cluster gets a fixed size",
    ({ job_clusters: [cluster] }) => {
      delete cluster?.new_cluster.autoscale;
      if (cluster) cluster.new_cluster.num_workers = 3;
    },
    ["job_cluster[shared].new_cluster.autoscale", "job_cluster[shared].new_cluster.num_workers"],
  ],
  [
    "a notebook task becomes a Python task",
    (settings) => {
      delete taskOf(settings, "a").notebook_task;
      taskOf(settings, "a").spark_python_task = { python_file: "/Shared/a.py" };
    },
    ["task[a].notebook_task.notebook_path", "task[a].spark_python_task.python_file"],
  ],
  [
    "a task moves from the job cluster to its own cluster",
    (settings) => {
      delete taskOf(settings, "a").job_cluster_key;
      taskOf(settings, "a").new_cluster = { ...sized, num_workers: 1 };
    },
    ["task[a].job_cluster_key", "task[a].new_cluster"],
  ],
  [
    "a task and the dependencies on it are renamed",
    (settings) => {
      taskOf(settings, "c").task_key = "z";
    },
    ["task[c]", "task[z]"],
  ],
  [
    "a task is added between two others",
    (settings) => {
      settings.tasks.push({
        task_key: "x",
        depends_on: [{ task_key: "a" }],
        job_cluster_key: "shared",
        notebook_task: { notebook_path: "/Shared/x" },
      });
      taskOf(settings, "b").depends_on = [{ task_key: "x" }];
    },
    ["task[b].depends_on[a]", "task[b].depends_on[x]", "task[x]"],
  ],
  [
    "the order of tasks is reversed",
    (settings) => {
      settings.tasks.reverse();
    },
    [],
  ],
  [
    "a job cluster is added",
    ({ job_clusters }) => {
      job_clusters.push({ job_cluster_key: "other", new_cluster: { ...sized, num_workers: 1 } });
    },
    ["job_cluster[other]"],
  ],
  [
    "one parameter is added, and another is changed",
    (settings) => {
      settings.parameters = [
        { name: "p", default: "2" },
        { name: "q", default: "1" },
      ];
    },
    ["parameter[p].default", "parameter[q]"],
  ],
  [
    "a schedule becomes a trigger",
    (settings) => {
      delete settings.schedule;
      settings.trigger = { pause_status: "UNPAUSED", periodic: { interval: 1, unit: "DAYS" } };
    },
    ["schedule", "trigger.periodic"],
  ],
  [
    "all tasks, clusters and notifications are removed",
    (settings) => {
      settings.tasks = [];
      settings.job_clusters = [];
      settings.email_notifications = {};
      settings.parameters = [];
      delete settings.schedule;
    },
    [
      "email_notifications.on_failure[ops@example.com]",
      "job_cluster[shared]",
      "parameter[p]",
      "schedule",
      "task[a]",
      "task[b]",
      "task[c]",
    ],
  ],
];

test.each(jobChanges)("reports the differences if %s", async (_title, change, paths) => {
  await deploy({ databricks_job: resources.databricks_job ?? {} });
  await expectFindings([]);
  await changeJob(change);
  await expectFindings(paths.map((path) => `drift databricks_job.j ${path}`));
});

test("a job that replaces the stack's job under its name is unmanaged, and the stack's job is missing", async () => {
  await deploy();
  const job_id = Number(idOf("databricks_job.j"));
  const settings = await readSettings();
  await lab.client.post("/api/2.2/jobs/delete", { job_id });
  await lab.client.post("/api/2.2/jobs/create", settings);
  await expectFindings([
    "missing databricks_job.j",
    "missing databricks_permissions.p",
    "unmanaged databricks_job second-order",
  ]);
});

test("a job with a new owner and a list without its grant are drift, and a new owner of an unlisted warehouse is unmanaged", async () => {
  await deploy();
  const url = `/api/2.0/permissions/jobs/${idOf("databricks_job.j")}`;
  const owner = { user_name: "second@example.com", permission_level: "IS_OWNER" };
  await lab.client.put(url, {
    access_control_list: [{ group_name: "users", permission_level: "CAN_VIEW" }, owner],
  });
  await expectFindings([
    "drift databricks_permissions.p access_control[second@example.com IS_OWNER]",
  ]);
  const warehouse = `/api/2.0/permissions/sql/warehouses/${idOf("databricks_sql_endpoint.w")}`;
  const before = (await verifySummary({ deep: true })).length;
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
  expect((await verifySummary())[0]).toMatch(/^(missing|drift) databricks_permissions\.p/);
});
