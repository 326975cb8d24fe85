import type { FieldChange, Flag, Json, ResourceChange } from "../model";

/** Fields that cost more as they grow. */
const sizeFields = new Set([
  "num_workers",
  "max_workers",
  "min_workers",
  "max_num_clusters",
  "min_num_clusters",
  "max_capacity",
  "min_idle_instances",
]);
/** Fields whose values cannot be ordered by size, so that every change is flagged. */
const unorderedFields = new Set([
  "node_type_id",
  "driver_node_type_id",
  "instance_pool_id",
  "driver_instance_pool_id",
]);
const warehouseSizes = [
  "2X-Small",
  "X-Small",
  "Small",
  "Medium",
  "Large",
  "X-Large",
  "2X-Large",
  "3X-Large",
  "4X-Large",
  "5X-Large",
];

/**
 * Flags higher numbers of nodes, a larger warehouse, a changed node type or pool, a longer idle
 * time, and clusters and tasks with workers that an update adds. New resources are not flagged,
 * because they are listed as such.
 */
export function listComputeIncreases(change: ResourceChange): Flag["items"][number][] {
  if (change.action === "create" || change.action === "delete") return [];
  return change.fields.flatMap((field) => {
    const text = describeIncrease(field);
    return text === undefined ? [] : [{ path: change.path, address: change.address, text }];
  });
}

function describeIncrease(field: FieldChange): string | undefined {
  const name = field.field.slice(field.field.lastIndexOf(".") + 1);
  const { before, after, path } = field;
  if (
    sizeFields.has(name) &&
    typeof after === "number" &&
    after > (typeof before === "number" ? before : 0)
  )
    return `${path} ${show(before)} -> ${after}`;
  if (unorderedFields.has(name) && before !== undefined && after !== undefined)
    return `${path} ${show(before)} -> ${show(after)}`;
  if (
    name === "cluster_size" &&
    warehouseSizes.indexOf(show(after)) > warehouseSizes.indexOf(show(before))
  )
    return `${path} ${show(before)} -> ${show(after)}`;
  if (
    name === "autotermination_minutes" ||
    name === "auto_stop_mins" ||
    name === "idle_instance_autotermination_minutes"
  ) {
    // 0 means that the compute never stops. An absent value counts like 0.
    return durationOf(after) > durationOf(before)
      ? `${path} ${show(before)} -> ${show(after)}`
      : undefined;
  }
  if (
    (name === "job_cluster" || name === "new_cluster" || name === "autoscale" || name === "task") &&
    field.kind === "added"
  ) {
    const maxWorkers = countWorkers(after);
    return maxWorkers === 0
      ? undefined
      : `${path} added: up to ${maxWorkers} worker${maxWorkers === 1 ? "" : "s"}`;
  }
  return undefined;
}

const durationOf = (value: Json | undefined): number =>
  value === undefined || value === null || value === 0 ? Infinity : Number(value);
const show = (value: Json | undefined): string =>
  value === undefined
    ? "(none)"
    : typeof value === "object"
      ? JSON.stringify(value)
      : String(value);

function countWorkers(value: Json | undefined): number {
  if (Array.isArray(value))
    return Math.max(0, ...value.map((inner) => countWorkers(inner as Json)));
  if (typeof value !== "object" || value === null) return 0;
  return Math.max(
    0,
    ...Object.entries(value).map(([key, inner]) =>
      (key === "num_workers" || key === "max_workers") && typeof inner === "number"
        ? inner
        : countWorkers(inner),
    ),
  );
}
