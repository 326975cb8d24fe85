import { sqlObject } from "../families/sql-objects";
import { notBlank, valueProblems } from "../shape/allowed-values";

/** A saved SQL query in the workspace. */
export const query = sqlObject({
  type: "databricks_query",
  title: "query",
  traits: { comparedInList: true },
  collection: "queries",
  requestField: "query",
  omitted: ["parent_path", "apply_auto_limit"],
  link: (host, id) => `${host}/sql/editor/${id}`,
  shape: {
    names: { parameter: "parameters" },
    keepZero: (path) => path.endsWith("numeric_value.value"),
  },
  alwaysSent: ["display_name", "query_text", "warehouse_id", "parameter"],
  sentIfChanged: [
    "run_as_mode",
    "owner_user_name",
    "description",
    "tags",
    "apply_auto_limit",
    "catalog",
    "schema",
  ],
  rules: {
    keyed: { parameter: "name", tags: "*" },
    backendDefaults: {
      run_as_mode: { reason: "documented default", when: (value) => value === "OWNER" },
      "parameter.date_value.precision": { reason: "documented default", when: () => true },
      "parameter.date_range_value.precision": { reason: "documented default", when: () => true },
    },
  },
  validate: (config) =>
    valueProblems(config, {
      display_name: notBlank,
      warehouse_id: notBlank,
      "parameter.name": notBlank,
      run_as_mode: ["VIEWER", "OWNER"],
    }),
});
