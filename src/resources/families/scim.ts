/**
 * Kinds for users, service principals and groups at `/api/2.0/preview/scim/v2/<collection>/<id>`,
 * which a PUT of the complete object changes.
 */
import type { Client, Query, ReadClient } from "../../api/client";
import { isApiError } from "../../api/transport/errors";
import { defined } from "../../defined";
import type { Attributes, Kind, LostCreate, Remote } from "../kind";
import { apiCommand } from "../shape/api-command";
import { textOrEmpty } from "../shape/attributes";
import { object, objects, optionalText, type Json } from "../shape/json";
import { noRules } from "../shape/rules";
import { blockOf } from "../shape/schema";
import { stateOf } from "../shape/sdk-state";
import { withUnknown } from "../shape/shape";
import { contradicts, createOnce, ambiguousMatches } from "./create-once";
import { orMissing } from "./or-missing";

export const scimPath = "/api/2.0/preview/scim/v2";

/** The SCIM name of each attribute for an entitlement. */
export const entitlementFields = {
  allow_cluster_create: "allow-cluster-create",
  allow_instance_pool_create: "allow-instance-pool-create",
  databricks_sql_access: "databricks-sql-access",
  workspace_access: "workspace-access",
  workspace_consume: "workspace-consume",
} as const;

/**
 * The value that removes all entitlements: a list with an empty entry. An empty list would not
 * change them.
 */
export const noEntitlement: readonly { value?: string }[] = [{}];

/**
 * Adds the entitlements of a response to the attributes, as flags. If there are entitlements without
 * a flag, the field `entitlements` is marked as unknown to the schema.
 */
export function entitlementsIn(response: unknown, attributes: Attributes): Attributes {
  const entitlementNames = new Set(
    objects(response).flatMap(({ value }) =>
      typeof value === "string" && value !== "" ? [value] : [],
    ),
  );
  const flags = Object.fromEntries(
    Object.entries(entitlementFields).map(([field, value]) => [
      field,
      entitlementNames.delete(value),
    ]),
  );
  return withUnknown(
    { ...attributes, ...flags },
    entitlementNames.size === 0 ? [] : ["entitlements"],
  );
}

interface Scim extends Pick<Kind, "suppress" | "validate"> {
  readonly type: string;
  readonly title: string;
  /** The collection in the URL: `Groups`. */
  readonly collection: "Groups" | "Users" | "ServicePrincipals";
  readonly schemas: readonly string[];
  /** Returns the attribute by which an object is found, and its name on the wire. */
  readonly name: (attributes: Attributes) => readonly [attribute: string, wire: string] | undefined;
  /** The attributes to request, on the wire and separated by commas. */
  readonly attributes: string;
  /** Fields that a PUT must repeat, because it removes omitted ones. */
  readonly keptFields: readonly string[];
  readonly body: (attributes: Attributes, prior?: Attributes) => Record<string, unknown>;
  readonly attributesOf: (item: Json, host: string) => Attributes;
  /** Whether a delete only disables the principal. */
  readonly isDisabledOnDelete?: (attributes: Attributes) => boolean;
  /** Returns the workspace folders to delete with the principal. */
  readonly folders?: (attributes: Attributes) => readonly string[];
  readonly link?: (host: string, id: string) => string;
}

