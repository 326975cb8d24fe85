import type { ReadClient } from "../../api/client";
import { unityCatalog } from "../families/metastore";
import type { Kind } from "../kind";
import { apiCommand } from "../shape/api-command";
import { textOrEmpty } from "../shape/attributes";
import { object, objects, optionalText, type Json } from "../shape/json";
import { noRules, platformFields } from "../shape/rules";
import { blockOf } from "../shape/schema";
import { fromWire } from "../shape/shape";

const type = "databricks_system_schema";
const nameIn = (id: string): string => id.slice(id.indexOf("|") + 1);
const urlOf = (metastore: string, name = ""): string =>
  `${unityCatalog}/metastores/${encodeURIComponent(metastore)}/systemschemas${name === "" ? "" : `/${encodeURIComponent(name)}`}`;

/** Returns the id of the workspace's metastore. */
async function metastoreOf(api: ReadClient, signal?: AbortSignal): Promise<string> {
  return (
    optionalText(
      object(await api.get(`${unityCatalog}/metastore_summary`, { signal })).metastore_id,
    ) ?? ""
  );
}

async function schemasOf(
  api: ReadClient,
  metastore: string,
  signal?: AbortSignal,
): Promise<readonly Json[]> {
  return objects(object(await api.get(urlOf(metastore), { signal })).schemas);
}

const isEnabled = ({ state }: Json): boolean =>
  state === "ENABLE_COMPLETED" || state === "ENABLE_INITIALIZED";

/** An enabled schema of the catalog `system`, such as billing, access or lineage. */
export const systemSchema: Kind = {
  type,
  title: "system schema",
  traits: { lostOnDestroy: "system schema", createAdopts: true },
  identity: {
    naturalKey: (attributes) =>
      textOrEmpty(attributes, "schema") === ""
        ? undefined
        : `schema:${textOrEmpty(attributes, "schema")}`,
  },
  rules: {
    ...noRules,
    backendDefaults: platformFields("auto_enabled", "full_name", "metastore_id", "state"),
  },
  async read(api, id, { signal }) {
    const metastore = await metastoreOf(api, signal);
    const wireObject = (await schemasOf(api, metastore, signal)).find(
      ({ schema }) => schema === nameIn(id),
    );
    if (wireObject === undefined || !isEnabled(wireObject)) return undefined;
    const full_name = `system.${nameIn(id)}`;
    return {
      id,
      attributes: {
        ...fromWire(blockOf(type), wireObject),
        id,
        metastore_id: metastore,
        full_name,
        auto_enabled: false,
      },
    };
  },
  async create(api, planned, { signal }) {
    const [metastore, name] = [await metastoreOf(api, signal), textOrEmpty(planned, "schema")];
    const existing = (await schemasOf(api, metastore, signal)).find(
      ({ schema }) => schema === name,
    );
    if (existing === undefined || !isEnabled(existing))
      await api.put(urlOf(metastore, name), {}, { idempotent: true, signal });
    return { id: `${metastore}|${name}`, attributes: { metastore_id: metastore } };
  },
  async update(api, id, prior, planned, context) {
    const written = await this.create(api, planned, context);
    if (written.id !== id) await this.delete(api, id, prior, context);
    return written;
  },
  async delete(api, id, _prior, { signal }) {
    await api.delete(urlOf(await metastoreOf(api, signal), nameIn(id)), { signal });
  },
  async restore(api, id, desired, context) {
    await this.create(api, { ...desired, schema: nameIn(id) }, context);
  },
  importId: (argument) => ({ id: argument, attributes: { schema: nameIn(argument) } }),
  removal: ({ id }) => apiCommand("DELETE", urlOf(id.slice(0, id.indexOf("|")), nameIn(id))),
};
