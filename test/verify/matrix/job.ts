/** databricks_job: a job in which a field can be set, and its REST format. */
import { withDefaults } from "../../../src/resources/shape/defaults";
import { schemaOf } from "../../../src/resources/shape/schema";
import type { FieldNode } from "./fields";
import { wireOf, type Config, type MatrixKind, type Pair } from "./kind";

const outside: MatrixKind["outside"] = [
  [
    /^(always_running|control_run_state)$/,
    "only controls Terraform after an apply; no setting of a job",
  ],
  [/health\.rules\.op$/, "GREATER_THAN is its only value"],
  [/^format$/, "follows from the tasks: REST ignores it in a request"],
  [
    /^run_as\.service_principal_name$/,
    "the same field in REST as user_name; needs a principal that exists",
  ],
  [/^performance_target$/, "the platform may fill in either value; detected if the code sets it"],
  [/for_each_task\.task\.spark_jar_task\.run_as_repl$/, "true is what the platform fills in"],
  [
    /apply_policy_default_values$/,
    "used when the cluster is created and never returned by jobs/get: reported as unverifiable",
  ],
  [
    /__apply_policy_default_values_allow_list$/,
    "read by the Terraform provider alone, no setting of a job: reported as unverifiable",
  ],
  [
    /table_update\.condition$/,
    "accepted and never returned by jobs/get (databricks/cli#6315): reported as unverifiable",
  ],
  [/idempotency_token$/, "a token of the create call, never returned: reported as unverifiable"],
  [/basic_auth\.password$/, "passwords are never returned: reported as unverifiable"],
];

const values: Readonly<Record<string, Pair>> = {
  pause_status: ["UNPAUSED", "PAUSED"],
  quartz_cron_expression: ["0 0 1 * * ?", "0 0 2 * * ?"],
  timezone_id: ["UTC", "Europe/Berlin"],
  run_if: ["ALL_DONE", "NONE_FAILED"],
  "health.rules.op": ["GREATER_THAN", "GREATER_THAN"],
  "health.rules.metric": ["RUN_DURATION_SECONDS", "STREAMING_BACKLOG_BYTES"],
  "condition_task.op": ["EQUAL_TO", "NOT_EQUAL"],
  min_time_between_triggers_seconds: [60, 120],
  wait_after_last_change_seconds: [60, 120],
  "periodic.unit": ["DAYS", "HOURS"],
  task_retry_mode: ["NEVER", "ON_FAILURE"],
  edit_mode: ["EDITABLE", "UI_LOCKED"],
  performance_target: ["STANDARD", "PERFORMANCE_OPTIMIZED"],
  inputs: ['["a"]', '["b"]'],
  job_id: [1, 2],
  notebook_path: ["/Shared/a", "/Shared/b"],
  "git_source.url": ["https://github.com/a/a", "https://github.com/b/b"],
  "git_source.provider": ["gitHub", "gitLab"],
  source: ["GIT", "WORKSPACE"],
  format: ["MULTI_TASK", "SINGLE_TASK"],
  outcome: ["true", "false"],
  "run_as.group_name": ["analysts", "engineers"],
  "run_as.user_name": ["admin@lakeform.local", "second@example.com"],
  "run_as.service_principal_name": [
    "00000000-0000-4000-8000-000000000001",
    "00000000-0000-4000-8000-000000000002",
  ],
  "clients.jobs": [true, false],
  "clients.notebooks": [true, false],
  user_name: ["a@example.com", "b@example.com"],
  kind: ["BUNDLE", "OTHER"],
};

/** Adds all fields that the API requires together with a field. */
function complete(job: Config, leaf: Pick<FieldNode, "path">, name: string): Config {
  dropEmpty(job);
  job.name = leaf.path === "name" && typeof job.name === "string" ? `${name}-${job.name}` : name;
  const [top = "", second = ""] = leaf.path.split(".");
  const isTopTask =
    /_task$/.test(top) ||
    [
      "existing_cluster_id",
      "new_cluster",
      "library",
      "max_retries",
      "min_retry_interval_millis",
      "retry_on_timeout",
    ].includes(top);
  if (isTopTask) return completeCompute(job, leaf, top);
  const [firstTask = {}] = (job.task as Config[] | undefined) ?? [];
  const main: Config =
    leaf.path === "task.task_key" ? { ...firstTask } : { ...firstTask, task_key: "main" };
  const hasType = top === "task" && /_task$/.test(second);
  if (!hasType) main.notebook_task = [{ notebook_path: "/Shared/n" }];
  completeCompute(main, leaf, "task");
  const inner = (main.for_each_task as Config[] | undefined)?.[0];
  if (inner !== undefined) {
    const [nested = {}] = (inner.task as Config[] | undefined) ?? [];
    if (!leaf.path.endsWith("for_each_task.task.task_key")) nested.task_key = "nested";
    if (!Object.keys(nested).some((field) => /_task$/.test(field)))
      nested.notebook_task = [{ notebook_path: "/Shared/n" }];
    completeCompute(nested, leaf, "task.for_each_task.task");
    inner.task = [nested];
  }
  const others = ["a", "b"].map((key) => ({
    task_key: `task_key-${key}`,
    notebook_task: [{ notebook_path: "/Shared/n" }],
  }));
  job.task = [main, ...(leaf.path.includes("depends_on") ? others : [])];
  if (leaf.path.endsWith("depends_on.outcome")) {
    (others[0] as Config).condition_task = [{ left: "1", right: "1", op: "EQUAL_TO" }];
    delete (others[0] as Config).notebook_task;
  }
  if (top === "task" && leaf.path.endsWith("job_cluster_key")) {
    job.job_cluster = ["a", "b"].map((key) => ({
      job_cluster_key: `job_cluster_key-${key}`,
      new_cluster: [
        { spark_version: "15.4.x-scala2.12", node_type_id: "i3.xlarge", num_workers: 1 },
      ],
    }));
  } else if (top === "job_cluster") {
    const [cluster = {}] = (job.job_cluster as Config[] | undefined) ?? [];
    completeCompute(cluster, leaf, "job_cluster");
    job.job_cluster = [cluster];
  }
  if (top === "task" && leaf.path.endsWith("environment_key"))
    job.environment = ["a", "b"].map((key) => ({
      environment_key: `environment_key-${key}`,
      spec: [{ client: "1" }],
    }));
  if (/\.source$/.test(leaf.path))
    job.git_source = [{ url: "https://github.com/a/a", provider: "gitHub", branch: "main" }];
  if (top === "git_source" && !/branch|tag|commit/.test(second))
    job.git_source = [
      {
        ...(job.git_source as Config[])[0],
        ...(second === "provider" ? {} : { provider: "gitHub" }),
        branch: "main",
      },
    ];
  if (top === "git_source" && /branch|tag|commit/.test(second))
    job.git_source = [{ ...(job.git_source as Config[])[0], provider: "gitHub" }];
  return job;
}