export function scim(spec: Scim): Kind {
  const { type, title, collection } = spec;
  const url = (id: string): string => `${scimPath}/${collection}/${encodeURIComponent(id)}`;
  const entitlementValues = (attributes: Attributes): readonly { value?: string }[] => {
    const entitlements = Object.entries(entitlementFields).flatMap(([field, value]) =>
      attributes[field] === true ? [{ value }] : [],
    );
    return entitlements.length === 0 ? noEntitlement : entitlements;
  };
  const remote = (host: string, item: Json): Remote => {
    const id = optionalText(item.id) ?? "";
    const attributes = {
      id,
      external_id: optionalText(item.externalId) ?? "",
      ...spec.attributesOf(item, host),
    };
    return { id, attributes: entitlementsIn(item.entitlements, attributes) };
  };
  const findByName = async (
    api: ReadClient,
    attributes: Attributes,
    query: Query = {},
  ): Promise<readonly Json[]> => {
    const name = spec.name(attributes);
    if (name === undefined) return [];
    const filter = `${name[1]} eq "${textOrEmpty(attributes, name[0]).replaceAll('"', '\\"')}"`;
    return objects(
      object(await api.get(`${scimPath}/${collection}`, { query: { ...query, filter } })).Resources,
    );
  };
  const find = async (api: ReadClient, attributes: Attributes): Promise<Json | undefined> =>
    (await findByName(api, attributes))[0];
  // SCIM returns no creation time. A principal counts as new if it has the sent settings, and
  // neither members nor roles.
  const findLost = async (
    api: ReadClient,
    planned: Attributes,
    { id }: LostCreate,
  ): Promise<Json | undefined> => {
    const body = spec.body(planned);
    const isNew = (item: Json): boolean => {
      const entitlementNames = new Set(objects(item.entitlements).map(({ value }) => value));
      const isUnused = [item.members, item.roles].every((list) => objects(list).length === 0);
      return (
        isUnused &&
        !contradicts(body, item) &&
        entitlementValues(planned).every(
          ({ value }) => value === undefined || entitlementNames.has(value),
        )
      );
    };
    const matches = (await findByName(api, planned)).filter((item) =>
      id === undefined ? isNew(item) : item.id === id,
    );
    if (matches.length > 1)
      throw ambiguousMatches(
        `${title} ${textOrEmpty(planned, spec.name(planned)?.[0] ?? "")}`,
        matches.map((item) => optionalText(item.id) ?? ""),
      );
    return matches[0];
  };
  const put = async (
    api: Client,
    id: string,
    attributes: Attributes,
    prior?: Attributes,
    signal?: AbortSignal,
  ): Promise<void> => {
    const response = object(
      await api.get(url(id), { query: { attributes: spec.keptFields.join(",") }, signal }),
    );
    const keptFields = Object.fromEntries(
      spec.keptFields.flatMap((field) =>
        response[field] === undefined ? [] : [[field, response[field]]],
      ),
    );
    const body = {
      ...keptFields,
      ...spec.body(attributes, prior),
      entitlements: entitlementValues(attributes),
      schemas: spec.schemas,
    };
    await api.put(url(id), body, { idempotent: true, signal });
  };
  return {
    type,
    title,
    identity: {
      naturalKey: (attributes) => {
        const name = spec.name(attributes);
        return name === undefined || textOrEmpty(attributes, name[0]) === ""
          ? undefined
          : `name:${textOrEmpty(attributes, name[0])}`;
      },
      ...defined({ link: spec.link }),
    },
    traits: { readFromList: [] },
    rules: {
      ...noRules,
      backendDefaults: {
        external_id: {
          reason: "set by the identity provider that provisions it",
          when: () => true,
        },
      },
      configOnly: {
        force: "only controls how Terraform creates",
        force_delete_home_dir: "only controls how Terraform deletes",
        force_delete_repos: "only controls how Terraform deletes",
        disable_as_user_deletion: "only controls how Terraform deletes",
      },
    },
    ...defined({ suppress: spec.suppress, validate: spec.validate }),
    // The state contains every entitlement, even those that the code omits.
    toState: (remoteObject, before, _why, fresh) => ({
      ...stateOf(blockOf(type), before, remoteObject, fresh),
      ...Object.fromEntries(
        Object.keys(entitlementFields).map((field) => [
          field,
          remoteObject.attributes[field] ?? false,
        ]),
      ),
    }),
    read: (api, id, { signal }) =>
      orMissing(api.get(url(id), { query: { attributes: spec.attributes }, signal }), (response) =>
        remote(api.host, { ...object(response), id }),
      ),
    async *list(api, _within, signal) {
      for await (const item of scimList(api, collection, { attributes: spec.attributes }, signal))
        yield remote(api.host, item);
    },
    locate: async (api, attributes) => optionalText((await find(api, attributes))?.id),
    async create(api, planned, { signal, pending }) {
      const body = {
        ...spec.body(planned),
        entitlements: entitlementValues(planned),
        schemas: spec.schemas,
      };
      const objectKey = `${title} ${textOrEmpty(planned, spec.name(planned)?.[0] ?? "")}`;
      const create = (recover: () => Promise<unknown>): Promise<unknown> =>
        api.post(`${scimPath}/${collection}`, body, { recover, signal });
      try {
        const response = await createOnce(
          { objectKey, create, find: (lostCreate) => findLost(api, planned, lostCreate) },
          api,
          pending,
        );
        return { id: optionalText(object(response).id) ?? "" };
      } catch (error) {
        if (
          planned.force !== true ||
          !isApiError(error) ||
          !/already exists/i.test(error.workspaceMessage)
        )
          throw error;
        // Adopt the principal that already exists. Its roles are not needed to find it.
        const query = collection === "Groups" ? {} : { excludedAttributes: "roles" };
        const existing = optionalText((await findByName(api, planned, query))[0]?.id);
        if (existing === undefined) throw error;
        await put(api, existing, planned, undefined, signal);
        return { id: existing };
      }
    },
    async update(api, id, prior, planned, { signal }) {
      await put(api, id, planned, prior, signal);
      return { id };
    },
    async restore(api, id, desired, { signal }) {
      await put(api, id, desired, {}, signal);
    },
    async delete(api, id, prior, { signal }) {
      if (spec.isDisabledOnDelete?.(prior) === true) {
        await api.patch(url(id), patch("replace", "active", "false"), { idempotent: true, signal });
        return;
      }
      await api.delete(url(id), { signal });
      for (const path of spec.folders?.(prior) ?? [])
        await orMissing(
          api.post(
            "/api/2.0/workspace/delete",
            { path, recursive: true },
            { removes: true, signal },
          ),
          () => undefined,
        );
    },
    removal: ({ id }) => apiCommand("DELETE", url(id)),
  };
}

