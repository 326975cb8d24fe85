/**
 * `/api/2.1/unity-catalog/tables/<name>/monitor`: the definition of a table's monitor; the local
 * workspace computes no metrics.
 */
import { exists, missing, type JsonObject } from "../errors";
import type { Fields } from "../fields";
import type { WorkspaceApp } from "../routes";
import { pickFields } from "../rest-objects";
import { unityCatalog } from "./securables";

const MONITOR_FIELDS = [
  "assets_dir",
  "baseline_table_name",
  "custom_metrics",
  "data_classification_config",
  "inference_log",
  "notifications",
  "output_schema_name",
  "schedule",
  "slicing_exprs",
  "snapshot",
  "time_series",
];

export function monitorRoutes(app: WorkspaceApp): void {
  const VERSIONS = ["2.1"];
  const path = "/unity-catalog/tables/:name/monitor";
  const uc = unityCatalog(app);
  const monitors = app.store.collection<JsonObject>("uc_monitors");
  const tableName = (name: string | undefined): string =>
    uc.mustFind("table", name ?? "").full_name;
  const mustFind = (
    name: string | undefined,
  ): { readonly table: string; readonly monitor: JsonObject } => {
    const table = tableName(name);
    const monitor = monitors.get(table);
    if (monitor === undefined) throw missing(`The table ${table} has no monitor.`);
    return { table, monitor };
  };
  const parseSettings = (input: Fields): JsonObject => {
    input.requireField("output_schema_name");
    const settings = pickFields(input.values, MONITOR_FIELDS);
    const { schedule } = settings;
    return {
      ...settings,
      ...(typeof schedule === "object" &&
        schedule !== null &&
        !Array.isArray(schedule) && { schedule: { pause_status: "UNPAUSED", ...schedule } }),
    };
  };
  const renderMonitor = (table: string, { dashboard_id, ...settings }: JsonObject): JsonObject => ({
    ...settings,
    table_name: table,
    dashboard_id,
    drift_metrics_table_name: `${settings.output_schema_name as string}.${table.split(".").at(-1) ?? ""}_drift_metrics`,
    profile_metrics_table_name: `${settings.output_schema_name as string}.${table.split(".").at(-1) ?? ""}_profile_metrics`,
    status: "MONITOR_STATUS_ACTIVE",
  });
  app.post(VERSIONS, path, async ({ params, input }) => {
    const table = tableName(params.name);
    input.requireField("assets_dir");
    const dashboard = input.boolean("skip_builtin_dashboard", false)
      ? {}
      : { dashboard_id: `dashboard-${table.replaceAll(".", "-")}` };
    const newMonitor = { ...parseSettings(input), ...dashboard, monitor_version: 0 };
    await app.store.write(() => {
      if (monitors.has(table)) throw exists(`The table ${table} already has a monitor.`);
      monitors.put(table, newMonitor);
    });
    return renderMonitor(table, newMonitor);
  });
  app.get(VERSIONS, path, ({ params }) => {
    const { table, monitor } = mustFind(params.name);
    return renderMonitor(table, monitor);
  });
  app.put(VERSIONS, path, async ({ params, input }) => {
    const { table, monitor } = mustFind(params.name);
    const { assets_dir, monitor_version, dashboard_id } = monitor;
    const changedMonitor = {
      ...parseSettings(input),
      assets_dir,
      monitor_version: (monitor_version as number) + 1,
      dashboard_id: input.optionalString("dashboard_id") ?? dashboard_id,
    };
    await app.store.write(() => monitors.put(table, changedMonitor));
    return renderMonitor(table, changedMonitor);
  });
  app.delete(VERSIONS, path, async ({ params }) => {
    const { table } = mustFind(params.name);
    await app.store.write(() => monitors.remove(table));
    return undefined;
  });
}
