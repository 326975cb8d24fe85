import { wholeNumber } from "../../exact-json";
import { unityCatalog } from "../families/metastore";
import { orMissing } from "../families/or-missing";
import type { Attributes, Kind } from "../kind";
import { apiCommand } from "../shape/api-command";
import { textOrEmpty } from "../shape/attributes";
import { idText, object, optionalText } from "../shape/json";
import { noRules } from "../shape/rules";
import { exactNumber } from "../shape/shape";

const urlOf = (workspace: string): string =>
  `${unityCatalog}/workspaces/${encodeURIComponent(workspace)}/metastore`;
const workspaceIn = (id: string): string => id.slice(0, id.indexOf("|"));
const metastoreIn = (id: string): string => id.slice(id.indexOf("|") + 1);
const workspaceOf = ({ workspace_id: id }: Attributes): string =>
  typeof id === "number" || typeof id === "string" ? String(id) : "";

function body(attributes: Attributes): Record<string, unknown> {
  const catalog = textOrEmpty(attributes, "default_catalog_name");
  const workspace_id = wholeNumber(workspaceOf(attributes));
  return {
    metastore_id: textOrEmpty(attributes, "metastore_id"),
    workspace_id,
    ...(catalog !== "" && { default_catalog_name: catalog }),
  };
}

/** The metastore that a workspace uses. */
export const metastoreAssignment: Kind = {
  type: "databricks_metastore_assignment",
  title: "metastore assignment",
  traits: {
    lostOnDestroy: "access to the catalogs of the metastore",
    grantsPermissions: true,
    createAdopts: true,
  },
  identity: {
    naturalKey: (attributes) =>
      workspaceOf(attributes) === "" ? undefined : `workspace:${workspaceOf(attributes)}`,
  },
  rules: {
    ...noRules,
    backendDefaults: {
      default_catalog_name: { reason: "the platform chooses it", when: () => true },
    },
    cannotClear: {
      default_catalog_name: "choose another one with databricks_default_namespace_setting",
    },
    immutable: {
      metastore_id: "a different metastore is a different assignment",
      workspace_id: "a different workspace is a different assignment",
    },
  },
  /** Reads the assignment of the called workspace: REST returns no other. */
  read: (api, id, { signal }) =>
    orMissing(api.get(`${unityCatalog}/current-metastore-assignment`, { signal }), (response) => {
      const wireObject = object(response);
      const workspace_id = exactNumber(idText(wireObject.workspace_id, "workspace_id"));
      const [metastore_id, default_catalog_name] = [
        optionalText(wireObject.metastore_id) ?? "",
        optionalText(wireObject.default_catalog_name) ?? "",
      ];
      return { id, attributes: { id, workspace_id, metastore_id, default_catalog_name } };
    }),
  async create(api, planned, { signal }) {
    await api.put(urlOf(workspaceOf(planned)), body(planned), { idempotent: true, signal });
    return { id: `${workspaceOf(planned)}|${textOrEmpty(planned, "metastore_id")}` };
  },
  async update(api, id, _prior, planned, { signal }) {
    await api.patch(urlOf(workspaceOf(planned)), body(planned), { idempotent: true, signal });
    return { id };
  },
  async restore(api, _id, desired, { signal }) {
    await api.patch(urlOf(workspaceOf(desired)), body(desired), { idempotent: true, signal });
  },
  async delete(api, id, _prior, { signal }) {
    await api.delete(urlOf(workspaceIn(id)), { query: { metastore_id: metastoreIn(id) }, signal });
  },
  importId: (argument) => ({
    id: argument,
    attributes: {
      workspace_id: exactNumber(workspaceIn(argument)),
      metastore_id: metastoreIn(argument),
    },
  }),
  removal: ({ id }) =>
    apiCommand("DELETE", `${urlOf(workspaceIn(id))}?metastore_id=${metastoreIn(id)}`),
};
