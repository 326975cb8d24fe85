import { isList, isObject } from "../plan/json";
import type { Breach, Policy } from "./policy";

const isInRoot = (path: string): boolean =>
  /^(dbfs:\/|\/dbfs\/)/.test(path) &&
  !/^(dbfs:|\/dbfs)\/(mnt|Volumes|databricks-datasets)\//.test(path);

export const noDbfsRoot: Policy = {
  id: "no-dbfs-root",
  title: "artifacts are in volumes or workspace files, not in the DBFS root",
  severity: "warning",
  explanation:
    "Every workspace user can read and overwrite the DBFS root, no permission applies to it, and the platform has deprecated it for libraries, scripts and data.",
  fix: "upload to a Unity Catalog volume (/Volumes/…) or as a workspace file",
  types: ["databricks_dbfs_file", "databricks_job", "databricks_cluster", "databricks_library"],
  check: (resource) => {
    if (resource.type === "databricks_dbfs_file") {
      const path = resource.config.path;
      return typeof path === "string" && !/^(dbfs:)?\/(mnt|Volumes)\//.test(path)
        ? [{ where: "path", message: `${path} is in the DBFS root` }]
        : [];
    }
    const breaches: Breach[] = [];
    collectBreaches(resource.config, "", breaches);
    return breaches;
  },
  examples: {
    good: {
      type: "databricks_library",
      config: { whl: "/Volumes/main/default/libs/etl-1.0-py3-none-any.whl" },
    },
    bad: { type: "databricks_dbfs_file", config: { path: "/FileStore/etl.py" } },
  },
};

function collectBreaches(value: unknown, path: string, breaches: Breach[]): void {
  if (typeof value === "string") {
    if (isInRoot(value)) breaches.push({ where: path, message: `${value} is in the DBFS root` });
  } else if (isList(value))
    value.forEach((inner, index) =>
      collectBreaches(inner, `${path}[${keyOf(inner) ?? index}]`, breaches),
    );
  else if (isObject(value)) {
    for (const key in value) {
      const inner = value[key];
      // Skip log destinations, which are not artifacts, and parameters, which belong to the job's
      // code.
      if (key !== "cluster_log_conf" && key !== "parameters" && key !== "base_parameters")
        collectBreaches(inner, path === "" ? key : `${path}.${key}`, breaches);
    }
  }
}
const keyOf = (value: unknown): string | undefined =>
  isObject(value) && typeof value.task_key === "string" ? value.task_key : undefined;
