import { invalid, type JsonObject } from "../errors";
import { Fields } from "../fields";
import { conditionOps } from "./condition";
import { rejectNodeTypeWithPool } from "../compute/cluster-spec";
import { isKnownZone, parseCron } from "./cron";
import { findCycle } from "./cycle";
import { INPUTS_LIMIT } from "./for-each";
import { gitProviders } from "../objects/git-providers";
import { asObject } from "./json";
import { taskKinds } from "./run-model";

/** The limits documented by the platform (Jobs API reference, "Resource limits"). */
export const limits = {
  tasks: 1000,
  tasksBefore22: 100,
  tags: 25,
  nameBytes: 4096,
  descriptionChars: 27_700,
  concurrentRuns: 1000,
  paramsBytes: 10_000,
  taskKeyChars: 100,
  concurrency: 100,
} as const;

const RUN_IF_VALUES = [
  "ALL_SUCCESS",
  "AT_LEAST_ONE_SUCCESS",
  "NONE_FAILED",
  "ALL_DONE",
  "AT_LEAST_ONE_FAILED",
  "ALL_FAILED",
] as const;
const PAUSE_STATUSES = ["PAUSED", "UNPAUSED"] as const;

/**
 * Checks a job's complete settings before they are stored. Many fields are only read, because this
 * checks their types.
 * @throws INVALID_PARAMETER_VALUE or MALFORMED_REQUEST
 */
export function validateSettings(settings: JsonObject, version: string): void {
  const fields = new Fields(settings);
  const name = fields.optionalString("name") ?? "";
  if (Buffer.byteLength(name) > limits.nameBytes)
    throw invalid(`The job name must not be longer than ${limits.nameBytes} bytes.`);
  if ((fields.optionalString("description") ?? "").length > limits.descriptionChars)
    throw invalid(
      `The job description must not be longer than ${limits.descriptionChars} characters.`,
    );
  const maxConcurrentRuns = fields.optionalInteger("max_concurrent_runs");
  if (
    maxConcurrentRuns !== undefined &&
    (maxConcurrentRuns < 0 || maxConcurrentRuns > limits.concurrentRuns)
  )
    throw invalid(
      `Invalid value for max_concurrent_runs: ${maxConcurrentRuns}. It must be between 0 and ${limits.concurrentRuns}.`,
    );
  checkMinimum(fields, "timeout_seconds", 0);
  const tags = fields.optionalStringMap("tags") ?? {};
  if (Object.keys(tags).length > limits.tags)
    throw invalid(`A job can have at most ${limits.tags} tags, got ${Object.keys(tags).length}.`);
  checkTriggers(fields);
  checkGitSource(fields);
  checkNotifications(fields);
  fields.fields("queue").optionalBoolean("enabled");
  checkRunAs(fields);
  const environments = uniqueKeys(fields, "environments", "environment_key");
  uniqueKeys(fields, "parameters", "name", (parameter) => void parameter.optionalString("default"));
  const clusters = uniqueKeys(fields, "job_clusters", "job_cluster_key", (cluster) =>
    checkNewCluster(
      cluster.fields("new_cluster"),
      cluster.has("new_cluster"),
      cluster.has("serverless_compute_id"),
    ),
  );
  checkHealth(fields);
  validateTasks(fields.list("tasks"), { clusters, environments, version });
  if (!fields.has("tasks")) {
    checkWork(fields, "the job", false);
    if (fields.has("new_cluster")) checkNewCluster(fields.fields("new_cluster"), true);
    checkRetries(fields);
  }
}

function checkMinimum(fields: Fields, name: string, minimum: number): void {
  const value = fields.optionalInteger(name);
  if (value !== undefined && value < minimum)
    throw invalid(`Invalid value for ${name}: ${value}. It must be at least ${minimum}.`);
}

function checkRetries(fields: Fields): void {
  checkMinimum(fields, "max_retries", -1);
  checkMinimum(fields, "min_retry_interval_millis", 0);
  checkMinimum(fields, "timeout_seconds", 0);
  fields.optionalBoolean("retry_on_timeout");
}

/** Returns the keys of a list's items. @throws for a duplicate */
function uniqueKeys(
  fields: Fields,
  list: string,
  key: string,
  check: (item: Fields) => void = () => undefined,
): Set<string> {
  const keys = new Set<string>();
  for (const item of fields.list(list)) {
    const value = item.string(key);
    if (keys.has(value)) throw invalid(`Duplicate ${key} '${value}' in ${list}.`);
    keys.add(value);
    check(item);
  }
  return keys;
}

