/**
 * Determines the values of a bundle's variables from defaults, the target, the command line, the
 * environment, and lookups in the workspace.
 */
import type { ReadClient } from "../../api/client";
import { LakeformError } from "../../errors";
import { findKind } from "../../resources";
import { textOrEmpty } from "../../resources/shape/attributes";
import { object, optionalText } from "../../resources/shape/json";
import type { Note } from "../model";
import { isTree, type Tree } from "./tree";

export interface VariableSources {
  readonly api: ReadClient;
  /** Values from the command line, as `NAME=VALUE`. */
  readonly assignments: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly note: (note: Note) => void;
}

/**
 * Returns the values by name.
 * @throws LakeformError BUNDLE_VARIABLES for an assignment without `=`, for values of undeclared
 * variables, and listing all variables without a value
 */
export async function variableValues(
  declared: Tree,
  targetValues: Tree,
  sources: VariableSources,
): Promise<Tree> {
  const malformed = sources.assignments.find((assignment) => !/^[^=]+=/.test(assignment));
  if (malformed !== undefined)
    throw new LakeformError("BUNDLE_VARIABLES", "the value of a variable is not NAME=VALUE", {
      value: malformed,
      allowed: "NAME=VALUE",
      fix: "--var NAME=VALUE",
    });
  const commandLine = new Map(
    sources.assignments.map((assignment) => [
      assignment.slice(0, assignment.indexOf("=")),
      assignment.slice(assignment.indexOf("=") + 1),
    ]),
  );
  const undeclared = [...Object.keys(targetValues), ...commandLine.keys()].filter(
    (name) => !(name in declared),
  );
  if (undeclared.length > 0) {
    throw new LakeformError(
      "BUNDLE_VARIABLES",
      "values were given for variables that the bundle does not declare",
      {
        value: undeclared.join(", "),
        allowed: Object.keys(declared).join(", "),
        fix: "use the names that the bundle declares in `variables`",
      },
    );
  }
  const values: Tree = {};
  const withoutValue: string[] = [];
  for (const [name, declaration] of Object.entries(declared)) {
    const settings = object(declaration);
    const target = targetValues[name];
    const configured =
      commandLine.get(name) ??
      sources.env[`BUNDLE_VAR_${name}`] ??
      valueOf(target) ??
      settings["default"];
    const lookup =
      isTree(target) && isTree(target["lookup"])
        ? target["lookup"]
        : isTree(settings["lookup"])
          ? settings["lookup"]
          : undefined;
    const value =
      configured === undefined || configured === null
        ? lookup && (await lookUpId(name, lookup, sources))
        : configured;
    if (value === undefined) withoutValue.push(name);
    else values[name] = value;
  }
  if (withoutValue.length === 0) return values;
  throw new LakeformError("BUNDLE_VARIABLES", `variables of the bundle have no value`, {
    value: withoutValue.join(", "),
    allowed:
      "a default, a value of the target, --var NAME=VALUE, or BUNDLE_VAR_<NAME> in the environment",
    fix: withoutValue.map((name) => `--var ${name}=VALUE`).join(" "),
  });
}

/**
 * Returns the value that a target sets, either directly or as the default of a declaration. It
 * replaces the complete default of a complex variable.
 */
function valueOf(target: unknown): unknown {
  if (!isTree(target)) return target;
  if ("default" in target) return target["default"];
  return "lookup" in target ||
    Object.keys(target).every((name) => ["description", "type"].includes(name))
    ? undefined
    : target;
}

/** The resource type of each kind of lookup, and the field that contains the name. */
const lookupKinds: Readonly<Record<string, readonly [type: string, field: string]>> = {
  cluster: ["databricks_cluster", "cluster_name"],
  cluster_policy: ["databricks_cluster_policy", "name"],
  instance_pool: ["databricks_instance_pool", "instance_pool_name"],
  job: ["databricks_job", "name"],
  warehouse: ["databricks_sql_endpoint", "name"],
};

/**
 * Returns the id of the object with the name in a lookup; undefined if there is not exactly one.
 */
async function lookUpId(
  name: string,
  lookup: Tree,
  { api, note }: VariableSources,
): Promise<string | undefined> {
  const [kind = "", nameValue] = Object.entries(lookup)[0] ?? [];
  const [type, field] = lookupKinds[kind] ?? [];
  const objectName = optionalText(nameValue) ?? "";
  const reader = type === undefined ? undefined : findKind(type);
  const ids: string[] = [];
  if (reader?.list !== undefined && field !== undefined)
    for await (const remote of reader.list(api))
      if (textOrEmpty(remote.attributes, field) === objectName) ids.push(remote.id);
  const [id] = ids;
  const uniqueId = id === undefined || ids.length > 1 ? undefined : id;
  const reason =
    reader === undefined
      ? `lakeform cannot look up a ${kind}`
      : `the workspace has ${ids.length === 0 ? "none" : String(ids.length)} of this name`;
  note({
    object: `variable ${name}`,
    text: `lookup of the ${kind} ${objectName}: ${uniqueId === undefined ? reason : `the id ${uniqueId} is in the code now`}`,
  });
  return uniqueId;
}
