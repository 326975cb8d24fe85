/** `/api/2.0/sql/queries` and `/api/2.0/sql/alerts`. */
import { invalid, type JsonObject } from "../errors";
import type { Fields } from "../fields";
import { keep, restRoutes, type RestObjects, type Stored } from "../rest-objects";
import type { WorkspaceApp } from "../routes";

/** Returns the settings of a saved query. */
export const savedQuery = (app: WorkspaceApp, id: string): JsonObject | undefined =>
  id.length > 500 ? undefined : app.store.collection<Stored>(QUERIES).get(id)?.settings;

const QUERIES = "sql_queries";

export function savedObjectRoutes(app: WorkspaceApp): void {
  const times = ({ created, updated }: Stored): JsonObject => ({
    create_time: new Date(created).toISOString(),
    update_time: new Date(updated).toISOString(),
  });
  const shown = (stored: Stored): JsonObject => ({
    id: stored.id,
    parent_path: `/Workspace/Users/${stored.creator}`,
    owner_user_name: stored.creator,
    last_modifier_user_name: stored.creator,
    lifecycle_state: "ACTIVE",
    ...stored.settings,
    ...times(stored),
  });
  const common = { admin: false, items: "results", required: [], fields: [] };
  const queries: RestObjects = {
    ...common,
    title: "Query",
    path: "/sql/queries",
    collection: QUERIES,
    settings: settingsOf(app, "query", ["display_name", "query_text", "warehouse_id", "parameters", "run_as_mode", "owner_user_name"].concat(
      ["description", "tags", "apply_auto_limit", "catalog", "schema", "parent_path"])), // prettier-ignore
    shown: (stored) => ({ run_as_mode: "OWNER", apply_auto_limit: false, ...shown(stored) }),
    listed: ({ parent_path: _folder, apply_auto_limit: _limit, ...rest }) => rest,
  };
  const alerts: RestObjects = {
    ...common,
    title: "Alert",
    path: "/sql/alerts",
    collection: "sql_alerts",
    settings: settingsOf(app, "alert", ["display_name", "query_id", "seconds_to_retrigger", "condition", "custom_body", "custom_subject"].concat(
      ["owner_user_name", "notify_on_ok", "parent_path"])), // prettier-ignore
    shown: (stored) => ({ notify_on_ok: true, state: "UNKNOWN", ...shown(stored) }),
    listed: ({ parent_path: _folder, condition: _condition, ...rest }) => rest,
  };
  restRoutes(app, queries);
  restRoutes(app, alerts);
}

/**
 * Reads the object in a request. An update sets the fields named in its mask, and clears those
 * without a value.
 */
function settingsOf(
  app: WorkspaceApp,
  word: string,
  fields: readonly string[],
): NonNullable<RestObjects["settings"]> {
  return (input: Fields, before) => {
    const given = input.fields(word);
    const folder = given.optionalString("parent_path") ?? "";
    const owner = given.optionalString("owner_user_name") ?? "";
    if (owner !== "") app.principals.ensure(owner, "user");
    const settings = {
      ...keep(given.values, fields),
      ...(folder !== "" &&
        !folder.startsWith("/Workspace") && { parent_path: `/Workspace${folder}` }),
    };
    if (before === undefined) {
      given.string("display_name");
      return settings;
    }
    const mask = input.string("update_mask").split(",");
    const unknown = mask.find(
      (field) => field !== "*" && !fields.includes(field.split(".")[0] ?? ""),
    );
    if (unknown !== undefined)
      throw invalid(`update_mask names ${unknown.slice(0, 100)}, which a ${word} does not have.`);
    if (mask.includes("*")) return { ...keep(before, ["parent_path"]), ...settings };
    const rest = Object.fromEntries(
      Object.entries(before).filter(([field]) => !mask.includes(field)),
    );
    return { ...rest, ...keep(settings, mask) };
  };
}
