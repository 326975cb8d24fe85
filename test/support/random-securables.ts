/** Recipes for random configurations of Unity Catalog; random-kinds.ts explains them. */
import fc from "fast-check";
import { mapValue, word } from "./random-fields";
import type { Recipe } from "./random-kinds";

const securableExcluded = [
  "id",
  "name",
  "metastore_id",
  "skip_validation",
  "force_destroy",
  "force_update",
  "catalog_name",
  "schema_name",
  "storage_location",
  "browse_only",
  "created_at",
  "created_by",
  "updated_at",
  "updated_by",
  "full_name",
  "owner",
];
const isolation = { isolation_mode: fc.constant("ISOLATION_MODE_OPEN") };
export const role = (name: string): string => `arn:aws:iam::123456789012:role/${name}`;

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

export const securableRecipes: Readonly<Record<string, Recipe>> = {
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
    without: [
      ...securableExcluded,
      "cloud",
      "region",
      "global_metastore_id",
      "default_data_access_config_id",
      "storage_root_credential_id",
      "delta_sharing_scope",
      "delta_sharing_recipient_token_lifetime_in_seconds",
    ],
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
    without: [
      "id",
      "name",
      "owner",
      "storage_location",
      "effective_owner",
      "created_at",
      "created_by",
      "updated_at",
      "updated_by",
    ],
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
  databricks_sql_table: {
    special: { properties: fc.dictionary(word, word, { maxKeys: 3 }) },
    without: [
      ...securableExcluded,
      "cluster_id",
      "cluster_keys",
      "data_source_format",
      "options",
      "partitions",
      "storage_credential_name",
      "table_id",
      "table_type",
      "view_definition",
      "warehouse_id",
      "effective_properties",
    ],
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
