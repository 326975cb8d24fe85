import type { Client, ReadClient } from "../../api/client";
import { isApiError } from "../../api/transport/errors";
import { LakeformError } from "../../errors";
import { readIdentity, type Me } from "../families/caller";
import type { Attributes, Kind, Problem, ReadOptions, Remote, Value } from "../kind";
import { orMissing } from "../families/or-missing";
import {
  objectOfId,
  permissionObjects,
  type PermissionObject,
} from "../families/permission-objects";
import { schemaOf } from "../shape/schema";
import { inSetOrder } from "../shape/sdk-set";
import { apiCommand } from "../shape/api-command";
import { blocks, textOrEmpty } from "../shape/attributes";
import { compact, idText, object, objects, optionalText, type Json } from "../shape/json";
import { noRules } from "../shape/rules";

type Entry = Readonly<Record<string, string>>;

const principalFields = ["user_name", "group_name", "service_principal_name"] as const;

/** The caller by client. It is read only once, as in the official provider. */
const callers = new WeakMap<ReadClient, Promise<Me>>();

function readCaller(api: ReadClient, signal?: AbortSignal): Promise<Me> {
  let caller = callers.get(api);
  if (caller === undefined) {
    caller = readIdentity(api, signal);
    callers.set(api, caller);
    caller.catch(() => callers.delete(api));
  }
  return caller;
}

function configuredObject(attributes: Attributes): PermissionObject | undefined {
  return permissionObjects.find(({ field, pathField, onlyValue: only }) => {
    const value = textOrEmpty(attributes, field);
    return (
      (value !== "" && (only === undefined || value === only)) ||
      (pathField !== undefined && textOrEmpty(attributes, pathField) !== "")
    );
  });
}

function entriesOf(attributes: Attributes): readonly Entry[] {
  return blocks(attributes, "access_control").map((entry) => compact(entry) as Entry);
}

/** Sorts entries as in the requests of the official provider. */
function inOrder(entries: readonly Entry[]): readonly Entry[] {
  const block = schemaOf("databricks_permissions")?.block.blocks.access_control?.block;
  return block === undefined
    ? entries
    : (inSetOrder(
        block,
        entries.map((entry): Attributes => ({ ...entry })),
      ) as Entry[]);
}

const isEntryOf = (entry: Entry, { userName }: Pick<Me, "userName">): boolean =>
  entry.user_name === userName || entry.service_principal_name === userName;

/** Builds the entry of the caller. The user name of a service principal is its application id. */
function entryFor(userName: string, permission_level: string): Entry {
  return userName.includes("@")
    ? { user_name: userName, permission_level }
    : { service_principal_name: userName, permission_level };
}

const withManager = (entries: readonly Entry[], identity: Me): readonly Entry[] =>
  entries.some((entry) => isEntryOf(entry, identity))
    ? entries
    : [...entries, entryFor(identity.userName, "CAN_MANAGE")];

const withAdmins = (entries: readonly Entry[]): readonly Entry[] =>
  entries.some((entry) => entry.group_name === "admins")
    ? entries
    : [...entries, { group_name: "admins", permission_level: "CAN_MANAGE" }];

const replaceLevel = (entries: readonly Entry[], from: string, to: string): readonly Entry[] =>
  entries.map((entry) =>
    entry.permission_level === from ? { ...entry, permission_level: to } : entry,
  );

const url = (id: string): string => `/api/2.0/permissions${id}`;

/**
 * Replaces the access list.
 * @param owner becomes the owner if the object can have an owner, and the list contains none
 */
async function put(
  api: Client,
  id: string,
  { levels, viewIsRead }: PermissionObject,
  entries: readonly Entry[],
  owner: string,
  signal?: AbortSignal,
): Promise<void> {
  const list = viewIsRead === true ? replaceLevel(entries, "CAN_VIEW", "CAN_READ") : entries;
  // The official provider omits an empty list.
  const send = (sentList: readonly Entry[]): Promise<unknown> =>
    api.put(
      url(id),
      compact({ access_control_list: sentList.length === 0 ? undefined : sentList }),
      {
        idempotent: true,
        signal,
      },
    );
  const hasOwner =
    !levels.includes("IS_OWNER") || list.some((entry) => entry.permission_level === "IS_OWNER");
  try {
    await send(hasOwner ? list : [...list, entryFor(owner, "IS_OWNER")]);
  } catch (error) {
    // Send the list again without the owner if the platform refuses to set one. Source: the
    // official provider.
    if (
      hasOwner ||
      !(
        isApiError(error) &&
        error.workspaceMessage.includes("with no existing owner must provide a new owner")
      )
    )
      throw error;
    await send(list);
  }
}

