/**
 * Recipes for random configurations of identity, Unity Catalog, SQL, MLflow and workspace settings;
 * random-kinds.ts explains them.
 */
import fc from "fast-check";
import { word } from "./random-fields";
import type { JsonObject } from "./replay-format";
import type { MorePrerequisites } from "./more-kinds";
import type { Recipe } from "./random-kinds";

const base64Content = fc
  .string({ minLength: 1, maxLength: 200 })
  .map((text) => Buffer.from(text).toString("base64"));
const createOptions = [
  "force",
  "force_delete_home_dir",
  "force_delete_repos",
  "disable_as_user_deletion",
];
// Attributes that conflict with others, or that the platform sets.
const identityExcluded = [
  ...createOptions,
  "id",
  "external_id",
  "home",
  "repos",
  "acl_principal_id",
  "url",
  "workspace_consume",
  "application_id",
];
const securableExcluded = ["id", "name", "metastore_id", "skip_validation", "force_destroy", "force_update", "catalog_name", "schema_name"].concat(
  ["storage_location", "browse_only", "created_at", "created_by", "updated_at", "updated_by", "full_name", "owner"]); // prettier-ignore
const isolation = { isolation_mode: fc.constant("ISOLATION_MODE_OPEN") };
const role = (name: string): string => `arn:aws:iam::123456789012:role/${name}`;
const profile = (name: string): string => `arn:aws:iam::123456789012:instance-profile/${name}`;
const mapValue = (
  value: fc.Arbitrary<string>,
  makeObject: (text: string) => JsonObject,
): fc.Arbitrary<JsonObject> => value.map(makeObject);
const roleRecipe = (
  ownerAttribute: string,
  ownerKey: keyof MorePrerequisites,
  listAttribute: string,
): Recipe => ({
  without: ["id", ownerAttribute, listAttribute],
  identityOf: (i, prerequisites) => ({
    [ownerAttribute]: prerequisites.more[ownerKey],
    [listAttribute]: profile(`p${i}`),
  }),
});

/** Returns the recipe of a workspace setting, of which a workspace has one. */
const settingRecipe = (block: string, value: fc.Arbitrary<JsonObject>): Recipe => ({
  without: ["id", "etag", "setting_name"],
  blocks: value.map((item) => ({ [block]: [item] })),
  identityOf: () => ({}),
  maxCount: 1,
});

/** Returns the recipe of a monitor, of which a table has at most one. */
const monitorRecipe = (table: string): Recipe => ({
  special: { output_schema_name: fc.constantFrom("base.one", "base.two") },
  without: [
    "id",
    "table_name",
    "assets_dir",
    "latest_monitor_failure_msg",
    "warehouse_id",
    "skip_builtin_dashboard",
  ],
  blocks: mapValue(word, (column) => ({
    time_series: [{ granularities: ["1 day"], timestamp_col: column }],
  })),
  identityOf: () => ({ table_name: `base.one.${table}`, assets_dir: "/Shared/monitors" }),
  maxCount: 1,
});

