/** Resource types that `--unmanaged all` does not search for, with the reason. */
export interface NotListed {
  readonly what: string;
  readonly types: readonly string[];
  readonly reason: string;
}

const principalsReason =
  "an identity provider usually creates them, and all stacks of a workspace share them: lakeform api GET 2.0/preview/scim/v2/…";

/** A test checks that `--unmanaged all` finds objects of all types that are not listed here. */
export const kindsNotListed: readonly NotListed[] = [
  {
    what: "access lists and grants on objects that are not in any state",
    types: ["databricks_permissions", "databricks_grants", "databricks_grant"],
    reason: "they belong to their object, which is reported instead",
  },
  {
    what: "tokens and git credentials of other people",
    types: ["databricks_obo_token"],
    reason:
      "REST returns only the caller's own, except to admins: lakeform api GET 2.0/token-management/tokens",
  },
  {
    what: "users, groups and service principals",
    types: ["databricks_user", "databricks_group", "databricks_service_principal"],
    reason: principalsReason,
  },
  {
    what: "members, roles, entitlements and secrets of principals",
    types: [
      "databricks_group_member",
      "databricks_group_role",
      "databricks_user_role",
      "databricks_service_principal_role",
      "databricks_group_instance_profile",
      "databricks_user_instance_profile",
      "databricks_entitlements",
      "databricks_service_principal_secret",
    ],
    reason: principalsReason,
  },
  {
    what: "workspace bindings of objects that are not in any state",
    types: ["databricks_workspace_binding"],
    reason:
      "they belong to their object, which is reported instead; those of an isolated object of the code are compared with it",
  },
  {
    what: "settings of the workspace",
    types: [
      "databricks_workspace_conf",
      "databricks_sql_global_config",
      "databricks_default_namespace_setting",
      "databricks_restrict_workspace_admins_setting",
      "databricks_automatic_cluster_update_workspace_setting",
      "databricks_disable_legacy_dbfs_setting",
    ],
    reason: "the workspace always has a value for each, and only those in the code are compared",
  },
  {
    what: "metastores, their assignments, allowlists and system schemas",
    types: [
      "databricks_metastore",
      "databricks_metastore_assignment",
      "databricks_artifact_allowlist",
      "databricks_system_schema",
    ],
    reason:
      "an account usually manages them, and all its workspaces share them: lakeform api GET 2.1/unity-catalog/metastores",
  },
  {
    what: "budget policies",
    types: ["databricks_budget_policy"],
    reason:
      "they belong to the account and apply to all its workspaces: lakeform api GET 2.1/accounts/…/budget-policies",
  },
  {
    what: "vector search indexes",
    types: ["databricks_vector_search_index"],
    reason:
      "REST lists them by endpoint: lakeform api GET '2.0/vector-search/indexes?endpoint_name=…'",
  },
  {
    what: "monitors of tables",
    types: ["databricks_quality_monitor", "databricks_lakehouse_monitor"],
    reason: "REST returns them by table: lakeform api GET 2.1/unity-catalog/tables/…/monitor",
  },
  { what: "online tables", types: ["databricks_online_table"], reason: "REST has no list of them" },
  {
    what: "registered models",
    types: ["databricks_registered_model"],
    reason: "training creates them: lakeform api GET 2.1/unity-catalog/models",
  },
  {
    what: "tables, views and functions of Unity Catalog",
    types: ["databricks_sql_table"],
    reason:
      "jobs and queries create them; lakeform has no functions: lakeform api GET 2.1/unity-catalog/tables",
  },
];
