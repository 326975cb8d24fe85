import { ConstructError } from "../core/errors";
import type { Block, Rendered } from "./rendered";

/** The fields that identify an object in its workspace, by resource type. */
const identities: Readonly<Record<string, readonly string[]>> = {
  databricks_notebook: ["path"],
  databricks_workspace_file: ["path"],
  databricks_dbfs_file: ["path"],
  databricks_file: ["path"],
  databricks_secret_scope: ["name"],
  databricks_secret: ["scope", "key"],
  databricks_secret_acl: ["scope", "principal"],
  databricks_catalog: ["name"],
  databricks_schema: ["catalog_name", "name"],
  databricks_volume: ["catalog_name", "schema_name", "name"],
};
/**
 * The blocks with the entries of access lists and grants, by resource type. One of the other fields
 * identifies the object.
 */
const entryBlocks: Readonly<Record<string, string>> = {
  databricks_permissions: "access_control",
  databricks_grants: "grant",
};
/** Fields of these types that do not identify the object. */
const notIdentity = new Set(["//", "depends_on", "lifecycle", "provider", "provider_config"]);

/** The first resource of each object in all stacks of an app, by environment and object. */
export type Owners = Map<string, { readonly address: string; readonly path: string }>;

/**
 * Finds objects that several resources manage. Each resource would overwrite the changes of the
 * others, and removing one of them would delete the object.
 * @param owners the objects of the stacks that were checked before; this function adds the objects
 * of this stack
 */
export function findSameObjects(
  resources: readonly (Rendered & { readonly id: string })[],
  { stack, environment }: { readonly stack: string; readonly environment: string },
  owners: Owners,
): ConstructError[] {
  return resources.flatMap(({ type, id, body, path }) => {
    const object = identityOf(type, body);
    if (object === undefined) return [];
    // The same reference identifies different objects in different stacks.
    const namespace = object.includes("${") ? stack : environment;
    // A second provider of the stack may be for a different workspace.
    const target = JSON.stringify([body.provider, body.provider_config]);
    const key = `${namespace} ${object} ${target}`;
    const address = `${stack} ${type}.${id}`;
    const owner = owners.get(key);
    if (owner === undefined) owners.set(key, { address, path });
    if (owner === undefined || owner.address === address) return [];
    return [
      new ConstructError("SAME_OBJECT", `${owner.path} already manages this object`, {
        path,
        value: object,
        allowed: "one construct for each object",
        fix: `use ${owner.path}, also from other stacks, or give one of the objects another name`,
      }),
    ];
  });
}

function identityOf(type: string, body: Block): string | undefined {
  if (body.count !== undefined || body.for_each !== undefined) return undefined;
  const entryBlock = entryBlocks[type];
  const fields =
    entryBlock === undefined
      ? identities[type]
      : Object.keys(body)
          .filter((field) => field !== entryBlock && !notIdentity.has(field))
          .sort();
  const values = fields?.map((field) => body[field]);
  if (values === undefined || values.length === 0) return undefined;
  if (!values.every((value) => typeof value === "string")) return undefined;
  return `${type.slice("databricks_".length)} ${values.join(" ")}`;
}
