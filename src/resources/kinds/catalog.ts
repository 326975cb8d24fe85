import { wholeNumber } from "../../exact-json";
import { refused } from "../shape/allowed-values";
import type { Client } from "../../api/client";
import { byToken } from "../../api/transport/paging";
import { fromWire } from "../shape/from-wire";
import type { Attributes, Kind, Remote, Value } from "../kind";
import {
  body,
  changedBesides,
  checkMetastore,
  currentWorkspace,
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
import { bindOwn, readBindings, restoreBindings } from "../families/workspace-bindings";
import { schemaOf } from "../shape/schema";
import { apiCommand, noRules, object, str, text, type Json } from "../shape/json";

const url = (name: string): string => `${unityCatalog}/catalogs/${encodeURIComponent(name)}`;
const updatable = ["comment", "enable_predictive_optimization", "isolation_mode", "options", "properties"] as const;

/** What the platform takes for "not set". */
const unset = { comment: "", properties: {}, options: {}, isolation_mode: "OPEN", enable_predictive_optimization: "INHERIT", owner: null };

function remote(found: Json): Remote {
  const block = schemaOf("databricks_catalog")?.block;
  const attributes = block === undefined ? {} : fromWire(block, found);
  return { id: text(found.name) ?? "", attributes: { ...attributes, storage_location: text(found.storage_location) ?? "" } };
}

/** After the create: what only an update can set, and the workspace that may see an isolated catalog. */
async function complete(api: Client, name: string, planned: Attributes, signal?: AbortSignal): Promise<void> {
  // A new catalog has a schema `default` that nobody asked for. A shared or foreign catalog has not.
  const own = ["share_name", "provider_name", "connection_name"].every((field) => str(planned, field) === "");
  // One that was taken over after a lost answer may have lost it already.
  const initial = `${unityCatalog}/schemas/${encodeURIComponent(`${name}.default`)}`;
  if (own) await orMissing(api.delete(initial, { signal }), () => undefined);
  if (["owner", "isolation_mode", "enable_predictive_optimization"].every((field) => str(planned, field) === "")) return;
  // Options are for the create.
  const fields = [...updatable, "owner"].filter((field) => field !== "options");
  await api.patch(url(name), body(planned, fields), { idempotent: true, signal });
  if (planned.isolation_mode === "ISOLATED") await bindOwn(api, name, signal);
}

/** Two maps without one key. */
function sameBut(key: string, a: Value, b: Value): boolean {
  const plain = (value: Value): string =>
    JSON.stringify(Object.entries(object(value)).filter(([name]) => name !== key).sort(([one], [other]) => (one < other ? -1 : 1))); // prettier-ignore
  return plain(a) === plain(b);
}

export const catalog: Kind = {
  type: "databricks_catalog",
  title: "catalog",
  identity: {
    naturalKey: (attributes) => (str(attributes, "name") === "" ? undefined : `name:${str(attributes, "name").toLowerCase()}`),
    link: (host, id) => `${host}/explore/data/${encodeURIComponent(id)}`,
  },
  rules: {
    ...noRules,
    keyed: { workspace_bindings: "workspace_id" },
    backendDefaults: {
      properties: { reason: "the platform keeps properties of its own (unity.catalog.managed.*)", when: onlyManagedProperties },
      storage_root: { reason: "the metastore's storage root, when none is given", when: () => true },
      browse_only: { reason: "tells what the caller may see", when: () => true },
      effective_predictive_optimization_flag: { reason: "inherited from the metastore", when: () => true },
      provisioning_info: { reason: "tells how far the platform is with the catalog", when: () => true },
    },
    configOnly: { force_destroy: "says how Terraform deletes; the workspace does not know it" },
    equivalent: { name: sameName, storage_root: sameStorage },
    onlyNew: Object.fromEntries(
      ["storage_root", "connection_name", "provider_name", "share_name"].map((field) => [field, "set when a catalog is made"]),
    ),
  },
  validate: (config) => refused(config, { enable_predictive_optimization: predictiveOptimization }),
  // Of the options only the paths can be changed.
  forcesNew: { options: (before, after) => !sameBut("authorized_paths", before, after) },
  suppress: {
    name: sameName,
    connection_name: sameName,
    provider_name: sameName,
    share_name: sameName,
    storage_root: sameStorage,
    // Not suppressed by the official provider, whose plan then never becomes empty.
    provisioning_info: () => true,
  },
  async read(api, id, options) {
    const found = await orMissing(api.get(url(id), { signal: options.signal }), (answer) => remote(object(answer)));
    return found === undefined || options.deep === false ? found : { ...found, bindings: await readBindings(api, id, options.signal) };
  },
  async *list(api, _within, signal) {
    for await (const found of byToken<Json>(api, { path: `${unityCatalog}/catalogs`, items: "catalogs", signal })) yield remote(found);
  },
  async create(api, planned, context) {
    const { signal } = context;
    const name = str(planned, "name");
    await checkMetastore(api, planned, signal);
    const fields = ["name", "comment", "storage_root", "properties", "options", "provider_name", "share_name", "connection_name"];
    await createOnce(
      {
        what: `catalog ${name}`,
        create: (recover) => api.post(`${unityCatalog}/catalogs`, body(planned, fields), { recover, signal }),
        find: async (lost) => ifNew(api, await orMissing(api.get(url(name), { signal }), object), lost),
      },
      api,
      context.pending,
    );
    try {
      await complete(api, name, planned, signal);
    } catch (error) {
      throw new PartiallyCreated(name, error);
    }
    return { id: name };
  },
  async update(api, id, prior, planned, context) {
    const { signal } = context;
    await checkMetastore(api, planned, signal);
    if (!changedBesides(prior, planned, ["force_destroy"])) return { id };
    const name = str(planned, "name");
    const renamed = name !== "" && !sameName(name, id);
    const { authorized_paths } = object(planned.options);
    const sent = {
      ...body(planned, updatable.filter((field) => field !== "options")),
      ...(authorized_paths === undefined ? {} : { options: { authorized_paths } }),
      // The official provider sends no new name, and its plan never becomes empty.
      ...(renamed ? { new_name: name } : {}),
    }; // prettier-ignore
    await updateSecurable(api, url(id), { prior, planned, sent, renamed: renamed ? url(name) : undefined }, signal);
    const now = renamed ? name : id;
    if (planned.isolation_mode === "ISOLATED" && changedBesides(prior, planned, ["owner"])) await bindOwn(api, now, signal);
    return { id: now };
  },
  async delete(api, id, prior, context) {
    const { signal } = context;
    await checkMetastore(api, prior, signal);
    if (prior.isolation_mode === "ISOLATED") {
      // Deleting needs a binding, which somebody may have taken away.
      const workspace = wholeNumber(await currentWorkspace(api, signal));
      await api.patch(
        `${unityCatalog}/workspace-bindings/catalogs/${encodeURIComponent(id)}`,
        { assign_workspaces: [workspace] },
        { idempotent: true, signal },
      );
    }
    await api.delete(url(id), { query: prior.force_destroy === true ? { force: true } : {}, signal });
  },
  async restore(api, id, desired, context) {
    const { signal } = context;
    await api.patch(url(id), { ...body(desired, [...updatable, "owner"]), ...clearing(context, unset) }, { idempotent: true, signal });
    if (desired.isolation_mode === "ISOLATED") await restoreBindings(api, id, desired, signal);
  },
  importId: (argument) => ({ id: argument, attributes: {} }),
  removal: (found) => apiCommand("DELETE", url(found.id)),
};
