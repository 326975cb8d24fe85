import { LakeformError } from "../../errors";
import { entitlementFields, entitlementsIn, noEntitlement, scimPath } from "../families/scim";
import { orMissing } from "../families/or-missing";
import type { Client, ReadClient } from "../../api/client";
import type { Attributes, Kind, Remote } from "../kind";
import { apiCommand } from "../shape/api-command";
import { textOrEmpty } from "../shape/attributes";
import { object } from "../shape/json";
import { noRules } from "../shape/rules";

/** The types of principals. The state id is `<prefix>/<id>`. */
const principalTypes = [
  { prefix: "group", field: "group_id", collection: "Groups" },
  { prefix: "user", field: "user_id", collection: "Users" },
  { prefix: "spn", field: "service_principal_id", collection: "ServicePrincipals" },
] as const;

/** @throws LakeformError BAD_ID */
function principalOf(id: string): { readonly url: string; readonly attributes: Attributes } {
  const index = id.indexOf("/");
  const prefix = id.slice(0, index).toLowerCase();
  const type = principalTypes.find((candidate) => candidate.prefix === prefix);
  if (type === undefined)
    throw new LakeformError("BAD_ID", "not an id of databricks_entitlements", {
      value: id,
      allowed: "group/<id>, user/<id> or spn/<id>",
      fix: "import with an id of this form",
    });
  return {
    url: `${scimPath}/${type.collection}/${encodeURIComponent(id.slice(index + 1))}`,
    attributes: { [type.field]: id.slice(index + 1) },
  };
}

function idOf(attributes: Attributes): string {
  const type = principalTypes.find(({ field }) => textOrEmpty(attributes, field) !== "");
  return type === undefined ? "" : `${type.prefix}/${textOrEmpty(attributes, type.field)}`;
}

const entitlementsOf = (attributes: Attributes): readonly { value: string }[] =>
  Object.entries(entitlementFields).flatMap(([field, value]) =>
    attributes[field] === true ? [{ value }] : [],
  );

/** Builds the request that replaces all entitlements, or removes those in `attributes`. */
function patchBody(op: "replace" | "remove", attributes: Attributes): Record<string, unknown> {
  const entries = entitlementsOf(attributes);
  const value = entries.length === 0 ? noEntitlement : entries;
  return {
    schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
    Operations: [{ op, path: "entitlements", value }],
  };
}

async function patchEntitlements(
  api: Client,
  id: string,
  op: "replace" | "remove",
  attributes: Attributes,
  signal?: AbortSignal,
): Promise<void> {
  if (op === "remove" && entitlementsOf(attributes).length === 0) return;
  await api.patch(principalOf(id).url, patchBody(op, attributes), { idempotent: true, signal });
}

async function read(
  api: ReadClient,
  id: string,
  signal?: AbortSignal,
): Promise<Remote | undefined> {
  const { url, attributes } = principalOf(id);
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
    await patchEntitlements(api, idOf(planned), "replace", planned, signal);
    return { id: idOf(planned) };
  },
  async update(api, id, _prior, planned, { signal }) {
    await patchEntitlements(api, id, "replace", planned, signal);
    return { id };
  },
  async restore(api, id, desired, { signal }) {
    await patchEntitlements(api, id, "replace", desired, signal);
  },
  delete: (api, id, prior, { signal }) => patchEntitlements(api, id, "remove", prior, signal),
  toState: ({ attributes }, before) => ({ ...before, ...attributes }),
  removal: ({ id, attributes }) =>
    apiCommand("PATCH", principalOf(id).url, patchBody("remove", attributes)),
};
