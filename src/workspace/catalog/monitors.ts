/**
 * `/api/2.1/unity-catalog/tables/<name>/monitor`: the definition of a table's monitor; the local
 * workspace computes no metrics.
 */
import { exists, missing, type JsonObject } from "../errors";
import type { Fields } from "../fields";
import type { WorkspaceApp } from "../routes";
import { kept, unityCatalog } from "./securables";

const fields = ["assets_dir", "baseline_table_name", "custom_metrics", "data_classification_config", "inference_log", "notifications"].concat(
  ["output_schema_name", "schedule", "slicing_exprs", "snapshot", "time_series"]); // prettier-ignore

export function monitorRoutes(app: WorkspaceApp): void {
  const V = ["2.1"];
  const path = "/unity-catalog/tables/:name/monitor";
  const uc = unityCatalog(app);
  const monitors = app.store.collection<JsonObject>("uc_monitors");
  const tableOf = (name: string | undefined): string => uc.need("table", name ?? "").full_name;
  const need = (
    name: string | undefined,
  ): { readonly table: string; readonly found: JsonObject } => {
    const table = tableOf(name);
    const found = monitors.get(table);
    if (found === undefined) throw missing(`The table ${table} has no monitor.`);
    return { table, found };
  };
  const settingsOf = (input: Fields): JsonObject => {
    input.string("output_schema_name");
    const settings = kept(input.values, fields);
    const { schedule } = settings;
    return {
      ...settings,
      ...(typeof schedule === "object" &&
        schedule !== null &&
        !Array.isArray(schedule) && { schedule: { pause_status: "UNPAUSED", ...schedule } }),
    };
  };
  const shown = (table: string, { dashboard_id, ...settings }: JsonObject): JsonObject => ({
    ...settings,
    table_name: table,
    dashboard_id,
    drift_metrics_table_name: `${settings.output_schema_name as string}.${table.split(".").at(-1) ?? ""}_drift_metrics`,
    profile_metrics_table_name: `${settings.output_schema_name as string}.${table.split(".").at(-1) ?? ""}_profile_metrics`,
    status: "MONITOR_STATUS_ACTIVE",
  });
  app.post(V, path, async ({ params, input }) => {
    const table = tableOf(params.name);
    input.string("assets_dir");
    const dashboard_id = input.boolean("skip_builtin_dashboard", false)
      ? {}
      : { dashboard_id: `dashboard-${table.replaceAll(".", "-")}` };
    const result = { ...settingsOf(input), ...dashboard_id, monitor_version: 0 };
    await app.store.write(() => {
      if (monitors.has(table)) throw exists(`The table ${table} already has a monitor.`);
      monitors.put(table, result);
    });
    return shown(table, result);
  });
  app.get(V, path, ({ params }) => {
    const { table, found } = need(params.name);
    return shown(table, found);
  });
  app.put(V, path, async ({ params, input }) => {
    const { table, found } = need(params.name);
    const { assets_dir, monitor_version, dashboard_id } = found;
    const next = {
      ...settingsOf(input),
      assets_dir,
      monitor_version: (monitor_version as number) + 1,
      dashboard_id: input.optionalString("dashboard_id") ?? dashboard_id,
    };
    await app.store.write(() => monitors.put(table, next));
    return shown(table, next);
  });
  app.delete(V, path, async ({ params }) => {
    const { table } = need(params.name);
    await app.store.write(() => monitors.remove(table));
    return undefined;
  });
}
