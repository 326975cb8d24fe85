import { byId, urls } from "../families/by-id";
import { explorePage } from "../families/metastore";
import { untilGone } from "../families/until-ready";
import { tableVersions } from "../families/versions";
import { valueProblems } from "../shape/allowed-values";
import { textOrEmpty } from "../shape/attributes";
import { object, sameJson } from "../shape/json";
import { setByPlatform } from "../shape/rules";
import { sameName } from "../shape/shape";

const path = "/api/2.0/vector-search/indexes";
const urlOf = (name: string): string => `${path}/${encodeURIComponent(name)}`;

/**
 * An index that an endpoint searches. It is synchronized with a table, or written by its users.
 * Each change creates a new index.
 */
export const vectorSearchIndex = byId({
  type: "databricks_vector_search_index",
  title: "vector search index",
  traits: { lostOnDestroy: "vector search index", listedVersions: "schema" },
  versions: tableVersions,
  calls: urls(path),
  idField: "name",
  nameField: "name",
  idOf: (planned) => textOrEmpty(planned, "name"),
  link: (host, name) => explorePage(host, name),
  isImmutable: true,
  deletesIfIncomplete: true,
  readiness: ({ status }) => {
    const { ready, indexed_row_count: rows } = object(status);
    return ready === true || (typeof rows === "number" && rows > 0);
  },
  waitUntilDeleted: (api, name, signal) =>
    untilGone(api, urlOf(name), `the deletion of the vector search index ${name}`, signal),
  rules: {
    backendDefaults: {
      creator: setByPlatform("the creator"),
      status: setByPlatform("the state of the index"),
      "delta_sync_index_spec.pipeline_id": setByPlatform("the pipeline that the platform creates"),
    },
    keyed: {
      "delta_sync_index_spec.embedding_source_columns": "name",
      "delta_sync_index_spec.embedding_vector_columns": "name",
      "direct_access_index_spec.embedding_source_columns": "name",
      "direct_access_index_spec.embedding_vector_columns": "name",
    },
    equivalent: {
      name: sameName,
      "delta_sync_index_spec.source_table": sameName,
      "direct_access_index_spec.schema_json": sameJson,
    },
  },
  suppress: { name: sameName, "delta_sync_index_spec.source_table": sameName },
  validate: (config) =>
    valueProblems(config, {
      index_type: ["DELTA_SYNC", "DIRECT_ACCESS"],
      "delta_sync_index_spec.pipeline_type": ["TRIGGERED", "CONTINUOUS"],
    }),
});
