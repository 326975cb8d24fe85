import type { BackendDefault, Rules, Value } from "../kind";
import { isAttributes, isZeroValue, sameName } from "../shape/shape";
import { blocks, textOrEmpty } from "../shape/attributes";
import { platformValue } from "../shape/rules";

const isEmptyBlock = (value: Value): boolean =>
  isZeroValue(value) ||
  (Array.isArray(value) &&
    value.every(
      (item) => isAttributes(item) && Object.values(item).every((inner) => isZeroValue(inner)),
    ));

const emptyBlock = (reason: string): BackendDefault => ({ reason, when: isEmptyBlock });

const observedReason = "set by the platform (observed by the vendor's own tests)";

/** Returns the rules for the defaults of a task. @param prefix the path of the task */
function taskDefaults(prefix: string): Record<string, BackendDefault> {
  return {
    ...commonDefaults(prefix),
    [`${prefix}sql_task.file.source`]: codeSource,
    [`${prefix}retry_on_timeout`]: platformValue("documented default", false),
    [`${prefix}run_if`]: { ...platformValue(observedReason, "ALL_SUCCESS"), absentIsDefault: true },
    [`${prefix}spark_jar_task.run_as_repl`]: platformValue(
      "the platform runs jars in a REPL",
      true,
    ),
  };
}

const codeSource: BackendDefault = {
  reason: "where the code is: WORKSPACE, or GIT in a job with a git source",
  absentIsDefault: true,
  when: (remote, _parent, remoteObject) =>
    remote === (blocks(remoteObject, "git_source").length > 0 ? "GIT" : "WORKSPACE"),
};

/** Returns the rules for fields that a task has, and that a job without tasks has itself. */
function commonDefaults(prefix: string): Record<string, BackendDefault> {
  const sources = ["notebook_task", "spark_python_task", "dbt_task"].map(
    (task) => [`${prefix}${task}.source`, codeSource] as const,
  );
  return {
    ...Object.fromEntries(sources),
    [`${prefix}email_notifications`]: emptyBlock("an empty block equals no block"),
    [`${prefix}webhook_notifications`]: emptyBlock("an empty block equals no block"),
    [`${prefix}notification_settings`]: emptyBlock("all false equals no block"),
    [`${prefix}dbt_task.schema`]: platformValue("documented default of dbt tasks", "default"),
    ...clusterDefaults(`${prefix}new_cluster.`),
  };
}

/** Returns the rules for the defaults of a cluster. @param prefix the path of its specification */
export function clusterDefaults(prefix: string): Record<string, BackendDefault> {
  // Accepts the block. An identity in it is accepted only if a policy can have set it; otherwise it
  // was set manually, or the provider kept it from another list element.
  const acceptWithoutIdentity = (
    reason: string,
    ...identityFields: readonly string[]
  ): BackendDefault => ({
    reason,
    when: (remote, parent) =>
      textOrEmpty(parent, "policy_id") !== "" ||
      !Array.isArray(remote) ||
      remote.every(
        (item) => isAttributes(item) && identityFields.every((field) => isZeroValue(item[field])),
      ),
  });
  const fromPolicy: BackendDefault = {
    reason: "a policy may set it; without a policy it would be drift",
    when: (_remote, parent) => textOrEmpty(parent, "policy_id") !== "",
  };
  return {
    [`${prefix}data_security_mode`]: platformValue(
      observedReason,
      "SINGLE_USER",
      "LEGACY_SINGLE_USER_STANDARD",
    ),
    [`${prefix}aws_attributes`]: acceptWithoutIdentity(
      "zone and availability are chosen by the platform if not set",
      "instance_profile_arn",
    ),
    [`${prefix}azure_attributes`]: acceptWithoutIdentity(
      "availability is chosen by the platform if not set",
    ),
    [`${prefix}gcp_attributes`]: acceptWithoutIdentity(
      "zone and availability are chosen by the platform if not set",
      "google_service_account",
    ),
    [`${prefix}enable_elastic_disk`]: platformValue(
      "false by default; true for instance types without a local disk",
      false,
      true,
    ),
    [`${prefix}enable_local_disk_encryption`]: platformValue("false by default", false),
    [`${prefix}driver_node_type_id`]: {
      reason: "the driver defaults to the workers' type",
      when: (remote, parent) =>
        remote === parent["node_type_id"] || textOrEmpty(parent, "instance_pool_id") !== "",
      follows: (remote, parent) => remote === parent["node_type_id"],
    },
    [`${prefix}node_type_id`]: {
      reason: "set by the instance pool or the policy",
      when: (_remote, parent) =>
        textOrEmpty(parent, "instance_pool_id") !== "" || textOrEmpty(parent, "policy_id") !== "",
    },
    [`${prefix}driver_instance_pool_id`]: {
      reason: "the driver defaults to the workers' pool",
      when: (remote, parent) => remote === parent["instance_pool_id"],
      follows: (remote, parent) => remote === parent["instance_pool_id"],
    },
    [`${prefix}spark_conf`]: fromPolicy,
    [`${prefix}custom_tags`]: fromPolicy,
    [`${prefix}spark_env_vars`]: {
      reason: "the platform sets PYSPARK_PYTHON; a policy may set other variables",
      when: (remote, parent) =>
        textOrEmpty(parent, "policy_id") !== "" ||
        (isAttributes(remote) && Object.keys(remote).every((name) => name === "PYSPARK_PYTHON")),
    },
  };
}

const flagReason =
  "the platform uses the flag at creation and does not return it (observed by the vendor's own tests)";

const allowListReason = "only the Terraform provider reads the list; a job does not have it";