/** Returns the state id of the object; looks up the id of a path. @throws LakeformError NO_OBJECT */
async function findStateId(
  api: ReadClient,
  planned: Attributes,
  signal?: AbortSignal,
): Promise<string> {
  const target = configuredObject(planned);
  if (target === undefined)
    throw new LakeformError("NO_OBJECT", "the permissions do not name an object", {
      fix: "set exactly one of these arguments",
      allowed: [
        ...new Set(
          permissionObjects.flatMap(({ field, pathField }) =>
            pathField === undefined ? [field] : [field, pathField],
          ),
        ),
      ].join(", "),
    });
  const id = textOrEmpty(planned, target.field);
  if (id !== "") return `/${target.request}/${id}`;
  const path = textOrEmpty(planned, target.pathField ?? "");
  const status = object(
    await api.get("/api/2.0/workspace/get-status", { query: { path }, signal }),
  );
  return `/${target.request}/${idText(status.object_id, "object_id")}`;
}

async function writeList(
  api: Client,
  id: string,
  planned: Attributes,
  signal?: AbortSignal,
): Promise<void> {
  const target = objectOfId(id)?.object;
  if (target === undefined) throw badId(id);
  const identity = await readCaller(api, signal);
  const entries = inOrder(entriesOf(planned));
  const admins = entries.find((entry) => entry.group_name === "admins");
  if (admins !== undefined && target.mayNameAdmins !== true) {
    throw new LakeformError(
      "ADMINS_FIXED",
      "the permissions of the group admins cannot be changed",
      {
        path: "access_control",
        value: admins.permission_level,
        fix: "remove the entry for the group `admins` from this access list",
      },
    );
  }
  const managingLevels = ["CAN_MANAGE", "IS_OWNER", ...(target.managingLevels ?? [])].filter(
    (level) => target.levels.includes(level),
  );
  const lockingEntry = entries.find(
    (entry) => isEntryOf(entry, identity) && !managingLevels.includes(entry.permission_level ?? ""),
  );
  if (lockingEntry !== undefined) {
    throw new LakeformError(
      "LOCKED_OUT",
      "the caller would lose the permission to manage the object",
      {
        path: "access_control",
        value: `${identity.userName}: ${lockingEntry.permission_level ?? "nothing"}`,
        allowed: managingLevels.sort().join(", "),
        fix: "remove the caller's entry, or use a level that can manage the object",
      },
    );
  }
  const requiredEntries = target.manager === true ? withManager(entries, identity) : entries;
  await put(
    api,
    id,
    target,
    target.adminsRequiredFor === id ? withAdmins(requiredEntries) : requiredEntries,
    identity.userName,
    signal,
  );
}

/**
 * Returns the error for a response about an object of another type, as in the official provider.
 */
const wrongTypeError = (id: string, type: string, returnedType: unknown): LakeformError =>
  new LakeformError(
    "WRONG_OBJECT_TYPE",
    "the workspace returned the permissions of a different type of object",
    {
      path: id,
      value: optionalText(returnedType) ?? "no object_type",
      allowed: type,
      fix: "check that the host is a Databricks workspace; if it is, report the response to its support",
    },
  );

const badId = (id: string): LakeformError =>
  new LakeformError("BAD_ID", "not a permissions id", {
    value: id,
    allowed: "/<objects>/<id>, e.g. /jobs/1001",
    fix: "import with an id of this form",
  });

/** Reads the access list; undefined if the object does not exist. */
async function fetchList(
  api: ReadClient,
  id: string,
  signal?: AbortSignal,
): Promise<Json | undefined> {
  return orMissing(api.get(url(id), { signal }), object);
}

/**
 * Returns the direct entries of an access list, without inherited ones.
 * @param includesAdmins whether to include the group admins, which is configurable for few objects
 */
