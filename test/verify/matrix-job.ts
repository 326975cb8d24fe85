/** Jobs for the mutation matrix: how a field of databricks_job looks on the wire, and a job in which it can be set. Written from the REST API's documentation, not from the kind. */
import { anyValue, blockFor, fieldTree, leaves, type FieldNode, type Json, type Values } from "./matrix-fields";

const tree = fieldTree("databricks_job");

/** Fields that are not in the matrix, with the reason. Prefixes of paths. */
export const outside: Readonly<Record<string, string>> = {
  id: "the state's own",
  url: "computed by the provider",
  timeouts: "Terraform's own waiting times",
  provider_config: "which workspace, not what is in it",
  always_running: "what Terraform does after an apply; no setting of a job",
  format: "follows from the tasks: REST ignores it in a request",
  control_run_state: "what Terraform does after an apply; no setting of a job",
};

const never: readonly [RegExp, string][] = [
  [/^run_as\.service_principal_name$/, "the same place on the wire as user_name; needs a principal that exists"],
  [/^performance_target$/, "either value may be what the platform fills in; seen when the code sets it"],
  [/for_each_task\.task\.spark_jar_task\.run_as_repl$/, "true is what the platform fills in"],
  [/(^|\.)provider_config(\.|$)/, "which workspace, not what is in it"],
  [
    /apply_policy_default_values$/,
    "consumed when the cluster is made and never returned by jobs/get (rest-surface §2.1): reported as unverifiable",
  ],
  [/idempotency_token$/, "a token of the create call, never returned"],
  [/basic_auth\.password$/, "passwords are never returned: reported as unverifiable"],
];

const words: Readonly<Record<string, readonly [Json, Json]>> = {
  "pause_status": ["UNPAUSED", "PAUSED"],
  "quartz_cron_expression": ["0 0 1 * * ?", "0 0 2 * * ?"],
  "timezone_id": ["UTC", "Europe/Berlin"],
  "run_if": ["ALL_DONE", "NONE_FAILED"],
  "health.rules.op": ["GREATER_THAN", "GREATER_THAN"],
  "health.rules.metric": ["RUN_DURATION_SECONDS", "STREAMING_BACKLOG_BYTES"],
  "condition_task.op": ["EQUAL_TO", "NOT_EQUAL"],
  "periodic.unit": ["DAYS", "HOURS"],
  "task_retry_mode": ["NEVER", "ON_FAILURE"],
  "edit_mode": ["EDITABLE", "UI_LOCKED"],
  "performance_target": ["STANDARD", "PERFORMANCE_OPTIMIZED"],
  "table_update.condition": ["ANY_UPDATED", "ALL_UPDATED"],
  "inputs": ['["a"]', '["b"]'],
  "job_id": [1, 2],
  "notebook_path": ["/Shared/a", "/Shared/b"],
  "git_source.url": ["https://github.com/a/a", "https://github.com/b/b"],
  "git_source.provider": ["gitHub", "gitLab"],
  "source": ["GIT", "WORKSPACE"],
  "format": ["MULTI_TASK", "SINGLE_TASK"],
  "outcome": ["true", "false"],
  "run_as.user_name": ["admin@lakeform.local", "second@example.com"],
  "run_as.service_principal_name": ["00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"],
  "clients.jobs": [true, false],
  "clients.notebooks": [true, false],
  "user_name": ["a@example.com", "b@example.com"],
  "kind": ["BUNDLE", "OTHER"],
}; // prettier-ignore

export const jobValues: Values = (node, variant) => {
  const found = Object.entries(words).find(([ending]) => node.path === ending || node.path.endsWith(`.${ending}`));
  return found === undefined ? anyValue(node, variant) : (found[1][variant === "a" ? 0 : 1] ?? "");
};

export function reasonOutside(leaf: FieldNode): string | undefined {
  const direct = Object.entries(outside).find(([prefix]) => leaf.path === prefix || leaf.path.startsWith(`${prefix}.`));
  return direct?.[1] ?? never.find(([pattern]) => pattern.test(leaf.path))?.[1];
}

export function jobLeaves(): readonly FieldNode[] {
  return leaves(tree);
}