function checkNewCluster(cluster: Fields, isPresent: boolean, isServerless = false): void {
  if (!isPresent && isServerless) return;
  if (!isPresent) throw invalid("Missing required field: new_cluster");
  const hasPolicy = cluster.has("policy_id");
  if (hasPolicy) cluster.optionalString("spark_version");
  else cluster.string("spark_version");
  if (
    !hasPolicy &&
    !["node_type_id", "instance_pool_id", "driver_instance_pool_id", "node_type_flexibility"].some(
      (name) => cluster.has(name),
    )
  )
    throw invalid("Cluster specification must have a node_type_id or an instance_pool_id.");
  rejectNodeTypeWithPool(cluster);
  // The official provider also sends num_workers 0 for a cluster with autoscale.
  if (
    cluster.has("num_workers") &&
    cluster.has("autoscale") &&
    cluster.optionalInteger("num_workers") !== 0
  )
    throw invalid("Cluster specification can have num_workers or autoscale, not both.");
  checkMinimum(cluster, "num_workers", 0);
  const autoscale = cluster.fields("autoscale");
  const [low, high] = [
    autoscale.optionalInteger("min_workers"),
    autoscale.optionalInteger("max_workers"),
  ];
  if (low !== undefined && high !== undefined && low > high)
    throw invalid(`Invalid autoscale: min_workers ${low} is larger than max_workers ${high}.`);
}

function checkTriggers(fields: Fields): void {
  const names = ["schedule", "continuous", "trigger", "triggers"].filter((name) =>
    fields.has(name),
  );
  if (names.length > 1)
    throw invalid(
      `A job can have only one of schedule, continuous, trigger and triggers, got ${names.join(" and ")}.`,
    );
  if (fields.has("schedule")) checkSchedule(fields.fields("schedule"));
  if (fields.has("continuous")) {
    fields.fields("continuous").optionalEnum("pause_status", PAUSE_STATUSES);
    if ((fields.optionalInteger("max_concurrent_runs") ?? 1) > 1)
      throw invalid("A continuous job must have max_concurrent_runs 1.");
  }
  if (fields.has("trigger")) checkEventTrigger(fields.fields("trigger"));
  for (const trigger of fields.list("triggers")) {
    if (trigger.has("schedule")) checkSchedule(trigger.fields("schedule"));
    checkEventTrigger(trigger);
  }
}

function checkSchedule(schedule: Fields): void {
  const expression = schedule.string("quartz_cron_expression");
  if (parseCron(expression) === undefined)
    throw invalid(
      `Invalid quartz_cron_expression: '${expression.slice(0, 200)}'. Learn more: quartz-scheduler.org`,
    );
  const zone = schedule.string("timezone_id");
  if (!isKnownZone(zone)) throw invalid(`Invalid timezone_id: '${zone.slice(0, 200)}'.`);
  schedule.optionalEnum("pause_status", PAUSE_STATUSES);
}

function checkEventTrigger(trigger: Fields): void {
  trigger.optionalEnum("pause_status", PAUSE_STATUSES);
  if (trigger.has("periodic")) {
    const periodic = trigger.fields("periodic");
    if (periodic.integer("interval") < 1)
      throw invalid("Invalid value for trigger.periodic.interval: it must be at least 1.");
    periodic.optionalEnum("unit", ["HOURS", "DAYS", "WEEKS"]);
  }
  if (trigger.has("file_arrival")) {
    trigger.fields("file_arrival").string("url");
    checkWaitTimes(trigger.fields("file_arrival"), "file_arrival");
  }
  for (const name of ["table_update", "table"]) {
    if (!trigger.has(name)) continue;
    const tables = trigger.fields(name);
    if ((tables.optionalStrings("table_names") ?? []).length === 0)
      throw invalid(`Missing required field: trigger.${name}.table_names`);
    tables.optionalEnum("condition", ["ANY_UPDATED", "ALL_UPDATED"]);
    checkWaitTimes(tables, name);
  }
}

/** Checks the two wait times of an event trigger: 0 (none), or at least one minute. */
function checkWaitTimes(trigger: Fields, name: string): void {
  for (const field of ["min_time_between_triggers_seconds", "wait_after_last_change_seconds"]) {
    const seconds = trigger.optionalInteger(field) ?? 0;
    if (seconds !== 0 && seconds < 60)
      throw invalid(
        `Invalid value for trigger.${name}.${field}: ${seconds}. It must be at least 60.`,
      );
  }
}

