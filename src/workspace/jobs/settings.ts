import { invalid, type JsonObject, type JsonValue } from "../errors";
import { withoutPassword } from "../compute/cluster-spec";
import { asArray, asObject, asText } from "./json";
import { kindOf, taskKinds } from "./run-model";

/** A stored job. */
export interface JobRecord {
  job_id: number;
  creator_user_name: string;
  created_time: number;
  /** The settings as sent, with the platform's defaults. `run_as` is stored separately. */
  settings: JsonObject;
  run_as?: { user_name: string } | { service_principal_name: string } | { group_name: string };
}

/** Settings of a task. At the top level of a job, they exist only in the old single-task format. */
export const legacyFields = [
  ...taskKinds,
  "existing_cluster_id",
  "new_cluster",
  "libraries",
  "max_retries",
  "min_retry_interval_millis",
  "retry_on_timeout",
] as const;

/**
 * Returns the settings as the platform stores them: as sent, with the documented defaults
 * (observed on the platform), without fields that only affect the call. Blocks that were not sent
 * stay absent, because the official provider would show them as a difference.
 */
export function withDefaults(sentSettings: JsonObject, version: string): JsonObject {
  const {
    run_as: _runAs,
    access_control_list: _acl,
    idempotency_token: _token,
    format: _format,
    ...sentFields
  } = withoutNulls(sentSettings);
  const isMultiTask = sentFields.tasks !== undefined;
  const settings: JsonObject = {
    name: "Untitled",
    email_notifications: {},
    webhook_notifications: {},
    timeout_seconds: 0,
    max_concurrent_runs: 1,
    // Queueing is on by default since 2.2 (docs "Updating from Jobs API 2.1 to 2.2").
    ...(version === "2.2" ? { queue: { enabled: true } } : {}),
    ...sentFields,
    format: isMultiTask ? "MULTI_TASK" : "SINGLE_TASK",
  };
  if (asText(settings.name) === "") settings.name = "Untitled";
  const schedule = asObject(settings.schedule);
  if (schedule !== undefined)
    settings.schedule = { ...schedule, pause_status: schedule.pause_status ?? "UNPAUSED" };
  const continuous = asObject(settings.continuous);
  if (continuous !== undefined)
    settings.continuous = { ...continuous, pause_status: continuous.pause_status ?? "UNPAUSED" };
  const trigger = asObject(settings.trigger);
  if (trigger !== undefined)
    settings.trigger = { ...trigger, pause_status: trigger.pause_status ?? "UNPAUSED" };
  if (isMultiTask) {
    for (const name of legacyFields) Reflect.deleteProperty(settings, name);
    settings.tasks = asArray(settings.tasks).map((task) =>
      taskWithDefaults(asObject(task) ?? {}, settings.git_source !== undefined),
    );
  } else {
    setClusterDefaults(settings);
  }
  if (settings.job_clusters !== undefined)
    settings.job_clusters = asArray(settings.job_clusters).map((item) => {
      const cluster = { ...asObject(item) };
      setClusterDefaults(cluster);
      return cluster;
    });
  return settings;
}

/** Returns the active triggers of a job, in the format of `triggers`; a continuous job has none. */
export const activeTriggers = (settings: JsonObject): JsonObject[] =>
  triggersOf(settings).filter((trigger) => trigger.pause_status !== "PAUSED");

/** Returns all triggers of a job, in the format of `triggers`; a continuous job has none. */
export function triggersOf({ schedule, trigger, triggers }: JsonObject): JsonObject[] {
  const cronSchedule = asObject(schedule);
  const singleTrigger = asObject(trigger);
  return [
    ...(cronSchedule === undefined
      ? []
      : [{ schedule: cronSchedule, pause_status: cronSchedule.pause_status }]),
    ...(singleTrigger === undefined ? [] : [singleTrigger]),
    ...asArray(triggers).map((trigger) => asObject(trigger) ?? {}),
  ];
}

/**
 * Returns a task with its defaults. The task inside a for_each_task is returned as sent, except that
 * its `new_cluster` gets defaults.
 */
function taskWithDefaults(sentTask: JsonObject, isInGit: boolean): JsonObject {
  const task: JsonObject = {
    run_if: "ALL_SUCCESS",
    timeout_seconds: 0,
    email_notifications: {},
    webhook_notifications: {},
    ...sentTask,
  };
  if (task.run_if === "") task.run_if = "ALL_SUCCESS";
  const notebook = asObject(task.notebook_task);
  if (notebook !== undefined)
    task.notebook_task = {
      ...notebook,
      source: asText(notebook.source) || (isInGit ? "GIT" : "WORKSPACE"),
    };
  setClusterDefaults(task);
  const loop = asObject(task.for_each_task);
  const nested = asObject(loop?.task);
  if (loop !== undefined && nested !== undefined) {
    const nestedWithDefaults = { ...nested };
    setClusterDefaults(nestedWithDefaults);
    task.for_each_task = { ...loop, task: nestedWithDefaults };
  }
  return task;
}