/** A job in which the leaf has this value (or is not set), with all that the API wants around it. */
export function jobWith(leaf: FieldNode, value: Json | undefined, name: string): Record<string, Json> {
  const job = blockFor(tree, leaf, value, jobValues);
  if (value === undefined) dropEmptyLibraries(job);
  job.name = leaf.path === "name" && typeof value === "string" ? `${name}-${value}` : name;
  const [top = "", second = ""] = leaf.path.split(".");
  const isTopTask =
    /_task$/.test(top) ||
    ["existing_cluster_id", "new_cluster", "library", "max_retries", "min_retry_interval_millis", "retry_on_timeout"].includes(top);
  if (isTopTask) return completeCompute(job, leaf, top);
  const [own = {}] = (job.task as Record<string, Json>[] | undefined) ?? [];
  const main: Record<string, Json> = { ...own, task_key: "main" };
  if (leaf.path === "task.task_key") main.task_key = value ?? "main";
  const hasType = top === "task" && /_task$/.test(second);
  if (!hasType) main.notebook_task = [{ notebook_path: "/Shared/n" }];
  completeCompute(main, leaf, "task");
  const inner = (main.for_each_task as Record<string, Json>[] | undefined)?.[0];
  if (inner !== undefined) {
    const [nested = {}] = (inner.task as Record<string, Json>[] | undefined) ?? [];
    nested.task_key = leaf.path.endsWith("for_each_task.task.task_key") ? (value ?? "nested") : "nested";
    if (!Object.keys(nested).some((field) => /_task$/.test(field))) nested.notebook_task = [{ notebook_path: "/Shared/n" }];
    completeCompute(nested, leaf, "task.for_each_task.task");
    inner.task = [nested];
  }
  const others = ["a", "b"].map((key) => ({ task_key: `task_key-${key}`, notebook_task: [{ notebook_path: "/Shared/n" }] }));
  job.task = [main, ...(leaf.path.includes("depends_on") ? others : [])];
  if (leaf.path.endsWith("depends_on.outcome")) {
    (others[0] as Record<string, Json>).condition_task = [{ left: "1", right: "1", op: "EQUAL_TO" }];
    delete (others[0] as Record<string, Json>).notebook_task;
  }
  if (top === "task" && leaf.path.endsWith("job_cluster_key")) {
    job.job_cluster = ["a", "b"].map((key) => ({
      job_cluster_key: `job_cluster_key-${key}`,
      new_cluster: [{ spark_version: "15.4.x-scala2.12", node_type_id: "i3.xlarge", num_workers: 1 }],
    }));
  } else if (top === "job_cluster") {
    const [cluster = {}] = (job.job_cluster as Record<string, Json>[] | undefined) ?? [];
    completeCompute(cluster, leaf, "job_cluster");
    job.job_cluster = [cluster];
  }
  if (top === "task" && leaf.path.endsWith("environment_key"))
    job.environment = ["a", "b"].map((key) => ({ environment_key: `environment_key-${key}`, spec: [{ client: "1" }] }));
  if (/\.source$/.test(leaf.path)) job.git_source = [{ url: "https://github.com/a/a", provider: "gitHub", branch: "main" }];
  if (top === "git_source" && !/branch|tag|commit/.test(second))
    job.git_source = [
      { ...(job.git_source as Record<string, Json>[])[0], ...(second === "provider" ? {} : { provider: "gitHub" }), branch: "main" },
    ];
  if (top === "git_source" && /branch|tag|commit/.test(second))
    job.git_source = [{ ...(job.git_source as Record<string, Json>[])[0], provider: "gitHub" }];
  return job;
}

/** A library that names nothing is refused. */
function dropEmptyLibraries(block: Record<string, Json>): void {
  for (const [name, inner] of Object.entries(block)) {
    if (!Array.isArray(inner)) continue;
    if (name === "library" && inner.every((item) => Object.keys(item as object).length === 0)) block[name] = [];
    else for (const item of inner) if (typeof item === "object" && !Array.isArray(item)) dropEmptyLibraries(item);
  }
}

function completeCompute(holder: Record<string, Json>, leaf: FieldNode, at: string): Record<string, Json> {
  const [cluster] = (holder.new_cluster as Record<string, Json>[] | undefined) ?? [];
  if (cluster !== undefined) {
    cluster.spark_version ??= "15.4.x-scala2.12";
    if (!/\.(instance_pool_id|driver_instance_pool_id)$/.test(leaf.path)) cluster.node_type_id ??= "i3.xlarge";
    else if (!leaf.path.endsWith("new_cluster.instance_pool_id")) cluster.instance_pool_id ??= "pool-1";
    if (!leaf.path.endsWith("new_cluster.num_workers") && cluster.autoscale === undefined) cluster.num_workers ??= 1;
    if (/autoscale/.test(leaf.path))
      cluster.autoscale = [{ min_workers: 1, max_workers: 9, ...(cluster.autoscale as Record<string, Json>[] | undefined)?.[0] }];
  } else if (
    at !== "task" &&
    at !== "job_cluster" &&
    !/^new_cluster|existing_cluster_id/.test(leaf.path) &&
    at !== "task.for_each_task.task"
  )
    holder.existing_cluster_id ??= "0101-000000-abc";
  if (at.endsWith("task") && !leaf.path.includes("new_cluster") && /library/.test(leaf.path))
    holder.existing_cluster_id ??= "0101-000000-abc";
  return holder;
}

const wireNames: Readonly<Record<string, string>> = {
  task: "tasks",
  job_cluster: "job_clusters",
  environment: "environments",
  parameter: "parameters",
  library: "libraries",
};
const gitNames: Readonly<Record<string, string>> = {
  url: "git_url",
  provider: "git_provider",
  branch: "git_branch",
  tag: "git_tag",
  commit: "git_commit",
};

/** The same fields as `jobs/get` has them: arrays with plural names, single blocks as objects. */
export function toWire(nodes: readonly FieldNode[], block: Readonly<Record<string, Json>>, prefix = ""): Record<string, Json> {
  const made: Record<string, Json> = {};
  for (const [name, value] of Object.entries(block)) {
    const node = nodes.find((one) => one.name === name);
    const wire =
      prefix === "git_source"
        ? (gitNames[name] ?? name)
        : node?.type !== undefined || node?.single === true
          ? name
          : (wireNames[name] ?? name);
    if (node?.type !== undefined || node === undefined) made[wire] = value;
    else {
      const items = (value as Record<string, Json>[]).map((item) => toWire(node.children, item, node.path));
      made[wire] = node.single ? (items[0] ?? {}) : items;
    }
  }
  return made;
}

export function wireJob(job: Readonly<Record<string, Json>>): Record<string, Json> {
  return toWire(tree, job);
}