function checkGitSource(fields: Fields): void {
  if (!fields.has("git_source")) return;
  const git = fields.fields("git_source");
  git.string("git_url");
  const provider = git.optionalString("git_provider") ?? "";
  // Observed on the platform: this message shows the providers in lower case.
  if (!gitProviders.some((item) => item.toLowerCase() === provider.toLowerCase()))
    throw invalid(
      `git_source.git_provider must be one of: ${gitProviders.map((item) => item.toLowerCase()).join(", ")}`,
    );
  const names = ["git_branch", "git_tag", "git_commit"].filter(
    (name) => (git.optionalString(name) ?? "") !== "",
  );
  if (names.length > 1)
    throw invalid(
      `git_source can have only one of git_branch, git_tag and git_commit, got ${names.join(" and ")}.`,
    );
}

const NOTIFICATION_EVENTS = [
  "on_start",
  "on_success",
  "on_failure",
  "on_duration_warning_threshold_exceeded",
  "on_streaming_backlog_exceeded",
];

function checkNotifications(fields: Fields): void {
  const emails = fields.fields("email_notifications");
  for (const event of NOTIFICATION_EVENTS) emails.optionalStrings(event);
  const hooks = fields.fields("webhook_notifications");
  for (const event of NOTIFICATION_EVENTS) hooks.list(event);
}

function checkRunAs(fields: Fields): void {
  const runAsFields = fields.fields("run_as");
  const names = ["user_name", "service_principal_name", "group_name"].filter(
    (name) => runAsFields.optionalString(name) !== undefined,
  );
  if (names.length > 1)
    throw invalid("run_as can have only one of user_name, service_principal_name and group_name.");
}

function checkHealth(fields: Fields): void {
  for (const rule of fields.fields("health").list("rules")) {
    rule.string("metric");
    rule.string("op");
    rule.integer("value");
  }
}

interface JobContext {
  readonly clusters: ReadonlySet<string>;
  readonly environments: ReadonlySet<string>;
  readonly version: string;
}

/** Checks the tasks of a job or of a one-time run, and their dependencies. */
function validateTasks(tasks: readonly Fields[], job: JobContext): void {
  const maxTasks = job.version === "2.2" ? limits.tasks : limits.tasksBefore22;
  if (tasks.length > maxTasks)
    throw tasks.length <= limits.tasks
      ? invalid(
          `Resources with more than 100 tasks can only be handled by API 2.2 and above. Your resource has ${tasks.length} tasks`,
        )
      : invalid(
          `The number of tasks must not be larger than ${limits.tasks}. Your resource has ${tasks.length} tasks`,
        );
  const byKey = new Map<string, Fields>();
  for (const task of tasks) {
    const key = parseTaskKey(task);
    if (byKey.has(key))
      throw invalid(
        `Invalid task key: duplicate task_key '${key}'. Task keys must be unique within a job.`,
      );
    byKey.set(key, task);
    validateTask(task, key, job);
  }
  for (const [key, task] of byKey) {
    for (const dependency of task.list("depends_on")) {
      const upstreamKey = dependency.string("task_key");
      const upstream = byKey.get(upstreamKey);
      if (upstreamKey === key)
        throw invalid(`Invalid dependency: task '${key}' depends on itself.`);
      if (upstream === undefined)
        throw invalid(
          `Invalid dependency: task '${key}' depends on task '${upstreamKey}', which does not exist.`,
        );
      const outcome = dependency.optionalString("outcome");
      if (outcome === undefined || outcome === "") continue;
      if (!upstream.has("condition_task"))
        throw invalid(
          `Invalid dependency: task '${key}' names an outcome of task '${upstreamKey}', which is not a condition task.`,
        );
      if (outcome !== "true" && outcome !== "false")
        throw invalid(
          `Invalid dependency: outcome '${outcome}' of task '${upstreamKey}' must be "true" or "false".`,
        );
    }
  }
  const cycle = findCycle(byKey);
  if (cycle !== undefined)
    throw invalid(`Invalid dependencies: the tasks form a cycle: ${cycle.join(" -> ")}.`);
}

function parseTaskKey(task: Fields): string {
  const key = task.string("task_key");
  if (key.length > limits.taskKeyChars || !/^[\w-]+$/.test(key))
    throw invalid(
      `Invalid task key '${key.slice(0, 200)}': only letters, digits, - and _ are allowed, at most ${limits.taskKeyChars} of them.`,
    );
  return key;
}

