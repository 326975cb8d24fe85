/**
 * A setting that the platform stores apart from its object. Verify does not compare it with the
 * object, and reports list it as not checked. A test checks that each REST endpoint is in
 * {@link separateSettings}, is called by the verifier, or is known not to be part of an object.
 */
export interface SeparateSetting {
  /** Endpoints that return the setting, with `{}` for each parameter. */
  readonly endpoints: readonly string[];
  readonly what: string;
  readonly types: readonly string[];
  readonly reason: string;
}

const unityCatalog = ["databricks_catalog", "databricks_schema", "databricks_volume"] as const;
const models = ["databricks_registered_model"] as const;
const requestable = [
  ...unityCatalog,
  ...models,
  "databricks_external_location",
  "databricks_connection",
  "databricks_credential",
] as const;
const principals = ["databricks_group", "databricks_user", "databricks_service_principal"] as const;

export const separateSettings: readonly SeparateSetting[] = [
  {
    endpoints: [
      "/api/2.1/unity-catalog/entity-tag-assignments/{}/{}/tags",
      "/api/2.1/unity-catalog/entity-tag-assignments/{}/{}/tags/{}",
    ],
    what: "entity tags",
    types: [...unityCatalog, ...models],
    reason:
      "tags are objects of their own (databricks_entity_tag_assignment): lakeform api GET 2.1/unity-catalog/entity-tag-assignments/…",
  },
  {
    endpoints: [
      "/api/2.0/entity-tag-assignments/{}/{}/tags",
      "/api/2.0/entity-tag-assignments/{}/{}/tags/{}",
    ],
    what: "entity tags",
    types: ["databricks_notebook"],
    reason:
      "tags are objects of their own (databricks_workspace_entity_tag_assignment): lakeform api GET 2.0/entity-tag-assignments/…",
  },
  {
    endpoints: [
      "/api/2.1/unity-catalog/policies/{}/{}",
      "/api/2.1/unity-catalog/policies/{}/{}/{}",
    ],
    what: "access policies",
    types: ["databricks_catalog", "databricks_schema"],
    reason:
      "policies for rows and columns are objects of their own (databricks_policy_info): lakeform api GET 2.1/unity-catalog/policies/…",
  },
  {
    endpoints: ["/api/3.0/rfa/destinations/{}/{}"],
    what: "destinations of access requests",
    types: requestable,
    reason:
      "they are objects of their own (databricks_rfa_access_request_destinations): lakeform api GET 3.0/rfa/destinations/…",
  },
  {
    endpoints: ["/api/data-classification/v1/{}"],
    what: "data classification",
    types: ["databricks_catalog"],
    reason:
      "its configuration is an object of its own: lakeform api GET /api/data-classification/v1/catalogs/…/config",
  },
  {
    endpoints: ["/api/data-quality/v1/monitors/{}/{}", "/api/2.0/quality-monitors/{}/{}"],
    what: "quality monitors",
    types: ["databricks_schema"],
    reason:
      "monitors are objects of their own (databricks_data_quality_monitor): lakeform api GET /api/data-quality/v1/monitors",
  },
  {
    endpoints: [
      "/api/2.1/unity-catalog/tables",
      "/api/2.1/unity-catalog/table-summaries",
      "/api/2.1/unity-catalog/functions",
      "/api/2.1/unity-catalog/models",
      "/api/2.1/unity-catalog/secrets",
    ],
    what: "tables, views, functions, models and secrets in it",
    types: ["databricks_schema"],
    reason: "lakeform does not support them",
  },
  {
    endpoints: ["/api/warehouses/v1/default-warehouse-overrides", "/api/warehouses/v1/{}"],
    what: "users with this default warehouse",
    types: ["databricks_sql_endpoint"],
    reason:
      "it is a setting of each user: lakeform api GET /api/warehouses/v1/default-warehouse-overrides",
  },
  {
    endpoints: [
      "/api/2.1/unity-catalog/models/{}/versions",
      "/api/2.1/unity-catalog/models/{}/aliases/{}",
    ],
    what: "versions and their aliases",
    types: models,
    reason: "they come from training: lakeform api GET 2.1/unity-catalog/models/…/versions",
  },
  {
    endpoints: [
      "/api/2.0/mlflow/model-versions/search",
      "/api/2.0/mlflow/registry-webhooks/list",
      "/api/2.0/mlflow/transition-requests/list",
    ],
    what: "versions, webhooks and transition requests",
    types: ["databricks_mlflow_model"],
    reason: "lakeform does not support them: lakeform api GET 2.0/mlflow/registry-webhooks/list",
  },
  {
    endpoints: [
      "/api/2.0/mlflow/artifacts/list",
      "/api/2.0/mlflow/runs/get",
      "/api/2.0/mlflow/logged-models/{}",
    ],
    what: "runs and what they logged",
    types: ["databricks_mlflow_experiment"],
    reason: "they come from training",
  },
  {
    endpoints: ["/api/2.0/sql/queries/{}/visualizations"],
    what: "visualizations",
    types: ["databricks_query"],
    reason: "lakeform does not support them: lakeform api GET 2.0/sql/queries/…/visualizations",
  },
  {
    endpoints: ["/api/2.0/vector-search/indexes", "/api/2.0/vector-search/indexes/{}"],
    what: "indexes on it",
    types: ["databricks_vector_search_endpoint"],
    reason: "lakeform does not support them: lakeform api GET 2.0/vector-search/indexes",
  },
  {
    endpoints: ["/api/2.0/accounts/servicePrincipals/{}/credentials/secrets"],
    what: "OAuth secrets",
    types: ["databricks_service_principal"],
    reason: "they belong to the account, and no call to the workspace returns them",
  },
  {
    endpoints: [
      "/api/2.0/lakeview/dashboards/{}/schedules",
      "/api/2.0/lakeview/dashboards/{}/schedules/{}",
      "/api/2.0/lakeview/dashboards/{}/schedules/{}/subscriptions",
      "/api/2.0/lakeview/dashboards/{}/schedules/{}/subscriptions/{}",
    ],
    what: "schedules and subscriptions",
    types: ["databricks_dashboard"],
    reason: "lakeform does not support them: lakeform api GET 2.0/lakeview/dashboards/…/schedules",
  },
  {
    endpoints: [
      "/api/2.0/data-sharing/recipients/{}/federation-policies",
      "/api/2.0/data-sharing/recipients/{}/federation-policies/{}",
      "/api/2.1/unity-catalog/recipients/{}/share-permissions",
    ],
    what: "federation policies and shares",
    types: ["databricks_recipient"],
    reason:
      "each is an object of its own: lakeform api GET 2.1/unity-catalog/recipients/…/share-permissions",
  },
  {
    endpoints: [],
    what: "members, groups and roles",
    types: principals,
    reason:
      "each is an object of its own (databricks_group_member, databricks_group_role, …), compared where the code has one",
  },
];

/** The reasons by resource type and setting. */
export const separateSettingReasons: Readonly<Record<string, Readonly<Record<string, string>>>> =
  Object.fromEntries(
    [...new Set(separateSettings.flatMap(({ types }) => types))].map((type) => [
      type,
      Object.fromEntries(
        separateSettings
          .filter(({ types }) => types.includes(type))
          .map(({ what, reason }) => [what, reason]),
      ),
    ]),
  );
