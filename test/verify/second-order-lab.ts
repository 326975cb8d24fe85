/** A stack of several kinds, deployed in each test of second-order*.test.ts, and its job's settings. */
import {
  check,
  deployDirect,
  openLab,
  summary,
  type CheckOptions,
  type Deployed,
  type Lab,
  type Resources,
  idIn,
} from "./harness";

export const text = (words: string): string => Buffer.from(words).toString("base64");
export const sized = { spark_version: "15.4.x-scala2.12", node_type_id: "i3.xlarge" };
export const scaled = {
  ...sized,
  autoscale: { min_workers: 1, max_workers: 4 },
  autotermination_minutes: 60,
};
const notebook = (key: string, more: object = {}): object => ({
  task_key: key,
  job_cluster_key: "shared",
  notebook_task: { notebook_path: `/Shared/${key}` },
  ...more,
});
export const resources: Resources = {
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

export interface Settings {
  tasks: Record<string, unknown>[];
  job_clusters: { job_cluster_key: string; new_cluster: Record<string, unknown> }[];
  parameters: object[];
  [field: string]: unknown;
}

/** The token of a second administrator, second@example.com. */
export const secondToken = "dapisecond00000000000000000000000000";

/** The workspace of the running test, and what {@link deploy} deployed to it. */
export let lab: Lab;
export let deployed: Deployed;

/** Starts a workspace for each test. */
export function useSecondOrderLab(): void {
  beforeEach(async () => {
    lab = await openLab([{ name: "second@example.com", admin: true, token: secondToken }]);
    await lab.client.exchange({
      method: "PUT",
      path: "/_lakeform/timing",
      body: { cluster_start_ms: 0, warehouse_start_ms: 0 },
    });
  });
  afterEach(() => lab.close());
}

export async function deploy(resource: Resources = resources): Promise<void> {
  deployed = await deployDirect(lab, resource);
}

export const idOf = (address: string): string => idIn(deployed, address);

export const verifySummary = async (options: CheckOptions = {}): Promise<string[]> =>
  summary(await check(lab, deployed, options));

/** Expects the same findings with and without --deep. */
export async function expectFindings(lines: readonly string[]): Promise<void> {
  expect(await verifySummary()).toEqual(lines);
  expect(await verifySummary({ deep: true })).toEqual(lines);
}

export async function readSettings(): Promise<Settings> {
  const query = { job_id: idOf("databricks_job.j") };
  return ((await lab.client.get("/api/2.2/jobs/get", { query })) as { settings: Settings })
    .settings;
}

export async function changeJob(change: (settings: Settings) => void): Promise<void> {
  const settings = await readSettings();
  change(settings);
  await lab.client.post("/api/2.2/jobs/reset", {
    job_id: Number(idOf("databricks_job.j")),
    new_settings: settings,
  });
}

export const taskOf = (settings: Settings, key: string): Record<string, unknown> =>
  settings.tasks.find(({ task_key }) => task_key === key) ?? {};
