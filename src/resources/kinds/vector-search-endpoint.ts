import { setTimeout as delay } from "node:timers/promises";
import { LakeformError } from "../../errors";
import { byId, urls } from "../families/by-id";
import { object, str, text } from "../shape/json";

const path = "/api/2.0/vector-search/endpoints";
const { create, read, list, delete: remove } = urls(path);

/** Compute that serves vector search indexes. */
export const vectorSearchEndpoint = byId({
  type: "databricks_vector_search_endpoint",
  title: "vector search endpoint",
  traits: { holds: "endpoint and its indexes", walked: "the vector search endpoints" },
  calls: {
    create,
    read,
    list,
    delete: remove,
    update: (name) => ({ method: "PATCH", path: `${path}/${encodeURIComponent(name)}/budget-policy`, body: {} }),
  },
  idField: "name",
  nameField: "name",
  items: "endpoints",
  made: (item) => item["creation_timestamp"],
  idOf: (planned) => str(planned, "name"),
  body: (fields, planned, prior) => (prior === undefined ? fields : { budget_policy_id: str(planned, "budget_policy_id") }),
  computed: (found) => ({ endpoint_id: text(found["id"]) ?? "", budget_policy_id: text(found["effective_budget_policy_id"]) ?? "" }),
  created: async (api, name, _planned, signal) => {
    for (let wait = 500; ; wait = Math.min(wait * 2, 10_000)) {
      const { state, message } = object(object(await api.get(`${path}/${encodeURIComponent(name)}`, { signal }))["endpoint_status"]);
      if (state === "ONLINE") return;
      if (state === "OFFLINE")
        throw new LakeformError("INTERRUPTED", `the vector search endpoint ${name} is offline: ${text(message) ?? ""}`);
      if (signal?.aborted === true) throw new LakeformError("INTERRUPTED", "stopped while waiting for the vector search endpoint");
      await delay(wait, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
    }
  },
  rules: { backendDefaults: { budget_policy_id: { reason: "the workspace's own, when the code names none", when: () => true } } },
});