export const moreRecipes: Readonly<Record<string, Recipe>> = {
  databricks_group: {
    without: [...identityExcluded, "display_name"],
    identityOf: (i) => ({ display_name: `random-group-${i}` }),
  },
  databricks_user: {
    special: { active: fc.boolean() },
    without: [...identityExcluded, "user_name"],
    identityOf: (i) => ({ user_name: `random-${i}@example.com` }),
  },
  databricks_service_principal: {
    without: [...identityExcluded, "display_name"],
    identityOf: (i) => ({ display_name: `random-principal-${i}` }),
  },
  databricks_group_member: {
    without: ["id", "group_id", "member_id"],
    identityOf: (_i, { more }) => ({ group_id: more.group, member_id: more.user }),
    maxCount: 1,
  },
  databricks_group_role: roleRecipe("group_id", "group", "role"),
  databricks_user_role: roleRecipe("user_id", "user", "role"),
  databricks_service_principal_role: roleRecipe("service_principal_id", "servicePrincipal", "role"),
  databricks_group_instance_profile: roleRecipe("group_id", "group", "instance_profile_id"),
  databricks_user_instance_profile: roleRecipe("user_id", "user", "instance_profile_id"),
  databricks_entitlements: {
    without: ["id", "group_id", "user_id", "service_principal_id", "workspace_consume"],
    identityOf: (_i, { more }) => ({ service_principal_id: more.servicePrincipal }),
    maxCount: 1,
  },
  databricks_pipeline: {
    special: {
      edition: fc.constantFrom("CORE", "PRO", "ADVANCED"),
      channel: fc.constantFrom("CURRENT", "PREVIEW"),
    },
    without: ["id", "name", "storage", "catalog", "schema", "target", "cause", "cluster_id", "creator_user_name", "health", "state", "url"].concat(
      ["last_modified", "run_as_user_name", "expected_last_modified", "allow_duplicate_names", "continuous", "root_path"]), // prettier-ignore
    blocks: mapValue(word, (name) => ({
      library: [{ notebook: [{ path: `/Shared/${name}` }] }],
      cluster: [{ label: "default", num_workers: 2 }],
    })),
    identityOf: (i) => ({ name: `pipeline-${i}`, catalog: "base", schema: "one" }),
  },
  databricks_vector_search_endpoint: {
    special: { endpoint_type: fc.constantFrom("STANDARD", "STORAGE_OPTIMIZED") },
    without: ["id", "name", "endpoint_id", "budget_policy_id"],
    identityOf: (i) => ({ name: `endpoint-${i}` }),
  },
  databricks_workspace_conf: {
    special: {
      custom_config: fc.constantFrom<JsonObject>({ enableDcs: "true" }, { enableDcs: "false" }),
    },
    without: ["id"],
    identityOf: () => ({}),
    maxCount: 1,
  },
  databricks_credential: {
    special: isolation,
    without: [...securableExcluded, "purpose", "used_for_managed_storage", "credential_id"],
    blocks: mapValue(word, (name) => ({ aws_iam_role: [{ role_arn: role(name) }] })),
    identityOf: (i) => ({ name: `service_${i}`, purpose: "SERVICE" }),
  },
  databricks_storage_credential: {
    special: isolation,
    without: securableExcluded,
    blocks: mapValue(word, (name) => ({ aws_iam_role: [{ role_arn: role(name) }] })),
    identityOf: (i) => ({ name: `credential_${i}` }),
  },
  databricks_external_location: {
    special: { ...isolation, url: word.map((name) => `s3://bucket/${name}`) },
    without: [...securableExcluded, "credential_name", "enable_file_events"],
    identityOf: (i) => ({ name: `location_${i}`, credential_name: "base_credential" }),
  },
  databricks_connection: {
    special: { comment: word },
    without: [...securableExcluded, "connection_type", "options", "properties", "read_only"],
    blocks: mapValue(word, (host) => ({
      options: { host, port: "5432", user: "reader", password: "s3cret-r" },
    })),
    identityOf: (i) => ({ name: `connection_${i}`, connection_type: "POSTGRESQL" }),
  },
  databricks_registered_model: {
    without: securableExcluded,
    identityOf: (i) => ({ catalog_name: "base", schema_name: "two", name: `model_${i}` }),
  },
  databricks_workspace_binding: {
    special: { binding_type: fc.constantFrom("BINDING_TYPE_READ_WRITE", "BINDING_TYPE_READ_ONLY") },
    without: ["id", "catalog_name", "securable_name", "securable_type", "workspace_id"],
    identityOf: (i) => ({
      securable_name: "isolated",
      securable_type: "catalog",
      workspace_id: 1000 + i,
    }),
  },
  databricks_ip_access_list: {
    special: {
      ip_addresses: fc
        .uniqueArray(fc.integer({ min: 1, max: 250 }), { minLength: 1, maxLength: 4 })
        .map((ends) => ends.map((end) => `10.0.0.${end}`)),
      list_type: fc.constantFrom("ALLOW", "BLOCK"),
    },
    without: ["id", "label"],
    identityOf: (i) => ({ label: `list-${i}` }),
  },
  databricks_notification_destination: {
    without: ["id", "display_name", "destination_type"],
    blocks: mapValue(word, (name) => ({
      config: [{ email: [{ addresses: [`${name}@example.com`] }] }],
    })),
    identityOf: (i) => ({ display_name: `destination-${i}` }),
  },
  databricks_global_init_script: {
    without: ["id", "name", "source", "md5", "content_base64", "position"],
    blocks: fc.record({ content_base64: base64Content }),
    identityOf: (i) => ({ name: `script-${i}` }),
  },
  databricks_instance_profile: {
    special: { iam_role_arn: word.map(role) },
    without: ["id", "instance_profile_arn", "is_meta_instance_profile", "skip_validation"],
    identityOf: (i) => ({ instance_profile_arn: profile(`random-${i}`) }),
  },
  databricks_budget_policy: {
    special: {
      binding_workspace_ids: fc.uniqueArray(fc.integer({ min: 1000, max: 9999 }), {
        minLength: 1,
        maxLength: 3,
      }),
    },
    without: ["policy_id", "policy_name"],
    blocks: mapValue(word, (key) => ({ custom_tags: [{ key, value: `${key}-value` }] })),
    identityOf: (i) => ({ policy_name: `budget-${i}` }),
  },
  databricks_query: {
    special: {
      run_as_mode: fc.constantFrom("VIEWER", "OWNER"),
      parent_path: fc.constantFrom("/Shared", "/Workspace/Shared/reports"),
    },
    without: ["id", "display_name", "owner_user_name"],
    identityOf: (i) => ({ display_name: `query-${i}` }),
  },
  databricks_alert: {
    special: { parent_path: fc.constant("/Shared") },
    without: ["id", "display_name", "owner_user_name"],
    blocks: mapValue(word, (name) => ({
      condition: [
        {
          op: "EQUAL",
          operand: [{ column: [{ name }] }],
          threshold: [{ value: [{ string_value: name }] }],
        },
      ],
    })),
    identityOf: (i) => ({ display_name: `alert-${i}` }),
  },
  databricks_mlflow_experiment: {
    special: { artifact_location: word.map((name) => `dbfs:/experiments/${name}`) },
    without: [
      "id",
      "name",
      "experiment_id",
      "creation_time",
      "last_update_time",
      "lifecycle_stage",
      "description",
    ],
    identityOf: (i) => ({ name: `/Shared/random-experiment-${i}` }),
  },
  databricks_mlflow_model: {
    without: ["id", "name"],
    identityOf: (i) => ({ name: `random-model-${i}` }),
  },
  databricks_dashboard: {
    special: { serialized_dashboard: word.map((name) => JSON.stringify({ pages: [{ name }] })) },
    without: [...["id", "create_time", "dashboard_change_detected", "dashboard_id", "display_name", "etag", "file_path", "lifecycle_state"],
      ...["md5", "parent_path", "path", "update_time"]], // prettier-ignore
    identityOf: (i) => ({ display_name: `dashboard ${i}`, parent_path: "/Shared/random" }),
  },
  databricks_model_serving: {
    without: [
      "id",
      "name",
      "endpoint_url",
      "serving_endpoint_id",
      "description",
      "budget_policy_id",
    ],
    blocks: fc.tuple(word, fc.integer({ min: 1, max: 9 })).map(([name, version]) => ({
      config: [{ served_entities: [{ name, entity_name: name, entity_version: String(version) }] }],
    })),
    identityOf: (i) => ({ name: `serving-${i}` }),
  },
  databricks_recipient: {
    special: { authentication_type: fc.constantFrom("TOKEN", "DATABRICKS") },
    without: [
      ...securableExcluded,
      "activated",
      "activation_url",
      "cloud",
      "region",
      "data_recipient_global_metastore_id",
      "sharing_code",
    ],
    identityOf: (i) => ({ name: `recipient_${i}` }),
  },
  databricks_provider: {
    special: { authentication_type: fc.constant("TOKEN") },
    without: ["id", "name"],
    identityOf: (i) => ({ name: `provider_${i}` }),
  },
  databricks_service_principal_secret: {
    without: ["id", "service_principal_id", "create_time", "expire_time", "lifetime", "secret", "secret_hash", "status", "time_rotating"].concat(
      ["update_time"]), // prettier-ignore
    identityOf: (_i, { more }) => ({ service_principal_id: more.servicePrincipal }),
    maxCount: 1,
  },
  databricks_obo_token: {
    special: { lifetime_seconds: fc.integer({ min: 60, max: 9_999 }) },
    without: ["id", "application_id", "token_value"],
    identityOf: (_i, { more }) => ({ application_id: more.application }),
    maxCount: 2,
  },
  databricks_default_namespace_setting: settingRecipe(
    "namespace",
    word.map((value) => ({ value })),
  ),
  databricks_restrict_workspace_admins_setting: settingRecipe(
    "restrict_workspace_admins",
    fc.constantFrom("ALLOW_ALL", "RESTRICT_TOKENS_AND_JOB_RUN_AS").map((status) => ({ status })),
  ),
  databricks_automatic_cluster_update_workspace_setting: settingRecipe(
    "automatic_cluster_update_workspace",
    fc.record({ enabled: fc.boolean(), restart_even_if_no_updates_available: fc.boolean() }),
  ),
  databricks_disable_legacy_dbfs_setting: settingRecipe(
    "disable_legacy_dbfs",
    fc.boolean().map((value) => ({ value })),
  ),
  databricks_sql_global_config: {
    special: { security_policy: fc.constantFrom("DATA_ACCESS_CONTROL", "PASSTHROUGH", "NONE") },
    without: ["id", "instance_profile_arn", "google_service_account"],
    identityOf: () => ({}),
    maxCount: 1,
  },
  databricks_artifact_allowlist: {
    without: ["id", "artifact_type", "created_at", "created_by", "metastore_id"],
    blocks: mapValue(word, (name) => ({
      artifact_matcher: [{ artifact: `/Volumes/${name}`, match_type: "PREFIX_MATCH" }],
    })),
    identityOf: (i) => ({
      artifact_type: ["INIT_SCRIPT", "LIBRARY_JAR", "LIBRARY_MAVEN"][i] ?? "",
    }),
    maxCount: 3,
  },
  databricks_system_schema: {
    without: ["id", "schema"],
    identityOf: (i) => ({ schema: ["access", "billing", "compute"][i] ?? "" }),
    maxCount: 3,
  },
  databricks_metastore: {
    special: { storage_root: word.map((name) => `s3://bucket/${name}`) },
    without: [...securableExcluded, "cloud", "region", "global_metastore_id", "default_data_access_config_id", "storage_root_credential_id", "delta_sharing_scope"].concat(
      ["delta_sharing_recipient_token_lifetime_in_seconds"]), // prettier-ignore
    identityOf: (i) => ({ name: `metastore-${i}` }),
  },
  databricks_metastore_assignment: {
    special: { default_catalog_name: fc.constantFrom("base", "main") },
    without: ["id", "metastore_id", "workspace_id"],
    identityOf: (_i, { more }) => ({
      metastore_id: more.metastore,
      workspace_id: Number(more.workspace),
    }),
    maxCount: 1,
  },
  databricks_mlflow_webhook: {
    special: {
      status: fc.constantFrom("ACTIVE", "TEST_MODE", "DISABLED"),
      events: fc.constantFrom(
        ["COMMENT_CREATED"],
        ["MODEL_VERSION_CREATED", "REGISTERED_MODEL_CREATED"],
      ),
    },
    without: ["id", "description", "model_name"],
    blocks: mapValue(word, (name) => ({
      http_url_spec: [{ url: `https://hooks.example.com/${name}`, enable_ssl_verification: true }],
    })),
    identityOf: (i) => ({ description: `webhook ${i}` }),
  },
  databricks_vector_search_index: {
    special: { index_type: fc.constant("DIRECT_ACCESS") },
    without: ["id", "name", "endpoint_name", "creator", "status"],
    blocks: mapValue(word, (name) => ({
      direct_access_index_spec: [{ schema_json: JSON.stringify({ [name]: "string" }) }],
    })),
    identityOf: (i) => ({ name: `base.one.index_${i}`, endpoint_name: "base-endpoint" }),
  },
  databricks_online_table: {
    without: ["id", "name", "status", "table_serving_url", "unity_catalog_provisioning_state"],
    blocks: mapValue(word, (name) => ({
      spec: [
        {
          source_table_full_name: `base.one.${name}`,
          primary_key_columns: [name],
          run_continuously: [{}],
        },
      ],
    })),
    identityOf: (i) => ({ name: `base.one.online_${i}` }),
  },
  databricks_share: {
    without: ["id", "name", "owner", "storage_location", "effective_owner"].concat([
      "created_at",
      "created_by",
      "updated_at",
      "updated_by",
    ]),
    blocks: fc
      .uniqueArray(fc.constantFrom("docs", "watched", "watched_2"), { minLength: 1 })
      .map((tables) => ({
        object: tables.map((table) => ({
          name: `base.one.${table}`,
          data_object_type: "TABLE",
          comment: table,
        })),
      })),
    identityOf: (i) => ({ name: `share_${i}` }),
  },
  databricks_quality_monitor: monitorRecipe("watched"),
  databricks_lakehouse_monitor: monitorRecipe("watched_2"),
  databricks_app: {
    special: {
      compute_size: fc.constantFrom("MEDIUM", "LARGE"),
      user_api_scopes: fc.constantFrom(["sql"], ["sql", "files.files"]),
    },
    without: ["id", "name", "no_compute"],
    blocks: mapValue(word, (name) => ({
      resources: [{ name, sql_warehouse: { id: name, permission: "CAN_USE" } }],
    })),
    identityOf: (i) => ({ name: `random-app-${i}` }),
  },
  databricks_sql_table: {
    special: { properties: fc.dictionary(word, word, { maxKeys: 3 }) },
    without: [...securableExcluded, "cluster_id", "cluster_keys", "data_source_format", "options", "partitions", "storage_credential_name"].concat(
      ["table_id", "table_type", "view_definition", "warehouse_id", "effective_properties"]), // prettier-ignore
    blocks: fc
      .uniqueArray(word, { minLength: 1, maxLength: 3, selector: (name) => name.toLowerCase() })
      .map((names) => ({
        column: names.map((name) => ({ name, type: "string", comment: name })),
      })),
    identityOf: (i, { more }) => ({
      catalog_name: "base",
      schema_name: "two",
      name: `table_${i}`,
      warehouse_id: more.warehouse,
      ...(i % 2 === 0
        ? { table_type: "MANAGED" }
        : { table_type: "EXTERNAL", storage_location: `s3://bucket/table_${i}` }),
    }),
  },
};
