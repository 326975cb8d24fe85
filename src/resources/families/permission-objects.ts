/**
 * A type of object that can have an access list: Terraform's arguments, the REST path and the
 * allowed levels.
 */
export interface PermissionObject {
  /** Argument with the object's id or, for some types, its name (`app_name`, `authorization`). */
  readonly field: string;
  /** Argument with the object's workspace path, which must be looked up. */
  readonly pathField?: string;
  /** The only value of `field` that selects this object. */
  readonly onlyValue?: string;
  /** The type in `/api/2.0/permissions/<request>/<id>`. */
  readonly request: string;
  /** The type in the ids of older states, if it differs from `request`. */
  readonly formerRequest?: string;
  /** Terraform's `object_type`. */
  readonly type: string;
  readonly levels: readonly string[];
  /**
   * Set if the caller is added as a manager when the configuration omits them, so that they keep
   * their access. (If there is a level IS_OWNER, an owner is added, too.)
   */
  readonly manager?: true;
  /** The id of the object for which each write must contain the group admins as a manager. */
  readonly adminsRequiredFor?: string;
  /** Set if the entry of the group admins is also sent on destroy. */
  readonly keepsAdminsOnDestroy?: true;
  /** Set if the configuration may contain the group admins. */
  readonly mayNameAdmins?: true;
  /** Set if Terraform's CAN_VIEW is CAN_READ in the API. */
  readonly viewIsRead?: true;
  /** Levels besides CAN_MANAGE and IS_OWNER with which the caller keeps their access. */
  readonly managingLevels?: readonly string[];
}

const workspaceLevels = ["CAN_READ", "CAN_RUN", "CAN_EDIT", "CAN_MANAGE"];
const useOrManage = ["CAN_USE", "CAN_MANAGE"];
const queryOrManage = ["CAN_QUERY", "CAN_MANAGE"];
const sqlObjectLevels = ["CAN_EDIT", "CAN_RUN", "CAN_READ", "CAN_VIEW", "CAN_MANAGE"];

