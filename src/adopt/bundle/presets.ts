/** Applies the target's mode, presets, `run_as` and permissions to every resource. */
import { defined } from "../../defined";
import { object, objects, optionalText, type Json } from "../../resources/shape/json";
import { isTree, type Tree } from "./tree";

interface Presets {
  readonly namePrefix: string;
  readonly pause?: string;
  readonly tags: Tree;
  readonly maxConcurrentRuns?: number;
}

/**
 * Returns the presets of a target. Development mode sets a prefix (`[dev ada] `), a tag and four
 * concurrent runs, and pauses triggers; explicit presets take precedence.
 */
function presetsOf(config: Json, shortName: string): Presets {
  const presets = object(config["presets"]);
  const isDevelopment = config["mode"] === "development";
  const pause =
    optionalText(presets["trigger_pause_status"]) ?? (isDevelopment ? "PAUSED" : undefined);
  const runs = presets["jobs_max_concurrent_runs"] ?? (isDevelopment ? 4 : undefined);
  return {
    namePrefix:
      optionalText(presets["name_prefix"]) ?? (isDevelopment ? `[dev ${shortName}] ` : ""),
    ...defined({ pause }),
    tags: { ...(isDevelopment ? { dev: shortName } : {}), ...object(presets["tags"]) },
    ...(typeof runs === "number" && { maxConcurrentRuns: runs }),
  };
}

/** Converts a prefix for names that must not contain spaces: `[dev ada] ` → `dev_ada_`. */
function plainPrefix(prefix: string): string {
  const trimmed = prefix.replaceAll("[", "").trim();
  return (
    trimmed.replaceAll(/[^\p{L}\p{N}]+/gu, "_").replace(/_$/, "") +
    (/[^\p{L}\p{N}]$/u.test(trimmed) ? "_" : "")
  );
}

/** Applies the presets to the resources like the Databricks CLI does. */
export function withPresets(
  config: Json,
  shortName: string,
): Readonly<Record<string, Readonly<Record<string, Tree>>>> {
  const presets = presetsOf(config, shortName);
  const kinds = Object.entries(object(config["resources"])).map(([kind, resources]) => {
    const list = Object.entries(object(resources)).map(([key, resource]): [string, Tree] => [
      key,
      withPermissions(
        kind,
        withPresetFields(kind, key, { ...object(resource) }, presets, config),
        config,
      ),
    ]);
    return [kind, Object.fromEntries(list)] as const;
  });
  return Object.fromEntries(kinds);
}

function withPresetFields(
  kind: string,
  key: string,
  resource: Tree,
  presets: Presets,
  config: Json,
): Tree {
  const { namePrefix, tags } = presets;
  switch (kind) {
    case "jobs":
      return withJobPresets(
        { ...resource, name: namePrefix + (optionalText(resource["name"]) ?? key) },
        presets,
        config,
      );
    case "clusters":
      return {
        ...resource,
        cluster_name: namePrefix + (optionalText(resource["cluster_name"]) ?? key),
        ...withTags("custom_tags", resource, tags),
      };
    case "instance_pools":
      return {
        ...resource,
        instance_pool_name: namePrefix + (optionalText(resource["instance_pool_name"]) ?? key),
        ...withTags("custom_tags", resource, tags),
      };
    case "cluster_policies":
    case "sql_warehouses":
      return { ...resource, name: namePrefix + (optionalText(resource["name"]) ?? key) };
    case "schemas":
      return {
        ...resource,
        name: plainPrefix(namePrefix) + (optionalText(resource["name"]) ?? key),
      };
    default:
      return "name" in resource ? resource : { ...resource, name: key };
  }
}

const withTags = (field: string, resource: Tree, tags: Tree): Tree =>
  Object.keys(tags).length === 0 ? {} : { [field]: { ...tags, ...object(resource[field]) } };

function withJobPresets(
  resource: Tree,
  { pause, tags, maxConcurrentRuns }: Presets,
  config: Json,
): Tree {
  const result: Tree = {
    queue: { enabled: true },
    edit_mode: "UI_LOCKED",
    ...resource,
    ...withTags("tags", resource, tags),
  };
  const runAs = config["run_as"];
  if (result["run_as"] === undefined && isTree(runAs)) result["run_as"] = runAs;
  // The platform allows a continuous job only one run at a time.
  if (
    maxConcurrentRuns !== undefined &&
    result["continuous"] === undefined &&
    [undefined, 0, 1].includes(result["max_concurrent_runs"] as number | undefined)
  )
    result["max_concurrent_runs"] = maxConcurrentRuns;
  if (pause !== undefined)
    for (const trigger of ["schedule", "trigger", "continuous"]) {
      const triggerSettings = result[trigger];
      if (isTree(triggerSettings)) result[trigger] = { pause_status: pause, ...triggerSettings };
    }
  return result;
}

/** Maps the levels in the bundle's `permissions` to those of the resource types that get them. */
const levels: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  jobs: { CAN_MANAGE: "CAN_MANAGE", CAN_VIEW: "CAN_VIEW", CAN_RUN: "CAN_MANAGE_RUN" },
  sql_warehouses: { CAN_MANAGE: "CAN_MANAGE", CAN_VIEW: "CAN_VIEW", CAN_RUN: "CAN_MONITOR" },
  secret_scopes: { CAN_MANAGE: "MANAGE", CAN_VIEW: "READ", CAN_RUN: "READ" },
};

/** Adds the bundle's permissions for principals that the resource itself does not mention. */
function withPermissions(kind: string, resource: Tree, config: Json): Tree {
  const permissions = objects(resource["permissions"]);
  const principalOf = (item: Json): unknown =>
    item["user_name"] ?? item["group_name"] ?? item["service_principal_name"];
  const additions = objects(config["permissions"]).flatMap((item) => {
    const level = levels[kind]?.[optionalText(item["level"]) ?? ""];
    return level === undefined ||
      permissions.some((permission) => principalOf(permission) === principalOf(item))
      ? []
      : [{ ...item, level }];
  });
  return permissions.length + additions.length === 0
    ? resource
    : { ...resource, permissions: [...permissions, ...additions] };
}
