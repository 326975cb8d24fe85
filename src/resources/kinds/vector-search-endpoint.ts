import { byId, urls } from "../families/by-id";
import { textOrEmpty } from "../shape/attributes";
import { object, optionalText } from "../shape/json";

const path = "/api/2.0/vector-search/endpoints";

/** Compute that serves vector search indexes. */
export const vectorSearchEndpoint = byId({
  type: "databricks_vector_search_endpoint",
  title: "vector search endpoint",
  traits: {
    lostOnDestroy: "endpoint and its indexes",
    unmanagedTitle: "the vector search endpoints",
    readFromList: [],
  },
  calls: {
    ...urls(path),
    update: (name) => ({
      method: "PATCH",
      path: `${path}/${encodeURIComponent(name)}/budget-policy`,
      body: {},
    }),
  },
  idField: "name",
  nameField: "name",
  items: "endpoints",
  createdAt: (item) => item["creation_timestamp"],
  idOf: (planned) => textOrEmpty(planned, "name"),
  body: (fields, planned, prior) =>
    prior === undefined ? fields : { budget_policy_id: textOrEmpty(planned, "budget_policy_id") },
  computed: (item) => ({
    endpoint_id: optionalText(item["id"]) ?? "",
    budget_policy_id: optionalText(item["effective_budget_policy_id"]) ?? "",
  }),
  deletesIfIncomplete: true,
  readiness: ({ endpoint_status }) => {
    const { state, message } = object(endpoint_status);
    return state === "OFFLINE" ? (optionalText(message) ?? "it is offline") : state === "ONLINE";
  },
  readOnly: ["endpoint_id", "scaling_info"],
  rules: {
    backendDefaults: {
      budget_policy_id: { reason: "the workspace's own, if the code sets none", when: () => true },
      scaling_info: { reason: "how the platform scales the endpoint", when: () => true },
    },
  },
});