export function directEntries(response: Json, includesAdmins = false): readonly Entry[] {
  return objects(response.access_control_list).flatMap((item) => {
    if (item.group_name === "admins" && !includesAdmins) return [];
    const levels = objects(item.all_permissions).filter(
      (permission) => permission.inherited !== true,
    );
    const principal = Object.fromEntries(
      principalFields.flatMap((field) =>
        optionalText(item[field]) === undefined ? [] : [[field, optionalText(item[field]) ?? ""]],
      ),
    );
    return levels.map((permission) => ({
      ...principal,
      permission_level: optionalText(permission.permission_level) ?? "",
    }));
  });
}

function validate(config: Attributes): readonly Problem[] {
  const target = configuredObject(config);
  if (target === undefined) return [];
  return entriesOf(config).flatMap((entry, i) => {
    const level = entry.permission_level;
    if (level === undefined || level === "" || target.levels.includes(level)) return [];
    return [
      {
        path: `access_control.${i}.permission_level`,
        message: `${level} is not a permission of ${target.field} objects: ${[...target.levels].sort().join(", ")} are allowed`,
      },
    ];
  });
}

/**
 * Removes entries that a provider adds and the code does not set: the permissions of the caller and
 * (in deep reads) of the last deployer, and the ownership of the creator if the deployer is unknown.
 */
async function withoutAdditions(
  api: ReadClient,
  { object: target, id }: { readonly object: PermissionObject; readonly id: string },
  entries: readonly Entry[],
  { known, identity, deep, deployer, signal }: ReadOptions & { readonly identity: Me },
): Promise<readonly Entry[]> {
  const configured = entriesOf(known);
  const withoutEntryOf = (list: readonly Entry[], userName: string): readonly Entry[] =>
    configured.some((entry) => isEntryOf(entry, { userName }))
      ? list
      : list.filter((entry) => !isEntryOf(entry, { userName }));
  let remaining = withoutEntryOf(entries, identity.userName);
  if (deep === false) return remaining;
  if (deployer !== undefined) remaining = withoutEntryOf(remaining, deployer);
  const isUnconfiguredOwner = (entry: Entry): boolean =>
    entry.permission_level === "IS_OWNER" &&
    !configured.some((other) => other.permission_level === "IS_OWNER");
  if (deployer !== undefined || !remaining.some(isUnconfiguredOwner)) return remaining;
  const userName = await findCreator(api, target, id, signal);
  return remaining.filter(
    (entry) => !(isUnconfiguredOwner(entry) && principalOf(entry) === userName),
  );
}

export function principalOf(entry: Entry): string {
  return entry.user_name ?? entry.group_name ?? entry.service_principal_name ?? "";
}

/**
 * Returns the creator of an object that has an owner: "" if the object does not exist or does not
 * show its creator; undefined for a type of object without an owner.
 */
async function findCreator(
  api: ReadClient,
  target: Pick<PermissionObject, "request" | "levels">,
  id: string,
  signal?: AbortSignal,
): Promise<string | undefined> {
  if (!target.levels.includes("IS_OWNER")) return undefined;
  const path = target.request === "jobs" ? "/api/2.2/jobs/get" : `/api/2.0/${target.request}/${id}`;
  const query = target.request === "jobs" ? { job_id: id } : {};
  const response = await orMissing(api.get(path, { query, signal }), object);
  return optionalText(response?.creator_user_name) ?? optionalText(response?.creator_name) ?? "";
}

/**
 * Returns the entries that a job or SQL warehouse has by default: its creator owns it. Undefined for
 * other objects, or if the creator is unknown.
 */
export async function defaultOwners(
  api: ReadClient,
  { request }: Pick<PermissionObject, "request">,
  id: string,
  signal?: AbortSignal,
): Promise<readonly Entry[] | undefined> {
  if (request !== "jobs" && request !== "sql/warehouses") return undefined;
  const name = await findCreator(api, { request, levels: ["IS_OWNER"] }, id, signal);
  return name === undefined || name === "" ? undefined : [entryFor(name, "IS_OWNER")];
}

/**
 * Replaces names by their spelling in the configuration, because names are case-insensitive and the
 * workspace returns its own spelling.
 */