/** Checks the type, compute and libraries of a task or of a single-task job. */
function checkWork(task: Fields, label: string, isRequired: boolean): void {
  const kinds = taskKinds.filter((name) => task.has(name));
  for (const name of kinds) task.object(name);
  if (kinds.length > 1)
    throw invalid(`Invalid task: ${label} has more than one task type: ${kinds.join(", ")}.`);
  if (isRequired && kinds.length === 0)
    throw invalid(`Invalid task: ${label} has no task type, for example notebook_task.`);
  const compute = ["existing_cluster_id", "new_cluster", "job_cluster_key"].filter(
    (name) => task.has(name) && task.values[name] !== "",
  );
  if (compute.length > 1)
    throw invalid(`Invalid task: ${label} has more than one compute: ${compute.join(", ")}.`);
  if (task.has("notebook_task")) {
    const notebook = task.fields("notebook_task");
    notebook.string("notebook_path");
    const parameters = notebook.optionalStringMap("base_parameters") ?? {};
    if (Buffer.byteLength(JSON.stringify(parameters)) > 1024 * 1024)
      throw invalid(`Invalid task: the base_parameters of ${label} are larger than 1 MB.`);
  }
  if (task.has("run_job_task")) task.fields("run_job_task").integer("job_id");
  for (const library of task.list("libraries"))
    if (Object.keys(library.values).length !== 1)
      throw invalid(`Invalid library: expected exactly one library type in ${label}.`);
}

function validateTask(task: Fields, key: string, job: JobContext, nested = false): void {
  const label = `task '${key}'`;
  checkWork(task, label, true);
  task.optionalEnum("run_if", RUN_IF_VALUES);
  checkRetries(task);
  checkNotifications(task);
  checkHealth(task);
  task.optionalBoolean("disabled");
  if (task.has("new_cluster")) checkNewCluster(task.fields("new_cluster"), true);
  const cluster = task.optionalString("job_cluster_key") ?? "";
  if (cluster !== "" && !job.clusters.has(cluster))
    throw invalid(
      `Invalid task: ${label} uses job_cluster_key '${cluster}', which is not among the job_clusters.`,
    );
  const environment = task.optionalString("environment_key") ?? "";
  if (environment !== "" && job.environments.size > 0 && !job.environments.has(environment))
    throw invalid(
      `Invalid task: ${label} uses environment_key '${environment}', which is not among the environments.`,
    );
  if (task.has("condition_task")) {
    const condition = task.fields("condition_task");
    if (condition.optionalEnum("op", conditionOps) === undefined)
      throw invalid(`Missing required field: condition_task.op of ${label}`);
    if (!condition.has("left") || !condition.has("right"))
      throw invalid(
        `Missing required field: condition_task.left and condition_task.right of ${label}`,
      );
    condition.optionalString("left");
    condition.optionalString("right");
  }
  if (task.has("for_each_task")) checkLoop(task.fields("for_each_task"), label, job, nested);
}

function checkLoop(loopFields: Fields, label: string, job: JobContext, nested: boolean): void {
  if (nested)
    throw invalid(`Invalid task: ${label}: a for_each_task cannot be nested in another one.`);
  const inputs = loopFields.string("inputs");
  if (inputs.length > INPUTS_LIMIT)
    throw invalid(
      `Invalid task: the inputs of ${label} are longer than ${INPUTS_LIMIT} characters.`,
    );
  if (!inputs.includes("{{") && !isJsonArray(inputs))
    throw invalid(`Invalid task: the inputs of ${label} must be a JSON array or a reference.`);
  const concurrency = loopFields.optionalInteger("concurrency") ?? 1;
  if (concurrency < 1 || concurrency > limits.concurrency)
    throw invalid(
      `Invalid task: the concurrency of ${label} must be between 1 and ${limits.concurrency}.`,
    );
  if (asObject(loopFields.values.task) === undefined)
    throw invalid(`Missing required field: for_each_task.task of ${label}`);
  const nestedTask = loopFields.fields("task");
  validateTask(nestedTask, parseTaskKey(nestedTask), job, true);
}

function isJsonArray(text: string): boolean {
  try {
    return Array.isArray(JSON.parse(text));
  } catch {
    return false;
  }
}

/**
 * Checks the parameters of run-now, submit and repair: each may have at most 10,000 bytes of JSON
 * (docs "Trigger a new job run").
 */
export function validateParams(fields: Fields): void {
  for (const name of ["notebook_params", "python_named_params", "sql_params", "job_parameters"]) {
    const value = fields.optionalStringMap(name);
    if (value !== undefined) checkLength(name, JSON.stringify(value));
  }
  for (const name of ["jar_params", "python_params", "spark_submit_params", "dbt_commands"]) {
    const value = fields.optionalStrings(name);
    if (value !== undefined) checkLength(name, JSON.stringify(value));
  }
}

function checkLength(name: string, json: string): void {
  if (Buffer.byteLength(json) > limits.paramsBytes)
    throw invalid(
      `The JSON representation of ${name} must not be longer than ${limits.paramsBytes} bytes.`,
    );
}
