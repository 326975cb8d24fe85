/** Routes of `/api/2.0/sql/queries` and `/api/2.0/sql/alerts`. */
import { invalid, type JsonObject } from "../errors";
import type { Fields } from "../fields";
import {
  pickFields,
  restRoutes,
  updaterOf,
  type RoutedCollectionSpec,
  type StoredObject,
} from "../rest-objects";
import type { WorkspaceApp } from "../routes";
import { replaceMaskedField } from "../update-mask";

/** Returns the settings of a saved query; undefined if it does not exist. */
export const findSavedQuery = (app: WorkspaceApp, id: string): JsonObject | undefined =>
  id.length > 500 ? undefined : app.store.collection<StoredObject>(QUERIES).get(id)?.settings;

const QUERIES = "sql_queries";
const QUERY_FIELDS = [
  "display_name",
  "query_text",
  "warehouse_id",
  "parameters",
  "run_as_mode",
  "owner_user_name",
  "description",
  "tags",
  "apply_auto_limit",
  "catalog",
  "schema",
  "parent_path",
];
const ALERT_FIELDS = [
  "display_name",
  "query_id",
  "seconds_to_retrigger",
  "condition",
  "custom_body",
  "custom_subject",
  "owner_user_name",
  "notify_on_ok",
  "parent_path",
];

export function savedObjectRoutes(app: WorkspaceApp): void {
  const renderTimes = ({ created, updated }: StoredObject): JsonObject => ({
    create_time: new Date(created).toISOString(),
    update_time: new Date(updated).toISOString(),
  });
  const renderCommonFields = (object: StoredObject): JsonObject => ({
    id: object.id,
    parent_path: `/Workspace/Users/${object.creator}`,
    owner_user_name: object.creator,
    last_modifier_user_name: updaterOf(object),
    lifecycle_state: "ACTIVE",
    ...object.settings,
    ...renderTimes(object),
  });
  const commonOptions = { items: "results" };
  const queries: RoutedCollectionSpec = {
    ...commonOptions,
    title: "Query",
    path: "/sql/queries",
    collection: QUERIES,
    parseSettings: settingsParser(app, "query", QUERY_FIELDS),
    render: (object) => ({
      run_as_mode: "OWNER",
      apply_auto_limit: false,
      ...renderCommonFields(object),
    }),
    renderListItem: ({ parent_path: _folder, apply_auto_limit: _limit, ...otherFields }) =>
      otherFields,
  };
  const alerts: RoutedCollectionSpec = {
    ...commonOptions,
    title: "Alert",
    path: "/sql/alerts",
    collection: "sql_alerts",
    parseSettings: settingsParser(app, "alert", ALERT_FIELDS),
    render: (object) => ({ notify_on_ok: true, state: "UNKNOWN", ...renderCommonFields(object) }),
    renderListItem: ({ parent_path: _folder, ...otherFields }) => otherFields,
  };
  restRoutes(app, queries);
  restRoutes(app, alerts);
}

/**
 * Returns the parser for the requests that create or update an object. An update sets the fields in
 * its mask, and clears those of them without a value.
 */
function settingsParser(
  app: WorkspaceApp,
  type: string,
  fields: readonly string[],
): NonNullable<RoutedCollectionSpec["parseSettings"]> {
  return (input: Fields, previous) => {
    const objectFields = input.fields(type);
    const folder = objectFields.optionalString("parent_path") ?? "";
    const owner = objectFields.optionalString("owner_user_name") ?? "";
    if (owner !== "") app.principals.ensure(owner, "user");
    const settings = {
      ...pickFields(objectFields.values, fields),
      ...(folder !== "" &&
        !folder.startsWith("/Workspace") && { parent_path: `/Workspace${folder}` }),
    };
    if (previous === undefined) {
      objectFields.requireField("display_name");
      return settings;
    }
    const mask = input.string("update_mask").split(",");
    const unknown = mask.find(
      (field) => field !== "*" && !fields.includes(field.split(".")[0] ?? ""),
    );
    if (unknown !== undefined)
      throw invalid(`update_mask names ${unknown.slice(0, 100)}, which a ${type} does not have.`);
    // The object stays in its folder unless the request names another one.
    if (mask.includes("*")) return { ...pickFields(previous, ["parent_path"]), ...settings };
    return mask.reduce(
      (values, field) => replaceMaskedField(values, settings, field.split(".")),
      previous,
    );
  };
}