/** Iterates over all principals of a collection. Pages are fetched on demand. */
export async function* scimList(
  api: ReadClient,
  collection: Scim["collection"],
  query: Query,
  signal?: AbortSignal,
): AsyncGenerator<Json> {
  for (let startIndex = 1; ;) {
    const page = object(
      await api.get(`${scimPath}/${collection}`, {
        query: { ...query, startIndex, count: 100 },
        signal,
      }),
    );
    const principals = objects(page.Resources);
    yield* principals;
    startIndex += principals.length;
    if (
      principals.length === 0 ||
      typeof page.totalResults !== "number" ||
      startIndex > page.totalResults
    )
      return;
  }
}

/** Builds the body of a SCIM PATCH with one operation. */
export function patch(op: "add" | "remove" | "replace", path: string, value?: string): Json {
  const operation = { op, path, ...(value !== undefined && { value: [{ value }] }) };
  return { schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], Operations: [operation] };
}

interface Entry {
  readonly type: string;
  readonly title: string;
  readonly collection: Scim["collection"];
  /** The attributes with the principal's id and with the entry. Together they form the state id. */
  readonly fields: readonly [principalField: string, valueField: string];
  /** The list on the wire: `members`, `roles`. */
  readonly list: "members" | "roles";
}

/**
 * A kind for one entry in a list of a principal, such as a member of a group or a role of a user.
 * It has no update: a change replaces the entry.
 */
export function scimEntry({
  type,
  title,
  collection,
  fields: [principalField, valueField],
  list,
}: Entry): Kind {
  const url = (id: string): string => `${scimPath}/${collection}/${encodeURIComponent(id)}`;
  const split = (id: string): readonly [string, string] => {
    const index = id.indexOf("|");
    return [id.slice(0, index), id.slice(index + 1)];
  };
  const remote = (principalId: string, value: string): Remote => ({
    id: `${principalId}|${value}`,
    attributes: {
      id: `${principalId}|${value}`,
      [principalField]: principalId,
      [valueField]: value,
    },
  });
  const valuesOf = async (
    api: ReadClient,
    id: string,
    signal?: AbortSignal,
  ): Promise<readonly string[]> => {
    const entries = await orMissing(
      api.get(url(id), { query: { attributes: list }, signal }),
      (response) => objects(object(response)[list]),
    );
    return (entries ?? []).flatMap(({ value }) => optionalText(value) ?? []);
  };
  return {
    type,
    title,
    traits: { grantsPermissions: true },
    identity: {
      naturalKey: (attributes) => {
        const [principalId, value] = [
          textOrEmpty(attributes, principalField),
          textOrEmpty(attributes, valueField),
        ];
        return principalId === "" || value === "" ? undefined : `entry:${principalId}|${value}`;
      },
    },
    rules: noRules,
    async read(api, id, { signal }) {
      const [principalId, value] = split(id);
      return (await valuesOf(api, principalId, signal)).includes(value)
        ? remote(principalId, value)
        : undefined;
    },
    async *list(api, principalId, signal) {
      if (principalId === undefined) return;
      for (const value of await valuesOf(api, principalId, signal))
        yield remote(principalId, value);
    },
    async create(api, planned, { signal }) {
      const [principalId, value] = [
        textOrEmpty(planned, principalField),
        textOrEmpty(planned, valueField),
      ];
      await api.patch(url(principalId), patch("add", list, value), { idempotent: true, signal });
      return { id: `${principalId}|${value}` };
    },
    async delete(api, id, _prior, { signal }) {
      const [principalId, value] = split(id);
      await api.patch(url(principalId), patch("remove", `${list}[value eq "${value}"]`), {
        idempotent: true,
        signal,
      });
    },
    importId: (argument) => {
      const [principalId, value] = split(argument);
      return { id: argument, attributes: { [principalField]: principalId, [valueField]: value } };
    },
    removal: ({ id }) =>
      apiCommand(
        "PATCH",
        url(split(id)[0]),
        patch("remove", `${list}[value eq "${split(id)[1]}"]`),
      ),
  };
}
