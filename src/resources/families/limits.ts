/**
 * The platform's known limits, for values that are known only in the plan. The constructs
 * (constructs/checks) check the limits that depend only on the code.
 */
import fs from "node:fs";
import path from "node:path";
import type { Attributes, Value } from "../kind";
import { isAttributes } from "../shape/shape";

type Unit = "bytes" | "characters" | "entries" | "bytes of content";

interface Limit {
  readonly type: string;
  /** Path of the field, which may lead through blocks. */
  readonly field: string;
  readonly maximum: number;
  readonly unit: Unit;
  /** The platform's documentation of the limit. */
  readonly source: string;
}

const [jobsApi, clustersApi, poolsApi, policiesApi] = [
  "jobs/create",
  "clusters/create",
  "instance-pools/create",
  "policies/clusters/create",
];
const unityNames = "Unity Catalog: names of securable objects";
const mebibyte = 1024 * 1024;

export const limits: readonly Limit[] = [
  { type: "databricks_job", field: "name", maximum: 4096, unit: "bytes", source: jobsApi },
  {
    type: "databricks_job",
    field: "description",
    maximum: 27_700,
    unit: "characters",
    source: jobsApi,
  },
  { type: "databricks_job", field: "tags", maximum: 25, unit: "entries", source: jobsApi },
  {
    type: "databricks_job",
    field: "task",
    maximum: 1000,
    unit: "entries",
    source: "Jobs API 2.2: large jobs",
  },
  {
    type: "databricks_job",
    field: "task.task_key",
    maximum: 100,
    unit: "characters",
    source: jobsApi,
  },
  {
    type: "databricks_job",
    field: "job_cluster.new_cluster.custom_tags",
    maximum: 45,
    unit: "entries",
    source: clustersApi,
  },
  {
    type: "databricks_job",
    field: "task.new_cluster.custom_tags",
    maximum: 45,
    unit: "entries",
    source: clustersApi,
  },
  {
    type: "databricks_cluster",
    field: "custom_tags",
    maximum: 45,
    unit: "entries",
    source: clustersApi,
  },
  {
    type: "databricks_cluster",
    field: "idempotency_token",
    maximum: 64,
    unit: "characters",
    source: clustersApi,
  },
  {
    type: "databricks_instance_pool",
    field: "instance_pool_name",
    maximum: 100,
    unit: "characters",
    source: poolsApi,
  },
  {
    type: "databricks_instance_pool",
    field: "custom_tags",
    maximum: 45,
    unit: "entries",
    source: poolsApi,
  },
  {
    type: "databricks_cluster_policy",
    field: "name",
    maximum: 100,
    unit: "characters",
    source: policiesApi,
  },
  {
    type: "databricks_secret_scope",
    field: "name",
    maximum: 128,
    unit: "characters",
    source: "secrets/scopes/create",
  },
  {
    type: "databricks_secret",
    field: "key",
    maximum: 128,
    unit: "characters",
    source: "secrets/put",
  },
  {
    type: "databricks_secret",
    field: "string_value",
    maximum: 128 * 1024,
    unit: "bytes",
    source: "secrets/put",
  },
  {
    type: "databricks_catalog",
    field: "name",
    maximum: 255,
    unit: "characters",
    source: unityNames,
  },
  {
    type: "databricks_schema",
    field: "name",
    maximum: 255,
    unit: "characters",
    source: unityNames,
  },
  {
    type: "databricks_volume",
    field: "name",
    maximum: 255,
    unit: "characters",
    source: unityNames,
  },
  {
    type: "databricks_notebook",
    field: "content_base64",
    maximum: 10 * mebibyte,
    unit: "bytes of content",
    source: "workspace/import",
  },
  {
    type: "databricks_notebook",
    field: "source",
    maximum: 10 * mebibyte,
    unit: "bytes of content",
    source: "workspace/import",
  },
  {
    type: "databricks_workspace_file",
    field: "content_base64",
    maximum: 10 * mebibyte,
    unit: "bytes of content",
    source: "workspace/import",
  },
  {
    type: "databricks_workspace_file",
    field: "source",
    maximum: 10 * mebibyte,
    unit: "bytes of content",
    source: "workspace/import",
  },
];

/**
 * Finds the values of a resource that are over a limit.
 * @param directory the base of relative file paths
 * @returns one line for each value over a limit, with its size but without the value
 */
export function overLimits(type: string, attributes: Attributes, directory: string): string[] {
  const lines: string[] = [];
  for (const limit of limits) {
    if (limit.type !== type) continue;
    const { field, maximum, unit, source } = limit;
    for (const value of valuesAt(attributes, field.split("."))) {
      const size = sizeOf(value, limit, directory);
      if (size > maximum)
        lines.push(
          `${field}: ${formatCount(size)} ${unit}, at most ${formatCount(maximum)} (${source})`,
        );
    }
  }
  return lines;
}

const formatCount = (count: number): string => count.toLocaleString("en-US");

function valuesAt(parent: Value | undefined, [name, ...rest]: readonly string[]): Value[] {
  if (parent === undefined || parent === null || name === undefined) return [];
  if (Array.isArray(parent)) return parent.flatMap((value) => valuesAt(value, [name, ...rest]));
  const value = isAttributes(parent) ? parent[name] : undefined;
  if (value === undefined || value === null) return [];
  return rest.length === 0 ? [value] : valuesAt(value, rest);
}

function sizeOf(value: Value, { field, unit }: Limit, directory: string): number {
  if (unit === "entries")
    return Array.isArray(value)
      ? value.length
      : isAttributes(value)
        ? Object.keys(value).length
        : 0;
  if (typeof value !== "string") return 0;
  if (unit === "characters") return value.length;
  if (unit === "bytes") return Buffer.byteLength(value);
  if (field === "content_base64") return Math.floor((value.replace(/=+$/, "").length * 3) / 4);
  return fs.statSync(path.resolve(directory, value), { throwIfNoEntry: false })?.size ?? 0;
}
