/** The objects that can have an access list: Terraform's arguments, the paths of REST, and the levels that each takes. */
export interface PermissionObject {
  /** Argument with the object's id (for `authorization`: the word that names it). */
  readonly field: string;
  /** Argument with the object's path in the workspace, to be looked up. */
  readonly pathField?: string;
  /** In `/api/2.0/permissions/<request>/<id>`. */
  readonly request: string;
  readonly levels: readonly string[];
  /** Whom the official provider adds when the configuration does not name an owner or manager. */
  readonly adds?: "owner" | "manager" | "owner and manager" | "admins";
}

const workspaceLevels = ["CAN_READ", "CAN_RUN", "CAN_EDIT", "CAN_MANAGE"];
const useOrManage = ["CAN_USE", "CAN_MANAGE"];

export const permissionObjects: readonly PermissionObject[] = [
  { field: "job_id", request: "jobs", levels: ["CAN_VIEW", "CAN_MANAGE_RUN", "IS_OWNER", "CAN_MANAGE"], adds: "owner" },
  { field: "cluster_id", request: "clusters", levels: ["CAN_ATTACH_TO", "CAN_RESTART", "CAN_MANAGE"], adds: "manager" },
  { field: "cluster_policy_id", request: "cluster-policies", levels: ["CAN_USE"] },
  { field: "instance_pool_id", request: "instance-pools", levels: ["CAN_ATTACH_TO", "CAN_MANAGE"], adds: "manager" },
  { field: "pipeline_id", request: "pipelines", levels: ["CAN_VIEW", "CAN_RUN", "IS_OWNER", "CAN_MANAGE"], adds: "owner" },
  { field: "notebook_id", pathField: "notebook_path", request: "notebooks", levels: workspaceLevels },
  { field: "directory_id", pathField: "directory_path", request: "directories", levels: workspaceLevels },
  { field: "workspace_file_id", pathField: "workspace_file_path", request: "files", levels: workspaceLevels },
  { field: "repo_id", pathField: "repo_path", request: "repos", levels: workspaceLevels },
  { field: "authorization", request: "authorization", levels: useOrManage, adds: "admins" },
  {
    field: "sql_endpoint_id",
    request: "sql/warehouses",
    levels: ["CAN_USE", "CAN_MONITOR", "CAN_VIEW", "IS_OWNER", "CAN_MANAGE"],
    adds: "owner and manager",
  },
  { field: "sql_dashboard_id", request: "sql/dashboards", levels: ["CAN_EDIT", "CAN_RUN", "CAN_VIEW", "CAN_MANAGE"] },
  { field: "sql_alert_id", request: "sql/alerts", levels: ["CAN_EDIT", "CAN_RUN", "CAN_VIEW", "CAN_MANAGE"] },
  { field: "sql_query_id", request: "sql/queries", levels: ["CAN_EDIT", "CAN_RUN", "CAN_VIEW", "CAN_MANAGE"] },
  { field: "dashboard_id", request: "dashboards", levels: ["CAN_EDIT", "CAN_RUN", "CAN_READ", "CAN_MANAGE"] },
  { field: "experiment_id", request: "experiments", levels: ["CAN_READ", "CAN_EDIT", "CAN_MANAGE"] },
  {
    field: "registered_model_id",
    request: "registered-models",
    levels: ["CAN_READ", "CAN_EDIT", "CAN_MANAGE_STAGING_VERSIONS", "CAN_MANAGE_PRODUCTION_VERSIONS", "CAN_MANAGE"],
  },
  { field: "serving_endpoint_id", request: "serving-endpoints", levels: ["CAN_VIEW", "CAN_QUERY", "CAN_MANAGE"] },
  { field: "vector_search_endpoint_id", request: "vector-search-endpoints", levels: ["CAN_CREATE", "CAN_USE", "CAN_MANAGE"] },
  { field: "app_name", request: "apps", levels: useOrManage },
  { field: "database_instance_name", request: "database-instances", levels: ["CAN_CREATE", "CAN_USE", "CAN_MANAGE"] },
  { field: "alert_v2_id", request: "alertsv2", levels: ["CAN_EDIT", "CAN_RUN", "CAN_READ", "CAN_MANAGE"] },
];

/** The object of a state id: `/jobs/1001`, `/sql/warehouses/abc`, `/authorization/tokens`. */
export function objectOfId(id: string): { readonly object: PermissionObject; readonly id: string } | undefined {
  const object = permissionObjects.find((one) => id.startsWith(`/${one.request}/`));
  return object === undefined ? undefined : { object, id: id.slice(object.request.length + 2) };
}