/** Adds a package to an empty library, which the API would reject. */
export function dropEmpty(block: Config): void {
  for (const [name, inner] of Object.entries(block)) {
    if (!Array.isArray(inner)) continue;
    if (name === "library" && inner.every((item) => Object.keys(item as object).length === 0))
      block[name] = [];
    else
      for (const item of inner)
        if (typeof item === "object" && !Array.isArray(item)) dropEmpty(item);
  }
}

function completeCompute(holder: Config, leaf: Pick<FieldNode, "path">, path: string): Config {
  const [cluster] = (holder.new_cluster as Config[] | undefined) ?? [];
  if (cluster !== undefined) {
    cluster.spark_version ??= "15.4.x-scala2.12";
    if (!/\.(instance_pool_id|driver_instance_pool_id)$/.test(leaf.path))
      cluster.node_type_id ??= "i3.xlarge";
    else if (!leaf.path.endsWith("new_cluster.instance_pool_id"))
      cluster.instance_pool_id ??= "pool-1";
    if (!leaf.path.endsWith("new_cluster.num_workers") && cluster.autoscale === undefined)
      cluster.num_workers ??= 1;
    if (/autoscale/.test(leaf.path))
      cluster.autoscale = [
        { min_workers: 1, max_workers: 9, ...(cluster.autoscale as Config[] | undefined)?.[0] },
      ];
  } else if (
    path !== "task" &&
    path !== "job_cluster" &&
    !/^new_cluster|existing_cluster_id/.test(leaf.path) &&
    path !== "task.for_each_task.task"
  )
    holder.existing_cluster_id ??= "0101-000000-abc";
  if (path.endsWith("task") && !leaf.path.includes("new_cluster") && /library/.test(leaf.path))
    holder.existing_cluster_id ??= "0101-000000-abc";
  return holder;
}

const wireNames: Readonly<Record<string, string>> = {
  task: "tasks",
  job_cluster: "job_clusters",
  environment: "environments",
  parameter: "parameters",
  library: "libraries",
  cluster_mount_info: "cluster_mount_infos",
  "git_source.url": "git_url",
  "git_source.provider": "git_provider",
  "git_source.branch": "git_branch",
  "git_source.tag": "git_tag",
  "git_source.commit": "git_commit",
};

/** `for_each_task.task` is a single task, and keeps its name. */
function wireNameOf(path: string, name: string): string {
  if (path.endsWith("for_each_task.task")) return name;
  return wireNames[path.startsWith("git_source.") ? path : name] ?? name;
}

export const job: MatrixKind = {
  type: "databricks_job",
  values,
  outside,
  onlyChanged: [
    [
      /(^|\.)new_cluster\.(instance_pool_id|node_type_id|driver_instance_pool_id)$/,
      "a cluster needs one of them, and only one",
    ],
    [/^job_cluster\.serverless_compute_id$/, "a job cluster needs it or a new_cluster"],
    [/^git_source\.provider$/, "the platform requires it next to the address"],
    [/^run_as\.|\.source$/, "the platform keeps or derives a removed value"],
  ],
  ordered: [
    [
      /parameters$|_params$|\.dbt_commands$|\.commands$|\.jar_params$/,
      "arguments are passed on in their order",
    ],
    [/init_scripts$/, "scripts run in their order"],
    [/cluster_mount_info$/, "mounted in their order"],
    [/[._](java_)?dependencies$/, "lines for pip, passed on unchanged"],
  ],
  complete,
  async write(lab, id, config) {
    const block = schemaOf("databricks_job")?.block;
    if (block === undefined) throw new Error("no schema of jobs");
    const settings = wireOf(job, withDefaults(block, config) as Config, wireNameOf);
    const version = settings.tasks === undefined ? "2.0" : "2.2";
    await lab.client.post(`/api/${version}/jobs/reset`, {
      job_id: Number(id),
      new_settings: { queue: { enabled: false }, ...settings },
    });
  },
  async readRemote(lab, id) {
    const response = (await lab.client.get("/api/2.2/jobs/get", {
      query: { job_id: id },
    })) as Record<string, unknown>;
    return [response.settings, response.run_as_user_name];
  },
};
