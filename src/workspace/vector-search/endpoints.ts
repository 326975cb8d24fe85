/**
 * `/api/2.0/vector-search/endpoints` and `…/indexes`: the definitions only. The local workspace
 * does not index or search.
 */
import { createHash } from "node:crypto";
import { defined } from "../../defined";
import { invalid, missing } from "../errors";
import { idOfName, pickFields, RestStore, updaterOf } from "../rest-objects";
import type { WorkspaceApp } from "../routes";

export function vectorSearchRoutes(app: WorkspaceApp): void {
  const path = "/vector-search/endpoints";
  const endpoints = new RestStore(app, {
    title: "Vector search endpoint",
    collection: "vector_search_endpoints",
    items: "endpoints",
    parseSettings: (input, previous) => {
      if (previous !== undefined)
        return { ...previous, ...pickFields(input.values, ["budget_policy_id"]) };
      const endpoint_type = input.enum("endpoint_type", ["STANDARD", "STORAGE_OPTIMIZED"]);
      return {
        name: input.string("name"),
        endpoint_type,
        ...pickFields(input.values, ["budget_policy_id"]),
      };
    },
    newId: ({ name }) => name as string,
    render: (endpoint) => ({
      name: endpoint.id,
      id: idOfName(endpoint.id),
      endpoint_type: endpoint.settings.endpoint_type,
      ...defined({ effective_budget_policy_id: endpoint.settings.budget_policy_id }),
      endpoint_status: { state: "ONLINE" },
      num_indexes: 0,
      creator: endpoint.creator,
      creation_timestamp: endpoint.created,
      last_updated_timestamp: endpoint.updated,
      last_updated_user: updaterOf(endpoint),
    }),
  });
  indexRoutes(app);
  app.post(["2.0"], path, (call) => endpoints.create(call));
  app.get(["2.0"], path, (call) => endpoints.list(call));
  app.get(["2.0"], `${path}/:name`, ({ params, caller }) => endpoints.read(params.name, caller));
  app.patch(["2.0"], `${path}/:name/budget-policy`, async (call) => {
    const { effective_budget_policy_id } = await endpoints.change(call.params.name, call);
    return { effective_budget_policy_id };
  });
  app.delete(["2.0"], `${path}/:name`, (call) => endpoints.remove(call.params.name, call));
}

function indexRoutes(app: WorkspaceApp): void {
  const path = "/vector-search/indexes";
  const specs = ["delta_sync_index_spec", "direct_access_index_spec"];
  const indexes = new RestStore(app, {
    title: "Vector search index",
    collection: "vector_search_indexes",
    items: "vector_indexes",
    parseSettings: (input) => {
      for (const field of ["name", "primary_key"]) input.requireField(field);
      const endpoint = input.string("endpoint_name");
      if (!app.store.collection("vector_search_endpoints").has(endpoint))
        throw missing(`Vector search endpoint ${endpoint.slice(0, 200)} does not exist.`);
      const type = input.enum("index_type", ["DELTA_SYNC", "DIRECT_ACCESS"]);
      const requiredSpec =
        type === "DELTA_SYNC" ? "delta_sync_index_spec" : "direct_access_index_spec";
      input.object(requiredSpec);
      const otherSpec = specs.find((spec) => spec !== requiredSpec && input.has(spec));
      if (otherSpec !== undefined)
        throw invalid(`An index of type ${type} cannot have ${otherSpec}.`);
      return pickFields(input.values, [
        "name",
        "endpoint_name",
        "primary_key",
        "index_type",
        requiredSpec,
      ]);
    },
    newId: ({ name }) => (name as string).toLowerCase(),
    render: ({ id, settings, creator }) => {
      const spec = settings.delta_sync_index_spec;
      const pipeline_id = createHash("sha256").update(`pipeline ${id}`).digest("hex").slice(0, 32);
      return {
        ...settings,
        ...(typeof spec === "object" &&
          spec !== null &&
          !Array.isArray(spec) && { delta_sync_index_spec: { ...spec, pipeline_id } }),
        creator,
        status: {
          ready: true,
          indexed_row_count: 0,
          message: "Index is ready.",
          index_url: `${path}/${id}`,
        },
      };
    },
    renderListItem: ({ name, endpoint_name, primary_key, index_type, creator }) => ({
      name,
      endpoint_name,
      primary_key,
      index_type,
      creator,
    }),
  });
  const toId = (name: string | undefined): string => (name ?? "").toLowerCase();
  app.post(["2.0"], path, (call) => indexes.create(call));
  app.get(["2.0"], path, (call) => {
    const endpoint = call.input.string("endpoint_name");
    return indexes.list(call, ({ settings }) => settings.endpoint_name === endpoint);
  });
  app.get(["2.0"], `${path}/:name`, ({ params, caller }) =>
    indexes.read(toId(params.name), caller),
  );
  app.delete(["2.0"], `${path}/:name`, (call) => indexes.remove(toId(call.params.name), call));
}
