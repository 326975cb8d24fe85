import { sqlObject } from "../families/sql-objects";
import { valueProblems } from "../shape/allowed-values";
import { isZeroValue } from "../shape/shape";

const operators = [
  "GREATER_THAN",
  "GREATER_THAN_OR_EQUAL",
  "LESS_THAN",
  "LESS_THAN_OR_EQUAL",
  "EQUAL",
  "NOT_EQUAL",
  "IS_NULL",
];

/** A SQL alert: a condition on a query result, and its notification settings. */
export const alert = sqlObject({
  type: "databricks_alert",
  title: "alert",
  traits: { foundInList: {}, unmanagedTitle: "the alerts", listedPartly: [] },
  collection: "alerts",
  requestField: "alert",
  omitted: ["parent_path"],
  link: (host, id) => `${host}/sql/alerts/${id}`,
  // A threshold sets one of three values. The zeros of the others are not sent, unless all are zero.
  // `notify_on_ok` is sent even if false, because the platform's default is true.
  shape: {
    keepZero: (path, parent) =>
      path === "notify_on_ok" ||
      (path.startsWith("condition.threshold.value.") && Object.values(parent).every(isZeroValue)),
  },
  alwaysSent: [
    "display_name",
    "query_id",
    "seconds_to_retrigger",
    "condition",
    "custom_body",
    "custom_subject",
  ],
  sentIfChanged: ["owner_user_name", "notify_on_ok"],
  rules: {
    backendDefaults: {
      notify_on_ok: { reason: "documented default", when: (value) => value === true },
    },
  },
  validate: (config) =>
    valueProblems(config, {
      "condition.op": operators,
      "condition.empty_result_state": ["UNKNOWN", "OK", "TRIGGERED"],
    }),
});
