import { byId, urls } from "../families/by-id";
import { refusedValues } from "../shape/allowed-values";
import { object } from "../shape/json";

/** IP addresses from which access to the workspace is allowed or blocked. */
export const ipAccessList = byId({
  type: "databricks_ip_access_list",
  title: "ip access list",
  traits: { rights: true, swept: true, listedWhole: [] },
  calls: urls("/api/2.0/ip-access-lists"),
  idField: "list_id",
  nameField: "label",
  items: "ip_access_lists",
  made: (item) => item["created_at"],
  unwrap: (answer) => object(answer["ip_access_list"] ?? answer),
  // A new list is always enabled: a second call disables it.
  body: (fields, planned, prior) => {
    const { enabled: _on, ...rest } = fields;
    return prior === undefined ? rest : { ...rest, enabled: planned["enabled"] !== false };
  },
  created: async (api, id, planned) => {
    if (planned["enabled"] === false)
      await api.patch(`/api/2.0/ip-access-lists/${id}`, { enabled: false }, { idempotent: true });
  },
  rules: { keyed: { ip_addresses: "*" } },
  validate: (config) => refusedValues(config, { list_type: ["ALLOW", "BLOCK"] }),
});