function withConfiguredSpelling(entry: Entry, known: readonly Entry[]): Entry {
  const result: Record<string, string> = { ...entry };
  for (const field of ["user_name", "service_principal_name"] as const) {
    const lowerCase = entry[field]?.toLowerCase();
    if (lowerCase !== undefined)
      result[field] =
        known.find((item) => item[field]?.toLowerCase() === lowerCase)?.[field] ?? lowerCase;
  }
  return result;
}

export const permissions: Kind = {
  type: "databricks_permissions",
  traits: { grantsPermissions: true, createAdopts: true },
  title: "permissions",
  identity: {
    naturalKey(attributes) {
      const target = configuredObject(attributes);
      if (target === undefined) return undefined;
      const id = textOrEmpty(attributes, target.field);
      return id === ""
        ? `path:${textOrEmpty(attributes, target.pathField ?? "")}`
        : `object:/${target.request}/${id}`;
    },
  },
  rules: {
    ...noRules,
    keyed: { access_control: "*" },
  },
  validate,
  locate: (api, attributes) => orMissing(findStateId(api, attributes), (id) => id as string),
  async read(api, id, options) {
    const target = objectOfId(id);
    if (target === undefined) throw badId(id);
    const { signal } = options;
    const identity = await readCaller(api, signal);
    const response = await fetchList(api, id, signal);
    if (response === undefined) return undefined;
    const known = entriesOf(options.known);
    const { field, pathField, type, mayNameAdmins, viewIsRead } = target.object;
    if (response.object_type !== type) throw wrongTypeError(id, type, response.object_type);
    const direct = await withoutAdditions(
      api,
      target,
      directEntries(response, mayNameAdmins === true),
      { ...options, identity },
    );
    const usesCanRead =
      viewIsRead !== true || known.some((entry) => entry.permission_level === "CAN_READ");
    const entries = usesCanRead ? direct : replaceLevel(direct, "CAN_READ", "CAN_VIEW");
    if (entries.length === 0) return undefined;
    const byPath = pathField !== undefined && textOrEmpty(options.known, pathField) !== "";
    const objectFields: Attributes = byPath
      ? { [pathField]: textOrEmpty(options.known, pathField) }
      : { [field]: target.id };
    const access_control = entries.map((entry): Value => ({
      ...withConfiguredSpelling(entry, known),
    }));
    return { id, attributes: { ...objectFields, object_type: type, access_control } };
  },
  toState(remote: Remote, before, why) {
    // After a write, Terraform's SDK keeps the planned set, regardless of what was read.
    const { access_control, ...rest } = remote.attributes;
    return {
      ...before,
      ...rest,
      access_control: (why === "write" ? before.access_control : access_control) ?? [],
    };
  },
  async create(api, planned, context) {
    const id = await findStateId(api, planned, context.signal);
    await writeList(api, id, planned, context.signal);
    return { id };
  },
  async update(api, id, _prior, planned, context) {
    await writeList(api, id, planned, context.signal);
    return { id };
  },
  async delete(api, id, _prior, context) {
    const { signal } = context;
    const parsedId = objectOfId(id);
    // The original owner of a pipeline is unknown, so its list is kept, as by the official
    // provider.
    if (parsedId === undefined || parsedId.object.request === "pipelines") return;
    const response = await fetchList(api, id, signal);
    if (response === undefined) return;
    const { object: target } = parsedId;
    const admins = directEntries(response, true).find((entry) => entry.group_name === "admins");
    let entries: readonly Entry[] = admins === undefined ? [] : [admins];
    if (target.manager === true && target.adminsRequiredFor !== id)
      entries = withManager(entries, await readCaller(api, signal));
    if (target.keepsAdminsOnDestroy === true && target.adminsRequiredFor === id)
      entries = withAdmins(entries);
    const owner = await findCreator(api, target, parsedId.id, signal);
    if (owner !== "") await put(api, id, target, entries, owner ?? "", signal);
  },
  restore: (api, id, desired, context) => writeList(api, id, desired, context.signal),
  importId(argument) {
    const target = objectOfId(argument);
    return {
      id: argument,
      attributes: target === undefined ? {} : { [target.object.field]: target.id },
    };
  },
  removal: (remote) => apiCommand("PUT", url(remote.id), { access_control_list: [] }),
};
