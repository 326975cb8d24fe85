import { entitlementFields, entitlementsIn, noEntitlement, scimPath } from "../families/scim";
import { orMissing } from "../families/or-missing";
import type { Client, ReadClient } from "../../api/client";
import type { Attributes, Kind, Remote } from "../kind";
import { apiCommand, noRules, object, str } from "../shape/json";

const holders = [
  { word: "group", field: "group_id", collection: "Groups" },
  { word: "user", field: "user_id", collection: "Users" },
  { word: "spn", field: "service_principal_id", collection: "ServicePrincipals" },
] as const;

function holderOf(id: string): { readonly url: string; readonly attributes: Attributes } {
  const index = id.indexOf("/");
  const word = id.slice(0, index).toLowerCase();
  const holder = holders.find((candidate) => candidate.word === word);
  if (holder === undefined)
    throw new RangeError(`${JSON.stringify(id)} is not group/ID, user/ID or spn/ID`);
  return {
    url: `${scimPath}/${holder.collection}/${encodeURIComponent(id.slice(index + 1))}`,
    attributes: { [holder.field]: id.slice(index + 1) },
  };
}

function idOf(attributes: Attributes): string {
  const holder = holders.find(({ field }) => str(attributes, field) !== "");
  return holder === undefined ? "" : `${holder.word}/${str(attributes, holder.field)}`;
}

const entitlementsOf = (attributes: Attributes): readonly { value: string }[] =>
  Object.entries(entitlementFields).flatMap(([field, value]) =>
    attributes[field] === true ? [{ value }] : [],
  );

async function send(
  api: Client,
  id: string,
  op: "replace" | "remove",
  attributes: Attributes,
  signal?: AbortSignal,
): Promise<void> {
  const entries = entitlementsOf(attributes);
  if (op === "remove" && entries.length === 0) return;
  const operation = {
    op,
    path: "entitlements",
    value: entries.length === 0 ? noEntitlement : entries,
  };
  const body = {
    schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
    Operations: [operation],
  };
  await api.patch(holderOf(id).url, body, { idempotent: true, signal });
}

async function read(
  api: ReadClient,
  id: string,
  signal?: AbortSignal,
): Promise<Remote | undefined> {
  const { url, attributes } = holderOf(id);
  return orMissing(api.get(url, { query: { attributes: "entitlements" }, signal }), (response) => ({
    id,
    attributes: entitlementsIn(object(response).entitlements, { id, ...attributes }),
  }));
}

/** All entitlements of a group, user or service principal in the workspace. */
export const entitlements: Kind = {
  type: "databricks_entitlements",
  title: "entitlements",
  traits: { grantsPermissions: true, createAdopts: true },
  identity: {
    naturalKey: (attributes) =>
      idOf(attributes) === "" ? undefined : `holder:${idOf(attributes)}`,
  },
  rules: noRules,
  read: (api, id, { signal }) => read(api, id, signal),
  async create(api, planned, { signal }) {
    await send(api, idOf(planned), "replace", planned, signal);
    return { id: idOf(planned) };
  },
  async update(api, id, _prior, planned, { signal }) {
    await send(api, id, "replace", planned, signal);
    return { id };
  },
  async restore(api, id, desired, { signal }) {
    await send(api, id, "replace", desired, signal);
  },
  delete: (api, id, prior, { signal }) => send(api, id, "remove", prior, signal),
  toState: ({ attributes }, before) => ({ ...before, ...attributes }),
  removal: ({ id, attributes }) =>
    apiCommand("PATCH", holderOf(id).url, {
      Operations: [{ op: "remove", path: "entitlements", value: entitlementsOf(attributes) }],
    }),
};
