/**
 * Recipes for random configurations of identity, SQL, MLflow and workspace settings;
 * random-kinds.ts explains them.
 */
import fc from "fast-check";
import { mapValue, word } from "./random-fields";
import type { JsonObject } from "./replay-format";
import type { MorePrerequisites } from "./more-kinds";
import type { Recipe } from "./random-kinds";
import { role, securableRecipes } from "./random-securables";

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
const profile = (name: string): string => `arn:aws:iam::123456789012:instance-profile/${name}`;
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

export const moreRecipes: Readonly<Record<string, Recipe>> = {
  ...securableRecipes,
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
    without: [
      "id",
      "name",
      "storage",
      "catalog",
      "schema",
      "target",
      "cause",
      "cluster_id",
      "creator_user_name",
      "health",
      "state",
      "url",

      "last_modified",
      "run_as_user_name",
      "expected_last_modified",
      "allow_duplicate_names",
      "continuous",
      "root_path",
    ],
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
    without: [
      "id",
      "create_time",
      "dashboard_change_detected",
      "dashboard_id",
      "display_name",
      "etag",
      "file_path",
      "lifecycle_state",
      "md5",
      "parent_path",
      "path",
      "update_time",
    ],
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
  databricks_service_principal_secret: {
    without: [
      "id",
      "service_principal_id",
      "create_time",
      "expire_time",
      "lifetime",
      "secret",
      "secret_hash",
      "status",
      "time_rotating",
      "update_time",
    ],
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
};
