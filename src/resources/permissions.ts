import type { Client, ReadClient } from "../api/client";
import { isNotFound } from "../api/errors";
import { LakeformError } from "../errors";
import { me as askMe, type Me } from "./data/current-user";
import type { Attributes, Kind, Problem, ReadOptions, Remote, Value } from "./kind";
import { orMissing } from "./missing";
import { objectOfId, permissionObjects, type PermissionObject } from "./permission-objects";
import { apiCommand, blocks, compact, noRules, number, object, objects, str, text, type Json } from "./wire";

type Entry = Readonly<Record<string, string>>;

const principalFields = ["user_name", "group_name", "service_principal_name"] as const;

/** Asked once a process and client, as the official provider does. */
const callers = new WeakMap<ReadClient, Promise<Me>>();

function caller(api: ReadClient, signal?: AbortSignal): Promise<Me> {
  let known = callers.get(api);
  if (known === undefined) {
    known = askMe(api, signal);
    callers.set(api, known);
    known.catch(() => callers.delete(api));
  }
  return known;
}

function given(attributes: Attributes): PermissionObject | undefined {
  return permissionObjects.find(
    ({ field, pathField }) => str(attributes, field) !== "" || (pathField !== undefined && str(attributes, pathField) !== ""),
  );
}

function entriesOf(attributes: Attributes): readonly Entry[] {
  return blocks(attributes, "access_control").map((entry) => compact(entry) as Entry);
}

const isOf = (entry: Entry, { userName }: Pick<Me, "userName">): boolean =>
  entry.user_name === userName || entry.service_principal_name === userName;

/** The caller as an entry: a service principal's user name is its application id. */
function entryFor(who: Me, permission_level: string): Entry {
  return who.userName.includes("@")
    ? { user_name: who.userName, permission_level }
    : { service_principal_name: who.userName, permission_level };
}

/** What the official provider adds to the list: nobody may lock himself out. */
function withAdditions(target: PermissionObject, entries: readonly Entry[], who: Me): readonly Entry[] {
  const owned = entries.some((entry) => entry.permission_level === "IS_OWNER");
  const named = entries.some((entry) => isOf(entry, who));
  const manager = named ? [] : [entryFor(who, "CAN_MANAGE")];
  const owner = owned ? [] : [entryFor(who, "IS_OWNER")];
  switch (target.adds) {
    case "owner":
      return [...entries, ...owner];
    case "manager":
      return [...entries, ...manager];
    case "owner and manager":
      return [...entries, ...manager, ...owner];
    case "admins":
      return [...entries, { group_name: "admins", permission_level: "CAN_MANAGE" }];
    case undefined:
      return entries;
  }
}

const url = (id: string): string => `/api/2.0/permissions${id}`;

async function put(api: Client, id: string, entries: readonly Entry[], signal?: AbortSignal): Promise<void> {
  await api.put(url(id), compact({ access_control_list: entries.length === 0 ? undefined : entries }), { idempotent: true, signal });
}

/** The state id of the object that the configuration names; a path is looked up. */
async function objectId(api: ReadClient, planned: Attributes, signal?: AbortSignal): Promise<string> {
  const target = given(planned);
  if (target === undefined)
    throw new LakeformError("NO_OBJECT", "the permissions name no object", {
      allowed: permissionObjects.map(({ field }) => field).join(", "),
    });
  const id = str(planned, target.field);
  if (id !== "") return `/${target.request}/${id}`;
  const path = str(planned, target.pathField ?? "");
  const status = object(await api.get("/api/2.0/workspace/get-status", { query: { path }, signal }));
  return `/${target.request}/${number(status.object_id) ?? ""}`;
}

async function assign(api: Client, id: string, planned: Attributes, signal?: AbortSignal): Promise<void> {
  const target = objectOfId(id)?.object;
  const who = await caller(api, signal);
  const entries = entriesOf(planned);
  const admins = entries.find((entry) => entry.group_name === "admins");
  if (target === undefined || (admins !== undefined && target.adds !== "admins")) {
    throw new LakeformError("ADMINS_FIXED", "the permissions of the group admins cannot be changed", {
      path: "access_control",
      value: admins?.permission_level,
      fix: "leave the group admins out",
    });
  }
  await put(api, id, withAdditions(target, entries, who), signal);
}

/** Direct entries as blocks: what is inherited, and the group admins, belongs to nobody's configuration. */
export function directEntries(answer: Json): readonly Entry[] {
  return objects(answer.access_control_list).flatMap((item) => {
    if (item.group_name === "admins") return [];
    const levels = objects(item.all_permissions).filter((permission) => permission.inherited !== true);
    const principal = Object.fromEntries(
      principalFields.flatMap((field) => (text(item[field]) === undefined ? [] : [[field, text(item[field]) ?? ""]])),
    );
    return levels.map((permission) => ({ ...principal, permission_level: text(permission.permission_level) ?? "" }));
  });
}

function validate(config: Attributes): readonly Problem[] {
  const target = given(config);
  if (target === undefined) return [];
  return entriesOf(config).flatMap((entry, i) => {
    const level = entry.permission_level;
    if (level === undefined || level === "" || target.levels.includes(level)) return [];
    return [
      {
        path: `access_control.${i}.permission_level`,
        message: `${level} is no permission of ${target.field} objects: ${[...target.levels].sort().join(", ")} are allowed`,
      },
    ];
  });
}

