import type { Client } from "../../api/client";
import { byId, urls } from "../families/by-id";
import { sameStorage, unityCatalog } from "../families/metastore";
import type { Attributes, Kind, Value } from "../kind";
import { valueProblems } from "../shape/allowed-values";
import { clearingValues } from "../shape/cleared-fields";
import { textOrEmpty } from "../shape/attributes";
import { acceptAny, platformFields } from "../shape/rules";
import { blockOf } from "../shape/schema";
import { isZeroValue, sameName, toWire } from "../shape/shape";

const path = `${unityCatalog}/metastores`;
const urlOf = (id: string): string => `${path}/${encodeURIComponent(id)}`;
const type = "databricks_metastore";
const createFields = ["name", "region", "storage_root"];
const updateFields = [
  "delta_sharing_organization_name",
  "delta_sharing_recipient_token_lifetime_in_seconds",
  "delta_sharing_scope",
  "owner",
  "storage_root_credential_id",
];

function pick(fields: Record<string, unknown>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => names.includes(name)));
}

const unsetValues = {
  delta_sharing_organization_name: "",
  delta_sharing_recipient_token_lifetime_in_seconds: 0,
  owner: null,
};

/**
 * Builds the settings for a request. With a sharing scope, the lifetime of the tokens is always
 * sent; 0 means unlimited.
 */
function settings(attributes: Attributes): Record<string, unknown> {
  const keepZero = (field: string): boolean =>
    field === "delta_sharing_recipient_token_lifetime_in_seconds" &&
    textOrEmpty(attributes, "delta_sharing_scope") !== "";
  return pick(toWire(blockOf(type), attributes, { keepZero }), updateFields);
}

/** Whether path `a` equals or starts with `b`: the platform appends the metastore's id to the path. */
const startsWithPath = (a: Value, b: Value): boolean =>
  typeof a === "string" &&
  typeof b === "string" &&
  (sameStorage(a, b) || (b !== "" && a.startsWith(b)));

const base = byId({
  type,
  title: "metastore",
  traits: {
    lostOnDestroy: "metastore and its catalogs",
    securable: "metastore",
    foundInList: {},
    readFromList: [],
  },
  calls: urls(path),
  idField: "metastore_id",
  nameField: "name",
  items: "metastores",
  isSameName: sameName,
  createdAt: (item) => item["created_at"],
  asCreateRequest: (item, sent) => ({ ...item, storage_root: sent["storage_root"] }),
  body: (fields, planned, prior) => {
    if (prior === undefined) return pick(fields, createFields);
    const name = textOrEmpty(planned, "name");
    const isRenamed =
      textOrEmpty(prior, "name") !== "" && !sameName(name, textOrEmpty(prior, "name"));
    const removed = Object.entries(unsetValues).filter(
      ([field]) => !isZeroValue(prior[field]) && isZeroValue(planned[field]) && field !== "owner",
    );
    return {
      ...settings(planned),
      ...Object.fromEntries(removed),
      ...(isRenamed && { new_name: name }),
    };
  },
  afterCreate: async (api: Client, id, planned, signal) => {
    const body = settings(planned);
    if (Object.keys(body).length > 0)
      await api.patch(urlOf(id), body, { idempotent: true, signal });
  },
  rules: {
    backendDefaults: {
      ...platformFields(
        "cloud",
        "created_at",
        "created_by",
        "global_metastore_id",
        "updated_at",
        "updated_by",
      ),
      region: acceptAny("the region of the workspace"),
      owner: acceptAny("the creator, if the code sets no owner"),
      delta_sharing_scope: { reason: "documented default", when: (value) => value === "INTERNAL" },
      default_data_access_config_id: acceptAny("set by databricks_metastore_data_access"),
      storage_root_credential_id: acceptAny("set by databricks_metastore_data_access"),
    },
    configOnly: { force_destroy: "only controls how Terraform deletes" },
    equivalent: {
      name: sameName,
      storage_root: (a, b) => startsWithPath(a, b) || startsWithPath(b, a),
    },
    immutable: {
      region: "only set when a metastore is created",
      storage_root: "only set when a metastore is created",
    },
  },
  suppress: { name: sameName, storage_root: startsWithPath },
  // The official provider does not send a changed region. Its plans therefore always show it.
  forcesNew: {
    region: (before, after) => !isZeroValue(before) && !isZeroValue(after) && before !== after,
  },
  validate: (config) =>
    valueProblems(config, { delta_sharing_scope: ["INTERNAL", "INTERNAL_AND_EXTERNAL"] }),
});

/** A metastore, which contains the catalogs of a region's workspaces. */
export const metastore: Kind = {
  ...base,
  async restore(api, id, desired, context) {
    const sent = {
      ...settings(desired),
      new_name: textOrEmpty(desired, "name"),
      ...clearingValues(context, unsetValues),
    };
    await api.patch(urlOf(id), sent, { idempotent: true, signal: context.signal });
  },
  async delete(api, id, prior, { signal }) {
    await api.delete(urlOf(id), {
      query: prior.force_destroy === true ? { force: true } : {},
      signal,
    });
  },
};
