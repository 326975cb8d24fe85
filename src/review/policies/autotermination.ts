import type { Breach, Policy } from "./policy";

const fields: Readonly<Record<string, string>> = {
  databricks_cluster: "autotermination_minutes",
  databricks_sql_endpoint: "auto_stop_mins",
  databricks_instance_pool: "idle_instance_autotermination_minutes",
};

export const autotermination: Policy = {
  id: "autotermination",
  title: "clusters, warehouses and pools stop when idle",
  severity: "error",
  explanation:
    "Zero minutes means never: the compute costs money until it is stopped manually. If the code does not set the field, the provider sets its default (60 minutes for clusters, 120 for warehouses), which is acceptable.",
  fix: "set the minutes of idle time, 10 to 120",
  types: Object.keys(fields),
  check: (resource): Breach[] => {
    const field = fields[resource.type] ?? "";
    return resource.config[field] === 0
      ? [{ where: field, message: "it never stops automatically" }]
      : [];
  },
  examples: {
    good: { type: "databricks_cluster", config: { autotermination_minutes: 30 } },
    bad: { type: "databricks_cluster", config: { autotermination_minutes: 0 } },
  },
};