/**
 * Without what a provider has added: the rights of the caller; and (asked in depth) those of whoever deployed last, and the ownership of whoever made the
 * object where nobody knows who deployed.
 */
async function withoutAdditions(
  api: ReadClient,
  { object: target, id }: { readonly object: PermissionObject; readonly id: string },
  entries: readonly Entry[],
  { known, who, deep, deployer, signal }: ReadOptions & { readonly who: Me },
): Promise<readonly Entry[]> {
  const said = entriesOf(known);
  const without = (from: readonly Entry[], userName: string): readonly Entry[] =>
    said.some((entry) => isOf(entry, { userName })) ? from : from.filter((entry) => !isOf(entry, { userName }));
  let left = without(entries, who.userName);
  if (deep === false) return left;
  if (deployer !== undefined) left = without(left, deployer);
  const isStrange = (entry: Entry): boolean =>
    entry.permission_level === "IS_OWNER" && !said.some((other) => other.permission_level === "IS_OWNER");
  if (deployer !== undefined || !left.some(isStrange)) return left;
  const [creator] = (await owners(api, target, id, signal)) ?? [];
  const userName = creator === undefined ? undefined : principalOf(creator);
  return left.filter((entry) => !(isStrange(entry) && principalOf(entry) === userName));
}

export function principalOf(entry: Entry): string {
  return entry.user_name ?? entry.group_name ?? entry.service_principal_name ?? "";
}

/** Ownership goes back to whoever made the object. */
export async function owners(
  api: ReadClient,
  target: Pick<PermissionObject, "request">,
  id: string,
  signal?: AbortSignal,
): Promise<readonly Entry[] | undefined> {
  if (target.request !== "jobs" && target.request !== "sql/warehouses") return undefined;
  const path = target.request === "jobs" ? "/api/2.2/jobs/get" : `/api/2.0/sql/warehouses/${id}`;
  const query = target.request === "jobs" ? { job_id: id } : {};
  const found = await orMissing(api.get(path, { query, signal }), object);
  const creator = text(found?.creator_user_name) ?? text(found?.creator_name) ?? "";
  if (creator === "") return undefined;
  return [entryFor({ id: "", userName: creator, externalId: "", groups: [] }, "IS_OWNER")];
}

export const permissions: Kind = {
  type: "databricks_permissions",
  title: "permissions",
  identity: {
    naturalKey(attributes) {
      const target = given(attributes);
      if (target === undefined) return undefined;
      const id = str(attributes, target.field);
      return id === "" ? `path:${str(attributes, target.pathField ?? "")}` : `object:/${target.request}/${id}`;
    },
  },
  rules: {
    ...noRules,
    keyed: { access_control: "*" },
  },
  validate,
  locate: (api, attributes) => orMissing(objectId(api, attributes), (id) => id as string),
  async read(api, id, options) {
    const found = objectOfId(id);
    if (found === undefined)
      throw new LakeformError("BAD_ID", "not the id of permissions", { value: id, allowed: "/<objects>/<id>, e.g. /jobs/1001" });
    const { signal } = options;
    const who = await caller(api, signal);
    const answer = await orMissing(api.get(url(id), { signal }), object);
    if (answer === undefined) return undefined;
    const entries = await withoutAdditions(api, found, directEntries(answer), { ...options, who });
    if (entries.length === 0) return undefined;
    const { field, pathField } = found.object;
    const byPath = pathField !== undefined && str(options.known, pathField) !== "";
    const place: Attributes = byPath ? { [pathField]: str(options.known, pathField) } : { [field]: found.id };
    const access_control = entries.map((entry): Value => ({ ...entry }));
    return { id, attributes: { ...place, object_type: text(answer.object_type) ?? "", access_control } };
  },
  toState(found: Remote, before, why) {
    // After a write Terraform's SDK keeps a set as it was planned, whatever was read.
    const { access_control, ...rest } = found.attributes;
    return { ...before, ...rest, access_control: (why === "write" ? before.access_control : access_control) ?? [] };
  },
  async create(api, planned, context) {
    const id = await objectId(api, planned, context.signal);
    await assign(api, id, planned, context.signal);
    return { id };
  },
  async update(api, id, _prior, planned, context) {
    await assign(api, id, planned, context.signal);
    return { id };
  },
  async delete(api, id, _prior, context) {
    const { signal } = context;
    const found = objectOfId(id);
    if (found === undefined) return;
    try {
      await api.get(url(id), { signal });
    } catch (error) {
      if (isNotFound(error)) return;
      throw error;
    }
    const { object: target } = found;
    const back = await owners(api, target, found.id, signal);
    if (back !== undefined) return put(api, id, back, signal);
    const needsCaller = target.adds !== undefined && target.adds !== "admins";
    const who = needsCaller ? await caller(api, signal) : { id: "", userName: "", externalId: "", groups: [] };
    return put(api, id, withAdditions(target, [], who), signal);
  },
  restore: (api, id, desired, context) => assign(api, id, desired, context.signal),
  importId(argument) {
    const found = objectOfId(argument);
    return { id: argument, attributes: found === undefined ? {} : { [found.object.field]: found.id } };
  },
  removal: (found) => apiCommand("PUT", url(found.id), { access_control_list: [] }),
};
