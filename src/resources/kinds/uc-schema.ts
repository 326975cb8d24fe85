import { refused } from "../shape/allowed-values";
import type { Client } from "../../api/client";
import { byToken } from "../../api/transport/paging";
import { fromWire } from "../shape/from-wire";
import type { Attributes, Kind, Remote } from "../kind";
import {
  body,
  changedBesides,
  checkMetastore,
  onlyManagedProperties,
  predictiveOptimization,
  sameName,
  sameStorage,
  unityCatalog,
  updateSecurable,
} from "../families/metastore";
import { clearing } from "../shape/cleared-fields";
import { orMissing } from "../families/or-missing";
import { createOnce, ifNew } from "../families/create-once";
import { PartiallyCreated } from "../families/partially-created";
import { schemaOf } from "../shape/schema";
import { apiCommand, noRules, object, str, text, type Json } from "../shape/json";

const url = (fullName: string): string => `${unityCatalog}/schemas/${encodeURIComponent(fullName)}`;
const updatable = ["comment", "enable_predictive_optimization", "properties"] as const;

function remote(found: Json): Remote {
  const block = schemaOf("databricks_schema")?.block;
  const id = text(found.full_name) ?? `${text(found.catalog_name) ?? ""}.${text(found.name) ?? ""}`;
  return { id, attributes: block === undefined ? {} : fromWire(block, found) };
}

async function complete(api: Client, id: string, planned: Attributes, signal?: AbortSignal): Promise<void> {
  if (str(planned, "owner") === "" && str(planned, "enable_predictive_optimization") === "") return;
  await api.patch(url(id), body(planned, [...updatable, "owner"]), { idempotent: true, signal });
}

/** A schema of Unity Catalog (`schema.ts` beside this file is Terraform's schema). */
export const ucSchema: Kind = {
  type: "databricks_schema",
  title: "schema",
  identity: {
    naturalKey: (attributes) => {
      const [catalog, name] = [str(attributes, "catalog_name"), str(attributes, "name")];
      return catalog === "" || name === "" ? undefined : `name:${catalog}.${name}`.toLowerCase();
    },
    link: (host, id) => `${host}/explore/data/${id.split(".").map(encodeURIComponent).join("/")}`,
  },
  rules: {
    ...noRules,
    backendDefaults: {
      properties: { reason: "the platform keeps properties of its own (unity.catalog.managed.*)", when: onlyManagedProperties },
      storage_root: { reason: "the catalog's storage root, when none is given", when: () => true },
    },
    configOnly: { force_destroy: "says how Terraform deletes; the workspace does not know it" },
    equivalent: { name: sameName, catalog_name: sameName, storage_root: sameStorage },
    onlyNew: { storage_root: "set when a schema is made" },
  },
  validate: (config) => refused(config, { enable_predictive_optimization: predictiveOptimization }),
  suppress: { name: sameName, catalog_name: sameName, storage_root: sameStorage },
  async read(api, id, options) {
    return orMissing(api.get(url(id), { signal: options.signal }), (found) => remote(object(found)));
  },
  /** `within` is the catalog. */
  async *list(api, within, signal) {
    if (within === undefined) return;
    const pages = { path: `${unityCatalog}/schemas`, query: { catalog_name: within }, items: "schemas", signal };
    for await (const found of byToken<Json>(api, pages)) yield remote(found);
  },
  async create(api, planned, context) {
    const { signal } = context;
    await checkMetastore(api, planned, signal);
    const fields = ["name", "catalog_name", "comment", "storage_root", "properties"];
    const id = `${str(planned, "catalog_name")}.${str(planned, "name")}`;
    await createOnce(
      {
        what: `schema ${id}`,
        create: (recover) => api.post(`${unityCatalog}/schemas`, body(planned, fields), { recover, signal }),
        find: async (lost) => ifNew(api, await orMissing(api.get(url(id), { signal }), object), lost),
      },
      api,
      context.pending,
    );
    try {
      await complete(api, id, planned, signal);
    } catch (error) {
      throw new PartiallyCreated(id, error);
    }
    return { id };
  },
  async update(api, id, prior, planned, context) {
    const { signal } = context;
    await checkMetastore(api, planned, signal);
    if (changedBesides(prior, planned, ["force_destroy"])) {
      await updateSecurable(api, url(id), { prior, planned, sent: body(planned, updatable) }, signal);
    }
    return { id };
  },
  async delete(api, id, prior, context) {
    await checkMetastore(api, prior, context.signal);
    await api.delete(url(id), { query: prior.force_destroy === true ? { force: true } : {}, signal: context.signal });
  },
  async restore(api, id, desired, context) {
    const unset = { comment: "", properties: {}, enable_predictive_optimization: "INHERIT", owner: null };
    const sent = { ...body(desired, [...updatable, "owner"]), ...clearing(context, unset) };
    await api.patch(url(id), sent, { idempotent: true, signal: context.signal });
  },
  importId: (argument) => ({ id: argument, attributes: {} }),
  removal: (found) => apiCommand("DELETE", url(found.id)),
};
