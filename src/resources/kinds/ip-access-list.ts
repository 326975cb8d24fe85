import { byId, urls } from "../families/by-id";
import { valueProblems } from "../shape/allowed-values";
import { object } from "../shape/json";

/** IP addresses from which access to the workspace is allowed or blocked. */
export const ipAccessList = byId({
  type: "databricks_ip_access_list",
  title: "ip access list",
  traits: { grantsPermissions: true, comparedInList: true, readFromList: [] },
  calls: urls("/api/2.0/ip-access-lists"),
  idField: "list_id",
  nameField: "label",
  items: "ip_access_lists",
  createdAt: (item) => item["created_at"],
  unwrap: (response) => object(response["ip_access_list"] ?? response),
  // A create always enables the list. To disable it needs a second call.
  body: (fields, planned, prior) => {
    const { enabled: _enabled, ...rest } = fields;
    return prior === undefined ? rest : { ...rest, enabled: planned["enabled"] !== false };
  },
  afterCreate: async (api, id, planned) => {
    if (planned["enabled"] === false)
      await api.patch(`/api/2.0/ip-access-lists/${id}`, { enabled: false }, { idempotent: true });
  },
  rules: { keyed: { ip_addresses: "*" } },
  validate: (config) => valueProblems(config, { list_type: ["ALLOW", "BLOCK"] }),
});
