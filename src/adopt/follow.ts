/**
 * Reads the objects that jobs use. Those of the types in `--follow` are adopted with the jobs. The
 * code refers to all others by id or name.
 */
import type { ReadClient } from "../api/client";
import { defined } from "../defined";
import { findKind } from "../resources";
import type { Attributes, Value } from "../resources/kind";
import { blocks, textOrEmpty } from "../resources/shape/attributes";
import { object, objects, optionalText } from "../resources/shape/json";
import { schemaOf } from "../resources/shape/schema";
import type { AdoptedObject, Grant } from "./code/context";
import { withoutEmpty } from "./code/fields";
import type { Followed } from "./model";
import { concurrently, readUsedObject, unlessRefused } from "./workspace";
import { usesOf } from "./uses";

/**
 * For each type that can be followed: its value for `--follow`, its name in messages, and its
 * access list, if it has one.
 */
export const followedTypes: Readonly<
  Record<string, { readonly follow: Followed; readonly title: string; readonly access?: string }>
> = {
  databricks_catalog: { follow: "catalogs", title: "catalog" },
  databricks_schema: { follow: "schemas", title: "schema" },
  databricks_volume: { follow: "volumes", title: "volume" },
  databricks_secret_scope: { follow: "scopes", title: "secret scope" },
  databricks_repo: { follow: "repos", title: "Git folder", access: "/repos/" },
  databricks_instance_pool: { follow: "pools", title: "instance pool", access: "/instance-pools/" },
  databricks_cluster_policy: {
    follow: "policies",
    title: "cluster policy",
    access: "/cluster-policies/",
  },
  databricks_cluster: { follow: "clusters", title: "cluster", access: "/clusters/" },
  databricks_sql_endpoint: {
    follow: "warehouses",
    title: "SQL warehouse",
    access: "/sql/warehouses/",
  },
};

export interface FollowOptions {
  readonly api: ReadClient;
  readonly follow: ReadonlySet<Followed>;
  /** Whether a stack of the project already has the object. */
  readonly isKnown: (type: string, id: string) => boolean;
  readonly note: (object: string, note: string) => void;
}

export interface FollowedObjects {
  /** Adopted objects, each before those that refer to it. */
  readonly adopted: readonly AdoptedObject[];
  /** Names, by `type id`. */
  readonly titles: ReadonlyMap<string, string>;
}

/**
 * Reads the objects that others use, directly or indirectly.
 * @param users objects with references, in Terraform's shape
 * @param ownReferences objects that are adopted in any case, by `type reference`
 */
export async function followReferences(
  options: FollowOptions,
  users: readonly Attributes[],
  ownReferences: ReadonlySet<string>,
): Promise<FollowedObjects> {
  const adoptedObjects: AdoptedObject[] = [];
  const titles = new Map<string, string>();
  const knownReferences = new Set<string>(ownReferences);
  let unread = users;
  while (unread.length > 0) {
    const toRead: (readonly [string, string])[] = [];
    for (const attributes of unread) {
      const { objects: usedObjects } = usesOf(attributes);
      for (const [type, ids] of usedObjects)
        for (const id of ids) {
          const isNamed = ["catalogs", "schemas", "volumes", "scopes", "repos"].includes(
            followedTypes[type]?.follow ?? "",
          );
          // The read of an object that is not followed serves only to find its name.
          if (!knownReferences.has(`${type} ${id}`) && (!isNamed || isFollowed(options, type, id)))
            toRead.push([type, id]);
          knownReferences.add(`${type} ${id}`);
        }
    }
    const results = await concurrently(toRead, async ([type, id]) =>
      readObject(options, type, id, titles),
    );
    const foundObjects = results.filter((object) => object !== undefined);
    adoptedObjects.push(...foundObjects);
    unread = foundObjects.map(({ attributes }) => attributes);
  }
  return { adopted: adoptedObjects.toSorted(byKind), titles };
}

function isFollowed({ follow, isKnown }: FollowOptions, type: string, id: string): boolean {
  const followedType = followedTypes[type];
  return followedType !== undefined && follow.has(followedType.follow) && !isKnown(type, id);
}

const typeOrder = Object.keys(followedTypes);
export const byKind = (a: AdoptedObject, b: AdoptedObject): number =>
  typeOrder.indexOf(a.type) - typeOrder.indexOf(b.type);

/**
 * Reads an object with its access list, grants and keys, if these are followed; undefined if it is
 * not followed or does not exist.
 * @param titles receives the object's name, even if the object is not followed
 */
