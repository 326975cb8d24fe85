import { isList, isObject, text, type JsonObject } from "../plan/json";
import type { StackResource } from "../plan/stack";

/**
 * Returns the blocks of a configuration value, which is a list or, for one block, also an object.
 */
export const blocks = (value: unknown): readonly JsonObject[] =>
  isList(value) ? value.filter(isObject) : isObject(value) ? [value] : [];
/** Returns the first block of a configuration value. */
export const block = (value: unknown): JsonObject | undefined => blocks(value)[0];
export const isExpression = (value: unknown): boolean =>
  typeof value === "string" && value.includes("${");

export interface Task {
  readonly where: string;
  readonly key: string;
  readonly task: JsonObject;
}

/** Returns the tasks of a job, including those inside a for_each. */
export function tasksOf(job: StackResource): Task[] {
  return blocks(job.config.task).flatMap((task) => {
    const key = text(task.task_key) ?? "?";
    const where = `task[${key}]`;
    const inner = block(block(task.for_each_task)?.task);
    return [
      { where, key, task },
      ...(inner === undefined
        ? []
        : [
            { where: `${where}.for_each_task.task`, key: text(inner.task_key) ?? key, task: inner },
          ]),
    ];
  });
}

/**
 * Returns the tasks that do work themselves, without conditions, for_each tasks and runs of jobs.
 */
export const workTasks = (job: StackResource): Task[] =>
  tasksOf(job).filter(
    ({ task }) =>
      !["condition_task", "for_each_task", "run_job_task"].some(
        (kind) => block(task[kind]) !== undefined,
      ),
  );

export interface Cluster {
  readonly where: string;
  readonly cluster: JsonObject;
  readonly use: "job" | "all-purpose";
}

/** Caches the clusters of each resource, because several policies use them. */
const clustersByResource = new WeakMap<StackResource, readonly Cluster[]>();

/** Returns all clusters that a job or a cluster resource defines. */
export function clustersOf(resource: StackResource): readonly Cluster[] {
  const clusters = clustersByResource.get(resource) ?? findClusters(resource);
  clustersByResource.set(resource, clusters);
  return clusters;
}

function findClusters(resource: StackResource): readonly Cluster[] {
  if (resource.type === "databricks_cluster")
    return [{ where: "", cluster: resource.config, use: "all-purpose" }];
  const shared = blocks(resource.config.job_cluster).flatMap((entry) => {
    const cluster = block(entry.new_cluster);
    return cluster === undefined
      ? []
      : [
          {
            where: `job_cluster[${text(entry.job_cluster_key) ?? "?"}].new_cluster.`,
            cluster,
            use: "job" as const,
          },
        ];
  });
  const taskClusters = tasksOf(resource).flatMap(({ where, task }) => {
    const cluster = block(task.new_cluster);
    return cluster === undefined
      ? []
      : [{ where: `${where}.new_cluster.`, cluster, use: "job" as const }];
  });
  return [...shared, ...taskClusters];
}

/** True if a job starts automatically, by an active schedule, a trigger or a continuous run. */
export function isScheduled(job: StackResource): boolean {
  return ["schedule", "trigger", "continuous", "triggers"].some((field) =>
    blocks(job.config[field]).some((settings) => settings.pause_status !== "PAUSED"),
  );
}

/** Returns the strings in a list; a single string counts as a list of one. */
export const strings = (value: unknown): string[] =>
  isList(value)
    ? value.filter((inner): inner is string => typeof inner === "string")
    : typeof value === "string"
      ? [value]
      : [];
