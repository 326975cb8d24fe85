import { setting } from "../families/setting";
import { valueProblems } from "../shape/allowed-values";
import { acceptAny, setByPlatform } from "../shape/rules";

/** The workspace's default catalog, for table names without a catalog. */
export const defaultNamespaceSetting = setting({
  type: "databricks_default_namespace_setting",
  title: "default namespace",
  name: "default_namespace_ws",
  mask: "namespace.value",
});

/**
 * Restricts whom workspace admins can set as a job's owner or `run_as`, and the service principals
 * for which they can create tokens.
 */
export const restrictWorkspaceAdminsSetting = setting({
  type: "databricks_restrict_workspace_admins_setting",
  title: "restriction of workspace admins",
  name: "restrict_workspace_admins",
  mask: "restrict_workspace_admins.status",
  validate: (config) =>
    valueProblems(config, {
      "restrict_workspace_admins.status": ["ALLOW_ALL", "RESTRICT_TOKENS_AND_JOB_RUN_AS"],
    }),
});

const updateField = "automatic_cluster_update_workspace";
const windowField = `${updateField}.maintenance_window`;
const startField = `${windowField}.week_day_based_schedule.window_start_time`;
const fieldsOf = (path: string, ...fields: readonly string[]): string[] =>
  fields.map((field) => `${path}.${field}`);

/** Controls when clusters are restarted for updates. */
export const automaticClusterUpdateSetting = setting({
  type: "databricks_automatic_cluster_update_workspace_setting",
  title: "automatic cluster update",
  name: "automatic_cluster_update",
  mask: [
    ...fieldsOf(updateField, "enabled", "restart_even_if_no_updates_available"),
    ...fieldsOf(`${windowField}.week_day_based_schedule`, "day_of_week", "frequency"),
    ...fieldsOf(startField, "hours", "minutes"),
  ].join(","),
  disabledValue: { [updateField]: { enabled: false } },
  rules: {
    backendDefaults: {
      [`${updateField}.can_toggle`]: setByPlatform("whether it can be changed"),
      [`${updateField}.enablement_details`]: setByPlatform("why it has this state"),
      [windowField]: acceptAny("the platform chooses one"),
    },
  },
});

/** Disables DBFS, its root and its mounts. */
export const disableLegacyDbfsSetting = setting({
  type: "databricks_disable_legacy_dbfs_setting",
  title: "disabling of DBFS",
  name: "disable_legacy_dbfs",
  mask: "disable_legacy_dbfs.value",
});