export const permissionObjects: readonly PermissionObject[] = [
  {
    field: "job_id",
    request: "jobs",
    type: "job",
    levels: ["CAN_VIEW", "CAN_MANAGE_RUN", "IS_OWNER", "CAN_MANAGE"],
  },
  {
    field: "cluster_id",
    request: "clusters",
    type: "cluster",
    levels: ["CAN_ATTACH_TO", "CAN_RESTART", "CAN_MANAGE"],
    manager: true,
  },
  {
    field: "cluster_policy_id",
    request: "cluster-policies",
    type: "cluster-policy",
    levels: ["CAN_USE"],
    managingLevels: ["CAN_USE"],
  },
  {
    field: "instance_pool_id",
    request: "instance-pools",
    type: "instance-pool",
    levels: ["CAN_ATTACH_TO", "CAN_MANAGE"],
    manager: true,
  },
  {
    field: "pipeline_id",
    request: "pipelines",
    type: "pipelines",
    levels: ["CAN_VIEW", "CAN_RUN", "IS_OWNER", "CAN_MANAGE"],
  },
  {
    field: "notebook_id",
    pathField: "notebook_path",
    request: "notebooks",
    type: "notebook",
    levels: workspaceLevels,
  },
  {
    field: "directory_id",
    pathField: "directory_path",
    request: "directories",
    type: "directory",
    levels: workspaceLevels,
    adminsRequiredFor: "/directories/0",
    keepsAdminsOnDestroy: true,
  },
  {
    field: "workspace_file_id",
    pathField: "workspace_file_path",
    request: "files",
    type: "file",
    levels: workspaceLevels,
  },
  {
    field: "repo_id",
    pathField: "repo_path",
    request: "repos",
    type: "repo",
    levels: workspaceLevels,
  },
  {
    field: "authorization",
    onlyValue: "tokens",
    request: "authorization",
    type: "tokens",
    levels: useOrManage,
    managingLevels: useOrManage,
    adminsRequiredFor: "/authorization/tokens",
  },
  {
    field: "authorization",
    onlyValue: "passwords",
    request: "authorization",
    type: "passwords",
    levels: ["CAN_USE"],
    managingLevels: ["CAN_USE"],
    mayNameAdmins: true,
  },
  {
    field: "sql_endpoint_id",
    request: "sql/warehouses",
    formerRequest: "warehouses",
    type: "warehouses",
    levels: ["CAN_USE", "CAN_MONITOR", "CAN_VIEW", "IS_OWNER", "CAN_MANAGE"],
    manager: true,
  },
  {
    field: "sql_dashboard_id",
    request: "dbsql-dashboards",
    formerRequest: "sql/dashboards",
    type: "dashboard",
    levels: sqlObjectLevels,
    manager: true,
    viewIsRead: true,
  },
  {
    field: "sql_alert_id",
    request: "sql/alerts",
    type: "alert",
    levels: sqlObjectLevels,
    manager: true,
    viewIsRead: true,
  },
  {
    field: "sql_query_id",
    request: "sql/queries",
    type: "query",
    levels: sqlObjectLevels,
    manager: true,
    viewIsRead: true,
  },
  { field: "dashboard_id", request: "dashboards", type: "dashboard", levels: workspaceLevels },
  {
    field: "experiment_id",
    request: "experiments",
    type: "mlflowExperiment",
    levels: ["CAN_READ", "CAN_EDIT", "CAN_MANAGE"],
  },
  {
    field: "registered_model_id",
    request: "registered-models",
    type: "registered-model",
    levels: [
      "CAN_READ",
      "CAN_EDIT",
      "CAN_MANAGE_STAGING_VERSIONS",
      "CAN_MANAGE_PRODUCTION_VERSIONS",
      "CAN_MANAGE",
    ],
    manager: true,
    adminsRequiredFor: "/registered-models/root",
  },
  {
    field: "serving_endpoint_id",
    request: "serving-endpoints",
    type: "serving-endpoint",
    levels: ["CAN_VIEW", "CAN_QUERY", "CAN_MANAGE"],
    manager: true,
  },
  {
    field: "vector_search_endpoint_id",
    request: "vector-search-endpoints",
    type: "vector-search-endpoints",
    levels: useOrManage,
    manager: true,
  },
  { field: "app_name", request: "apps", type: "apps", levels: useOrManage, manager: true },
  {
    field: "database_instance_name",
    request: "database-instances",
    type: "database-instances",
    levels: useOrManage,
    manager: true,
  },
  {
    field: "database_project_name",
    request: "database-projects",
    type: "database-projects",
    levels: useOrManage,
    manager: true,
  },
  {
    field: "knowledge_assistant_id",
    request: "knowledge-assistants",
    type: "knowledge-assistants",
    levels: queryOrManage,
    manager: true,
  },
  {
    field: "supervisor_agent_id",
    request: "supervisor-agents",
    type: "supervisor-agents",
    levels: queryOrManage,
    manager: true,
  },
  {
    field: "alert_v2_id",
    request: "alertsv2",
    type: "alertv2",
    levels: workspaceLevels,
    manager: true,
  },
];

/** Finds the object of a state id: `/jobs/1001`, `/sql/warehouses/abc`, `/authorization/tokens`. */
export function objectOfId(
  id: string,
): { readonly object: PermissionObject; readonly id: string } | undefined {
  const index = id.lastIndexOf("/");
  const [requestPath, objectName] = [id.slice(1, Math.max(index, 1)), id.slice(index + 1)];
  const object = permissionObjects.find(
    (permission) =>
      (permission.request === requestPath || permission.formerRequest === requestPath) &&
      (permission.onlyValue === undefined || permission.onlyValue === objectName),
  );
  return object === undefined || !id.startsWith("/") || objectName === ""
    ? undefined
    : { object, id: objectName };
}
