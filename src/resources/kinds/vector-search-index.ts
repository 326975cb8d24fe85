import { byId, urls } from "../families/by-id";
import { untilGone, untilReady } from "../families/until-ready";
import type { Kind, Value } from "../kind";
import { refused } from "../shape/allowed-values";
import { object, str, text } from "../shape/json";
import { sameName } from "../shape/shape";

const path = "/api/2.0/vector-search/indexes";
const at = (name: string): string => `${path}/${encodeURIComponent(name)}`;

function sameJson(a: Value, b: Value): boolean {
  if (typeof a !== "string" || typeof b !== "string") return false;
  try {
    return a === b || JSON.stringify(JSON.parse(a)) === JSON.stringify(JSON.parse(b));
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

const base = byId({
  type: "databricks_vector_search_index",
  title: "vector search index",
  traits: { holds: "vector search index" },
  calls: urls(path),
  idField: "name",
  nameField: "name",
  idOf: (planned) => str(planned, "name"),
  link: (host, name) => `${host}/explore/data/${name.split(".").map(encodeURIComponent).join("/")}`,
  fixed: true,
  created: (api, name, _planned, signal) =>
    untilReady(
      api,
      at(name),
      ({ status }) => {
        const { ready, indexed_row_count: rows } = object(status);
        return ready === true || (typeof rows === "number" && rows > 0);
      },
      `the vector search index ${name}`,
      signal,
    ),
  rules: {
    backendDefaults: {
      creator: { reason: "the creator", when: () => true, follows: () => true },
      status: { reason: "the state of the index", when: () => true, follows: () => true },
      "delta_sync_index_spec.pipeline_id": { reason: "the pipeline that the platform creates", when: () => true, follows: () => true },
    },
    keyed: {
      "delta_sync_index_spec.embedding_source_columns": "name",
      "delta_sync_index_spec.embedding_vector_columns": "name",
      "direct_access_index_spec.embedding_source_columns": "name",
      "direct_access_index_spec.embedding_vector_columns": "name",
    },
    equivalent: { name: sameName, "delta_sync_index_spec.source_table": sameName, "direct_access_index_spec.schema_json": sameJson },
  },
  suppress: { name: sameName, "delta_sync_index_spec.source_table": sameName },
  validate: (config) =>
    refused(config, { index_type: ["DELTA_SYNC", "DIRECT_ACCESS"], "delta_sync_index_spec.pipeline_type": ["TRIGGERED", "CONTINUOUS"] }),
});

/** An index that an endpoint searches: synchronized with a table, or written by its users. Each change creates a new one. */
export const vectorSearchIndex: Kind = {
  ...base,
  async delete(api, name, prior, context) {
    await base.delete(api, name, prior, context);
    await untilGone(api, at(name), `the deletion of the vector search index ${text(name) ?? ""}`, context.signal);
  },
};