export async function readObject(
  options: FollowOptions,
  type: string,
  reference: string,
  titles: Map<string, string>,
): Promise<AdoptedObject | undefined> {
  const { api, follow, note } = options;
  const kind = followedTypes[type];
  const title = `${kind?.title ?? type} ${reference}`;
  const id = type === "databricks_repo" ? await readRepoId(api, reference) : reference;
  const attributes = id === undefined ? undefined : await readUsedObject(api, type, id);
  if (id === undefined || attributes === undefined) {
    note(
      title,
      "it does not exist in the workspace or is not visible: the code refers to it by its name or id",
    );
    return undefined;
  }
  const name =
    ["cluster_name", "instance_pool_name", "name"]
      .map((field) => textOrEmpty(attributes, field))
      .find((value) => value !== "") ?? reference;
  titles.set(`${type} ${reference}`, name);
  if (!isFollowed(options, type, id)) return undefined;
  const block = schemaOf(type)?.block;
  if (block === undefined) throw new Error(`no schema of ${type}`);
  const access =
    follow.has("permissions") && kind?.access !== undefined
      ? await readAccess(api, `${kind.access}${id}`)
      : undefined;
  const keys = type === "databricks_secret_scope" ? await readSecretKeys(api, id) : undefined;
  const grantList =
    follow.has("grants") || type === "databricks_secret_scope"
      ? await readGrants(api, type, id)
      : undefined;
  return {
    type,
    id,
    name: type === "databricks_repo" ? (reference.split("/").at(-1) ?? reference) : name,
    attributes: withoutEmpty(block, attributes),
    ...(id === reference ? {} : { reference }),
    ...(access !== undefined &&
      access.length > 0 && { access: { id: `${kind?.access ?? ""}${id}`, entries: access } }),
    ...defined({ keys, grants: grantList }),
  };
}

async function readRepoId(api: ReadClient, path: string): Promise<string | undefined> {
  const status = await unlessRefused(() =>
    api.get("/api/2.0/workspace/get-status", { query: { path } }),
  );
  const id = object(status)["object_id"];
  return typeof id === "number" || typeof id === "string" ? String(id) : undefined;
}

async function readSecretKeys(api: ReadClient, scope: string): Promise<string[]> {
  const response = await unlessRefused(() =>
    api.get("/api/2.0/secrets/list", { query: { scope } }),
  );
  return objects(object(response)["secrets"])
    .map((item) => optionalText(item["key"]) ?? "")
    .sort();
}

const securables: Readonly<Record<string, string>> = {
  databricks_catalog: "catalog",
  databricks_schema: "schema",
  databricks_volume: "volume",
};

async function readGrants(api: ReadClient, type: string, id: string): Promise<Grant[] | undefined> {
  if (type === "databricks_secret_scope") {
    const response = await unlessRefused(() =>
      api.get("/api/2.0/secrets/acls/list", { query: { scope: id } }),
    );
    return sorted(
      objects(object(response)["items"]).map((item) => ({
        principal: optionalText(item["principal"]) ?? "",
        privileges: [optionalText(item["permission"]) ?? ""],
      })),
    );
  }
  const securable = securables[type];
  if (securable === undefined) return undefined;
  const grants = await unlessRefused(async () =>
    findKind("databricks_grants")?.read(api, `${securable}/${id}`, { known: {}, deep: false }),
  );
  if (grants === undefined) return [];
  const list = blocks(grants.attributes, "grant").map((attributes) => ({
    principal: textOrEmpty(attributes, "principal"),
    privileges: privileges(attributes["privileges"]),
  }));
  return sorted(list);
}

const privileges = (value: Value | undefined): string[] =>
  Array.isArray(value) ? value.map(String).sort() : [];
const sorted = (grants: readonly Grant[]): Grant[] =>
  grants.toSorted((a, b) => (a.principal < b.principal ? -1 : 1));

/**
 * Returns the entries of an access list without the admins; none if only the owner has access, and
 * undefined if the list does not exist or the token must not read it.
 */
export async function readAccess(
  api: ReadClient,
  id: string,
): Promise<readonly Attributes[] | undefined> {
  const permissions = await unlessRefused(async () =>
    findKind("databricks_permissions")?.read(api, id, { known: {}, deep: false }),
  );
  if (permissions === undefined) return undefined;
  const entries = blocks(permissions.attributes, "access_control").filter(
    (entry) => textOrEmpty(entry, "group_name") !== "admins",
  );
  return entries.some((entry) => textOrEmpty(entry, "permission_level") !== "IS_OWNER")
    ? entries
    : [];
}
