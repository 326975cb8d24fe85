import { ConstructError } from "../core/errors";

/** A block or a resource in cdk.tf.json. */
export type Block = Readonly<Record<string, unknown>>;

/** A resource of a rendered stack, with its origin. */
export interface Rendered {
  /** The construct path. */
  readonly path: string;
  /** The Terraform type: `databricks_job`. */
  readonly type: string;
  /** The fields of the resource. */
  readonly body: Block;
  /**
   * The body as JSON. A search in this string excludes most resources, so that only a few must be
   * traversed.
   */
  readonly json: string;
}

/** The result of a check, before it is attached to a construct. */
export interface Finding {
  /** The error code: `TASK_CYCLE`. */
  readonly code: string;
  /** The problem, in lower case and without a full stop. */
  readonly message: string;
  /** The position inside the construct, such as the key of a task. */
  readonly position?: string;
  /** The rejected value. */
  readonly value?: string;
  /** The allowed values. */
  readonly allowed?: string;
  /** The change in the code that fixes the problem. */
  readonly fix: string;
}

/** A check: a pure function of one rendered resource. */
export type Check = (resource: Rendered) => readonly Finding[];

/** Attaches a finding to the construct of its resource. */
export function errorOf(
  resource: Rendered,
  { code, message, position, ...details }: Finding,
): ConstructError {
  return new ConstructError(code, message, {
    path: position === undefined ? resource.path : `${resource.path}/${position}`,
    ...details,
  });
}

/** Returns the blocks of a field, whether it is rendered as one object or as a list. */
export function blocks(body: Block, name: string): readonly Block[] {
  const value = body[name];
  if (typeof value !== "object" || value === null) return noBlocks;
  if (!Array.isArray(value)) return [value as Block];
  return value.every(isBlock) ? value : value.filter(isBlock);
}

const noBlocks: readonly Block[] = [];

const isBlock = (item: unknown): item is Block => typeof item === "object" && item !== null;

/** Returns a field if it is a string. */
export function text(body: Block, name: string): string | undefined {
  const value = body[name];
  return typeof value === "string" ? value : undefined;
}

/** Returns a field if it is a number. */
export function number(body: Block, name: string): number | undefined {
  const value = body[name];
  return typeof value === "number" ? value : undefined;
}

/**
 * Returns the clusters in a resource with their positions: the all-purpose cluster itself, or all
 * job clusters and task clusters of a job.
 */
export function clusterSpecs(
  type: string,
  body: Block,
): { readonly position?: string; readonly spec: Block }[] {
  if (type === "databricks_cluster") return [{ spec: body }];
  if (type !== "databricks_job") return [];
  const clusters: { position: string; spec: Block }[] = [];
  const addClustersIn = (parent: Block, position: string): void => {
    for (const spec of blocks(parent, "new_cluster")) clusters.push({ position, spec });
  };
  for (const cluster of blocks(body, "job_cluster"))
    addClustersIn(cluster, text(cluster, "job_cluster_key") ?? "");
  for (const task of blocks(body, "task")) {
    const key = text(task, "task_key") ?? "";
    addClustersIn(task, key);
    for (const inner of innerTasks(task))
      addClustersIn(inner, `${key}/${text(inner, "task_key") ?? ""}`);
  }
  return clusters;
}

/** Returns the inner tasks of a for_each task; a valid one has exactly one. */
export function innerTasks(task: Block): readonly Block[] {
  if (task.for_each_task === undefined) return noBlocks;
  return blocks(task, "for_each_task").flatMap((loop) => blocks(loop, "task"));
}

/** Whether a rendered string contains an expression, so that only Terraform knows its value. */
export function isReference(value: string): boolean {
  return value.includes("${");
}

/**
 * Visits every string in a block, except in cdktf's metadata.
 * @param path the fields that lead to the block; indices of lists are left out
 */
export function eachString(
  value: unknown,
  path: readonly string[],
  visit: (path: readonly string[], value: string) => void,
): void {
  if (typeof value === "string") visit(path, value);
  else if (Array.isArray(value)) for (const item of value) eachString(item, path, visit);
  else if (typeof value === "object" && value !== null) {
    for (const [key, inner] of Object.entries(value))
      if (key !== "//") eachString(inner, [...path, key], visit);
  }
}