function unverifiableClusterFields(): Record<string, string> {
  const prefixes = ["", "job_cluster.", "task.", "task.for_each_task.task."];
  return Object.fromEntries(
    prefixes.flatMap((prefix) => [
      [`${prefix}new_cluster.apply_policy_default_values`, flagReason],
      [
        `${prefix}new_cluster.idempotency_token`,
        "a token of the create call, not a property of the cluster",
      ],
      [
        `${prefix}new_cluster.docker_image.basic_auth.password`,
        "the platform does not return passwords",
      ],
    ]),
  );
}

/** Lists of a task in which the order does not matter. */
const unorderedLists = [
  "dashboard_task.subscription.subscribers",
  "power_bi_task.tables",
  "sql_task.alert.subscriptions",
  "sql_task.dashboard.subscriptions",
];

const keyedTask = (prefix: string): Record<string, string> => ({
  ...Object.fromEntries(unorderedLists.map((list) => [`${prefix}${list}`, "*"])),
  ...keyedCommon(prefix),
  [`${prefix}depends_on`]: "task_key",
});

const keyedCommon = (prefix: string): Record<string, string> => ({
  [`${prefix}library`]: "*",
  [`${prefix}library.maven.exclusions`]: "*",
  ...keyedCluster(`${prefix}new_cluster.`),
  [`${prefix}health.rules`]: "metric",
  ...keyedWebhooks(`${prefix}webhook_notifications.`),
  ...keyedEmails(`${prefix}email_notifications.`),
});

const keyedCluster = (prefix: string): Record<string, string> => ({
  [`${prefix}ssh_public_keys`]: "*",
  [`${prefix}library.maven.exclusions`]: "*",
});

const events = [
  "on_start",
  "on_success",
  "on_failure",
  "on_duration_warning_threshold_exceeded",
  "on_streaming_backlog_exceeded",
];
const keyedWebhooks = (prefix: string): Record<string, string> =>
  Object.fromEntries(events.map((event) => [`${prefix}${event}`, "id"]));
const keyedEmails = (prefix: string): Record<string, string> =>
  Object.fromEntries(events.map((event) => [`${prefix}${event}`, "*"]));

/**
 * The rule for `run_as`. A job that was created without it runs as its creator, whom the code does
 * not name. So any user is accepted.
 */
const runAs: BackendDefault = {
  reason: "without run_as a job runs as its creator",
  when: () => true,
};

export const jobRules: Rules = {
  keyed: {
    task: "task_key",
    job_cluster: "job_cluster_key",
    environment: "environment_key",
    parameter: "name",
    "trigger.model.aliases": "*",
    "trigger.table_update.table_names": "*",
    "triggers.model.aliases": "*",
    "triggers.table_update.table_names": "*",
    ...keyedCluster("job_cluster.new_cluster."),
    ...keyedCommon(""),
    ...keyedTask("task."),
    "task.for_each_task.task": "task_key",
    ...keyedTask("task.for_each_task.task."),
  },
  backendDefaults: {
    ...commonDefaults(""),
    ...taskDefaults("task."),
    ...taskDefaults("task.for_each_task.task."),
    ...clusterDefaults("job_cluster.new_cluster."),
    "task.for_each_task.concurrency": platformValue("default: one iteration at a time", 1),
    "schedule.pause_status": platformValue("documented default", "UNPAUSED"),
    "trigger.pause_status": platformValue("documented default", "UNPAUSED"),
    "triggers.pause_status": platformValue("documented default", "UNPAUSED"),
    "continuous.pause_status": platformValue("documented default", "UNPAUSED"),
    "git_source.provider": {
      reason: "derived from the URL",
      when: () => true,
    },
    name: platformValue("a job without a name", "Untitled"),
    max_concurrent_runs: platformValue("documented default", 1),
    format: platformValue("follows from the tasks", "MULTI_TASK", "SINGLE_TASK"),
    queue: {
      reason: "the provider sets enabled = false by default",
      when: (remote) =>
        !Array.isArray(remote) ||
        remote.every((item) => isAttributes(item) && item["enabled"] !== true),
    },
    edit_mode: platformValue(
      "whether users can edit the job in the UI; editable by default",
      "EDITABLE",
    ),
    performance_target: platformValue(
      "documented default of serverless jobs",
      "PERFORMANCE_OPTIMIZED",
      "STANDARD",
    ),
    run_as: runAs,
  },
  cannotClear: {
    run_as:
      "the platform keeps the run_as identity until a different one is set: set run_as (runAs) in the code, or change Run as on the job's page in the workspace",
  },
  unverifiable: {
    ...unverifiableClusterFields(),
    "job_cluster.new_cluster.__apply_policy_default_values_allow_list": allowListReason,
    "task.new_cluster.__apply_policy_default_values_allow_list": allowListReason,
    // The platform accepts the condition but never returns it (databricks/cli#6315).
    "trigger.table_update.condition": "the platform does not return the condition",
    "triggers.table_update.condition": "the platform does not return the condition",
  },
  configOnly: {
    always_running: "controls Terraform after a deploy; not part of the job",
    control_run_state: "controls Terraform after a deploy; not part of the job",
  },
  equivalent: {
    "git_source.provider": sameName,
    "git_source.url": (a: Value, b: Value) => normalGitUrl(a) === normalGitUrl(b),
  },
};

/** Removes a slash at the end and the suffix `.git`, which do not matter. */
function normalGitUrl(value: Value): Value {
  return typeof value === "string" ? value.replace(/\/$/, "").replace(/\.git$/, "") : value;
}
