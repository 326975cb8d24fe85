import type { Breach, Policy } from "./policy";
import { clustersOf } from "./shape";

const modesWithoutUnityCatalog = new Set([
  "NONE",
  "LEGACY_TABLE_ACL",
  "LEGACY_PASSTHROUGH",
  "LEGACY_SINGLE_USER",
  "LEGACY_SINGLE_USER_STANDARD",
]);
const singleUserModes = new Set(["SINGLE_USER", "DATA_SECURITY_MODE_DEDICATED"]);
const sharedModes = new Set(["USER_ISOLATION", "DATA_SECURITY_MODE_STANDARD"]);

export const accessMode: Policy = {
  id: "access-mode",
  title: "clusters have a suitable access mode",
  severity: "warning",
  explanation:
    "In the modes NONE and LEGACY_…, Unity Catalog is unavailable. In NONE, users of the cluster can also read each other's credentials. An all-purpose cluster in single-user mode needs a user, and a shared cluster must not have one. A job cluster has only one identity, so use single-user mode for it. A cluster that sets no mode is not reported.",
  fix: "set data_security_mode to SINGLE_USER (with single_user_name on all-purpose clusters) or USER_ISOLATION",
  types: ["databricks_job", "databricks_cluster"],
  check: (resource) =>
    clustersOf(resource).flatMap(({ where, cluster, use }): Breach[] => {
      const mode = cluster.data_security_mode;
      if (typeof mode !== "string") return [];
      const hasUser = typeof cluster.single_user_name === "string";
      if (modesWithoutUnityCatalog.has(mode))
        return [
          {
            where: `${where}data_security_mode`,
            message:
              mode === "NONE"
                ? "NONE has no isolation and no Unity Catalog"
                : `${mode} has no Unity Catalog`,
          },
        ];
      if (singleUserModes.has(mode) && use === "all-purpose" && !hasUser)
        return [
          {
            where: `${where}single_user_name`,
            message: "a single-user cluster without a user belongs to the user who deploys it",
          },
        ];
      if (sharedModes.has(mode) && hasUser)
        return [
          { where: `${where}single_user_name`, message: "a shared cluster has no single user" },
        ];
      return [];
    }),
  examples: {
    good: {
      type: "databricks_cluster",
      config: { data_security_mode: "SINGLE_USER", single_user_name: "etl@example.com" },
    },
    bad: { type: "databricks_cluster", config: { data_security_mode: "NONE" } },
  },
};
