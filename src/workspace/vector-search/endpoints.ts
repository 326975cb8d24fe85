/** `/api/2.0/vector-search/endpoints`: the endpoints; indexes are not here. */
import { createHash } from "node:crypto";
import { keep, RestStore } from "../rest-objects";
import type { WorkspaceApp } from "../routes";

export function vectorSearchRoutes(app: WorkspaceApp): void {
  const path = "/vector-search/endpoints";
  const endpoints = new RestStore(app, {
    title: "Vector search endpoint",
    path,
    collection: "vector_search_endpoints",
    fields: ["name", "endpoint_type", "budget_policy_id"],
    required: ["name", "endpoint_type"],
    items: "endpoints",
    settings: (input, before) => {
      if (before !== undefined) return { ...before, ...keep(input.values, ["budget_policy_id"]) };
      const endpoint_type = input.optionalEnum("endpoint_type", ["STANDARD", "STORAGE_OPTIMIZED"]) ?? input.string("endpoint_type");
      return { name: input.string("name"), endpoint_type, ...keep(input.values, ["budget_policy_id"]) };
    },
    newId: ({ name }) => name as string,
    shown: ({ id, settings, creator, created, updated }) => ({
      name: id,
      id: createHash("sha256").update(id).digest("hex").slice(0, 32),
      endpoint_type: settings.endpoint_type,
      ...(settings.budget_policy_id !== undefined && { effective_budget_policy_id: settings.budget_policy_id }),
      endpoint_status: { state: "ONLINE" },
      num_indexes: 0,
      creator,
      creation_timestamp: created,
      last_updated_timestamp: updated,
      last_updated_user: creator,
    }),
  });
  app.post(["2.0"], path, (call) => endpoints.create(call));
  app.get(["2.0"], path, (call) => endpoints.list(call));
  app.get(["2.0"], `${path}/:name`, ({ params, caller }) => endpoints.read(params.name, caller));
  app.patch(["2.0"], `${path}/:name/budget-policy`, async (call) => {
    const { effective_budget_policy_id } = await endpoints.change(call.params.name, call);
    return { effective_budget_policy_id };
  });
  app.delete(["2.0"], `${path}/:name`, (call) => endpoints.remove(call.params.name, call));
}
