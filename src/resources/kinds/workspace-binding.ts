import { wholeNumber } from "../../exact-json";
import { unityCatalog } from "../families/metastore";
import { orMissing } from "../families/or-missing";
import type { Attributes, Kind, Remote } from "../kind";
import { refused } from "../shape/allowed-values";
import { apiCommand, idText, noRules, object, objects, str, text, type Json } from "../shape/json";

const url = (type: string, name: string): string => `${unityCatalog}/bindings/${type}/${encodeURIComponent(name)}`;

/** `<workspace>|<type>|<name>`. Older states have hyphens in the type. */
function split(id: string): { readonly workspace: string; readonly type: string; readonly name: string } {
  const [workspace = "", type = "", ...name] = id.split("|");
  return { workspace, type: type.replaceAll("-", "_"), name: name.join("|") };
}

const nameOf = (attributes: Attributes): string => str(attributes, "securable_name") || str(attributes, "catalog_name");
const typeOf = (attributes: Attributes): string => str(attributes, "securable_type") || "catalog";
const idOf = (attributes: Attributes): string => `${workspaceOf(attributes)}|${typeOf(attributes)}|${nameOf(attributes)}`;
const workspaceOf = ({ workspace_id: id }: Attributes): string => (typeof id === "number" || typeof id === "string" ? String(id) : "");

function entry(attributes: Attributes): Json {
  const binding_type = str(attributes, "binding_type");
  return { workspace_id: wholeNumber(workspaceOf(attributes)), ...(binding_type !== "" && { binding_type }) };
}

function remote(id: string, found: Json): Remote {
  const { workspace, type, name } = split(id);
  const binding_type = text(found["binding_type"]) ?? "";
  return { id, attributes: { id, workspace_id: Number(workspace), securable_type: type, securable_name: name, binding_type } };
}

/** A workspace that may use an isolated catalog, location or credential. Each change makes a new binding. */
export const workspaceBinding: Kind = {
  type: "databricks_workspace_binding",
  title: "workspace binding",
  traits: { rights: true },
  identity: {
    naturalKey: (attributes) => (nameOf(attributes) === "" || workspaceOf(attributes) === "" ? undefined : `binding:${idOf(attributes)}`),
  },
  rules: {
    ...noRules,
    backendDefaults: { securable_name: { reason: "the catalog's name, where the code says catalog_name", when: () => true } },
    configOnly: { catalog_name: "an older name of securable_name" },
  },
  validate: (config) =>
    refused(config, {
      securable_type: ["catalog", "external_location", "storage_credential", "credential"],
      binding_type: ["BINDING_TYPE_READ_WRITE", "BINDING_TYPE_READ_ONLY"],
    }),
  async read(api, id, { signal }) {
    const { workspace, type, name } = split(id);
    const found = await orMissing(api.get(url(type, name), { signal }), (answer) => objects(object(answer)["bindings"]));
    const own = found?.find((one) => idText(one["workspace_id"], "workspace_id") === workspace);
    return own === undefined ? undefined : remote(id, own);
  },
  async create(api, planned, { signal }) {
    await api.patch(url(typeOf(planned), nameOf(planned)), { add: [entry(planned)] }, { idempotent: true, signal });
    return { id: idOf(planned) };
  },
  async delete(api, id, prior, { signal }) {
    const { type, name } = split(id);
    await api.patch(url(type, name), { remove: [entry(prior)] }, { idempotent: true, signal });
  },
  async restore(api, _id, desired, { signal }) {
    await api.patch(url(typeOf(desired), nameOf(desired)), { add: [entry(desired)] }, { idempotent: true, signal });
  },
  importId: (argument) => ({ id: argument, attributes: {} }),
  removal: ({ id }) => {
    const { workspace, type, name } = split(id);
    return apiCommand("PATCH", url(type, name), { remove: [{ workspace_id: wholeNumber(workspace) }] });
  },
};
