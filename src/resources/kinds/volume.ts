import { refused } from "../shape/allowed-values";
import { byToken } from "../../api/transport/paging";
import { fromWire } from "../shape/from-wire";
import type { Attributes, Kind, Remote } from "../kind";
import { body, sameName, sameOrNoStorage, sameStorage, unityCatalog, updateSecurable } from "../families/metastore";
import { clearing } from "../shape/cleared-fields";
import { orMissing } from "../families/or-missing";
import { createOnce, ifNew } from "../families/create-once";
import { PartiallyCreated } from "../families/partially-created";
import { schemaOf } from "../shape/schema";
import { apiCommand, compact, noRules, object, str, text, type Json } from "../shape/json";

const url = (fullName: string): string => `${unityCatalog}/volumes/${encodeURIComponent(fullName)}`;

function fullName(attributes: Attributes): string {
  return ["catalog_name", "schema_name", "name"].map((field) => str(attributes, field)).join(".");
}

function remote(found: Json): Remote {
  const block = schemaOf("databricks_volume")?.block;
  const id = text(found.full_name) ?? "";
  const attributes = block === undefined ? {} : fromWire(block, found);
  return { id, attributes: { ...attributes, volume_path: `/Volumes/${id.replaceAll(".", "/")}` } };
}

export const volume: Kind = {
  type: "databricks_volume",
  title: "volume",
  identity: {
    naturalKey: (attributes) => {
      const parts = ["catalog_name", "schema_name", "name"].map((field) => str(attributes, field));
      return parts.includes("") ? undefined : `name:${parts.join(".")}`.toLowerCase();
    },
    link: (host, id) => `${host}/explore/data/volumes/${id.split(".").map(encodeURIComponent).join("/")}`,
  },
  rules: {
    ...noRules,
    backendDefaults: { storage_location: { reason: "a managed volume lies where the platform puts it", when: () => true } },
    equivalent: { name: sameName, catalog_name: sameName, schema_name: sameName, storage_location: sameStorage },
    onlyNew: { storage_location: "set when a volume is made", volume_type: "set when a volume is made" },
  },
  validate: (config) => refused(config, { volume_type: ["EXTERNAL", "MANAGED"] }),
  suppress: { name: sameName, catalog_name: sameName, schema_name: sameName, storage_location: sameOrNoStorage },
  async read(api, id, options) {
    return orMissing(api.get(url(id), { signal: options.signal }), (found) => remote(object(found)));
  },
  /** `within` is `catalog.schema`. */
  async *list(api, within, signal) {
    const [catalog_name, schema_name] = within?.split(".") ?? [];
    if (catalog_name === undefined || schema_name === undefined) return;
    const pages = { path: `${unityCatalog}/volumes`, query: { catalog_name, schema_name }, items: "volumes", signal };
    for await (const found of byToken<Json>(api, pages)) yield remote(found);
  },
  async create(api, planned, context) {
    const { signal } = context;
    const id = fullName(planned);
    const sent = body(planned, ["catalog_name", "schema_name", "name", "volume_type", "storage_location", "comment"]);
    await createOnce(
      {
        what: `volume ${id}`,
        create: (recover) => api.post(`${unityCatalog}/volumes`, sent, { recover, signal }),
        find: async (lost) => ifNew(api, await orMissing(api.get(url(id), { signal }), object), lost),
      },
      api,
      context.pending,
    );
    try {
      if (str(planned, "owner") !== "") await api.patch(url(id), body(planned, ["comment", "owner"]), { idempotent: true, signal });
    } catch (error) {
      throw new PartiallyCreated(id, error);
    }
    return { id };
  },
  async update(api, id, prior, planned, context) {
    const { signal } = context;
    const name = str(planned, "name");
    const renamed = name !== id.split(".").at(-1);
    const sent = { ...body(planned, ["comment"]), ...(renamed ? { new_name: name } : {}) };
    await updateSecurable(api, url(id), { prior, planned, sent, renamed: renamed ? url(fullName(planned)) : undefined }, signal);
    return { id: renamed ? fullName(planned) : id };
  },
  async delete(api, id, _prior, context) {
    await api.delete(url(id), { signal: context.signal });
  },
  async restore(api, id, desired, context) {
    const { comment, owner } = desired;
    await api.patch(
      url(id),
      { ...compact({ comment, owner }), ...clearing(context, { comment: "", owner: null }) },
      { idempotent: true, signal: context.signal },
    );
  },
  importId: (argument) => ({ id: argument, attributes: {} }),
  removal: (found) => apiCommand("DELETE", url(found.id)),
};