/** Sets the defaults of `new_cluster`. Its password and idempotency token are not stored. */
function setClusterDefaults(parent: JsonObject): void {
  const cluster = asObject(parent.new_cluster);
  if (cluster === undefined) return;
  const { idempotency_token: _token, ...spec } = withoutPassword(cluster);
  parent.new_cluster = {
    ...spec,
    enable_elastic_disk: spec.enable_elastic_disk ?? false,
    data_security_mode: spec.data_security_mode ?? "SINGLE_USER",
  };
}

/**
 * Returns a task, job cluster or single-task job without `apply_policy_default_values` of its
 * `new_cluster`. The platform applies this field when a run starts, but never returns it (observed on
 * the platform).
 */
export function renderNewCluster(parent: JsonObject): JsonObject {
  const cluster = asObject(parent.new_cluster);
  const loop = asObject(parent.for_each_task);
  const nestedTask = asObject(loop?.task);
  if (cluster === undefined && nestedTask === undefined) return parent;
  const { apply_policy_default_values: _apply, ...renderedCluster } = cluster ?? {};
  return {
    ...parent,
    ...(cluster !== undefined && { new_cluster: renderedCluster }),
    ...(nestedTask !== undefined && {
      for_each_task: { ...loop, task: renderNewCluster(nestedTask) },
    }),
  };
}

function withoutNulls(value: JsonObject): JsonObject {
  const withoutNullItems = (item: JsonValue): JsonValue =>
    Array.isArray(item)
      ? item.map(withoutNullItems)
      : typeof item === "object" && item !== null
        ? withoutNulls(item)
        : item;
  const result: JsonObject = {};
  for (const [key, item] of Object.entries(value))
    if (item !== null && item !== undefined) result[key] = withoutNullItems(item);
  return result;
}

/** The arrays that jobs/update merges item by item, with the key of their items. */
const MERGE_KEYS: Readonly<Record<string, string>> = {
  tasks: "task_key",
  job_clusters: "job_cluster_key",
};

/**
 * Applies jobs/update: top-level fields are replaced, and in the lists of tasks and job clusters, the
 * items with the same key.
 * `fields_to_remove` accepts top-level names, `tasks/<key>` and `job_clusters/<key>`.
 */
export function applyUpdate(
  settings: JsonObject,
  changes: JsonObject,
  fieldsToRemove: readonly string[],
): JsonObject {
  const updated: JsonObject = { ...settings };
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined || value === null) continue;
    const key = MERGE_KEYS[name];
    updated[name] =
      key === undefined || !Array.isArray(value)
        ? value
        : mergeByKey(asArray(updated[name]), value, key);
  }
  for (const field of fieldsToRemove) {
    const [list, item, ...extraParts] = field.split("/");
    if (list === undefined || extraParts.length > 0)
      throw invalid(`Invalid field to remove: '${field.slice(0, 200)}'.`);
    const key = MERGE_KEYS[list];
    if (item === undefined) Reflect.deleteProperty(updated, list);
    else if (key === undefined)
      throw invalid(
        `Invalid field to remove: '${field.slice(0, 200)}': only top-level fields, tasks/<task_key> and job_clusters/<job_cluster_key> can be removed.`,
      );
    else updated[list] = asArray(updated[list]).filter((value) => asObject(value)?.[key] !== item);
  }
  return updated;
}

function mergeByKey(
  existing: readonly JsonValue[],
  changes: readonly JsonValue[],
  key: string,
): JsonValue[] {
  const result = [...existing];
  for (const change of changes) {
    const index = result.findIndex((item) => asObject(item)?.[key] === asObject(change)?.[key]);
    if (index >= 0) result[index] = change;
    else result.push(change);
  }
  return result;
}

/**
 * Converts the settings of a single-task job to the multi-task format, which 2.1 and 2.2 return.
 */
export function asMultiTask(settings: JsonObject): JsonObject {
  if (settings.format !== "SINGLE_TASK") return settings;
  const jobFields: JsonObject = { ...settings, format: "MULTI_TASK" };
  if (kindOf(settings) === undefined) return jobFields;
  const task: JsonObject = { task_key: legacyKey(settings), run_if: "ALL_SUCCESS" };
  for (const name of legacyFields) {
    if (jobFields[name] === undefined) continue;
    task[name] = jobFields[name];
    Reflect.deleteProperty(jobFields, name);
  }
  return {
    ...jobFields,
    tasks: [{ ...task, timeout_seconds: settings.timeout_seconds ?? 0, email_notifications: {} }],
  };
}

/** The task key of a single-task job: the job's name, reduced to the characters allowed in keys. */
const legacyKey = (settings: JsonObject): string =>
  asText(settings.name)
    .replace(/[^\w-]+/g, "_")
    .slice(0, 100) || "task";

/** Returns the tasks of a job with these settings; of a single-task job, its only task. */
export function tasksOf(settings: JsonObject): JsonObject[] {
  return asArray(asMultiTask(settings).tasks).map((task) => asObject(task) ?? {});
}
