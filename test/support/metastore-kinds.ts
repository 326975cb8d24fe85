/**
 * Samples of settings, the metastore and objects that serve tables: as in every-kind.ts, samples do
 * not refer to each other.
 */
import type { Sample } from "./every-kind";
import type { MorePrerequisites } from "./more-kinds";
import type { JsonObject } from "./replay-format";

const uc = "/api/2.1/unity-catalog";
const noRemoval = (): Promise<void> => Promise.resolve();

export function metastoreKinds({
  metastore,
  workspace,
  warehouse,
}: MorePrerequisites): readonly Sample[] {
  /** Returns the sample of a setting, whose changes must contain the current e-tag. */
  const setting = (
    type: string,
    name: string,
    mask: string,
    [firstValue, secondValue, otherValue]: readonly JsonObject[],
    more?: Partial<Sample>,
  ): Sample => {
    const path = `/api/2.0/settings/types/${name}/names/default`;
    const [block = ""] = mask.split(".");
    return {
      type,
      config: { [block]: [firstValue ?? {}] },
      update: { [block]: [secondValue ?? {}] },
      drift: {
        change: async (stack) => {
          const { etag = "", [block]: current = {} } = await stack.call("GET", path);
          const changed =
            [otherValue, firstValue, secondValue].find(
              (value) => JSON.stringify(value) !== JSON.stringify(current),
            ) ?? {};
          const setting = { [block]: changed, etag, setting_name: "default" };
          await stack.call("PATCH", path, { allow_missing: true, setting, field_mask: mask });
        },
        action: "update",
      },
      remove: noRemoval,
      existsWithParent: true,
      ...more,
    };
  };
  const namespacePath = "/api/2.0/settings/types/default_namespace_ws/names/default";
  return [
    setting(
      "databricks_default_namespace_setting",
      "default_namespace_ws",
      "namespace.value",
      [{ value: "main" }, { value: "base" }, { value: "x" }],
      {
        existsWithParent: undefined,
        remove: async (stack) => {
          const { etag } = await stack.call("GET", namespacePath);
          await stack.call("DELETE", `${namespacePath}?etag=${encodeURIComponent(etag as string)}`);
        },
      },
    ),
    setting(
      "databricks_restrict_workspace_admins_setting",
      "restrict_workspace_admins",
      "restrict_workspace_admins.status",
      [
        { status: "RESTRICT_TOKENS_AND_JOB_RUN_AS" },
        { status: "ALLOW_ALL" },
        { status: "RESTRICT_TOKENS_AND_JOB_RUN_AS" },
      ],
    ),
    setting(
      "databricks_automatic_cluster_update_workspace_setting",
      "automatic_cluster_update",
      "automatic_cluster_update_workspace.enabled",
      [
        { enabled: true },
        { enabled: true, restart_even_if_no_updates_available: true },
        { enabled: false },
      ],
    ),
    setting(
      "databricks_disable_legacy_dbfs_setting",
      "disable_legacy_dbfs",
      "disable_legacy_dbfs.value",
      [{ value: true }, { value: false }, { value: true }],
    ),
    {
      type: "databricks_sql_global_config",
      config: {
        data_access_config: { "spark.sql.session.timeZone": "UTC" },
        sql_config_params: { ANSI_MODE: "true" },
      },
      update: {
        data_access_config: { "spark.sql.session.timeZone": "CET" },
        security_policy: "PASSTHROUGH",
      },
      drift: {
        change: (stack) =>
          stack.call("PUT", "/api/2.0/sql/config/warehouses", {
            security_policy: "NONE",
            data_access_config: [],
          }),
        action: "update",
      },
      remove: noRemoval,
      existsWithParent: true,
      planAfterImport: { action: "update", reason: "the parameters are not read" },
    },
    {
      type: "databricks_artifact_allowlist",
      config: {
        artifact_type: "INIT_SCRIPT",
        artifact_matcher: [{ artifact: "/Volumes/base/one", match_type: "PREFIX_MATCH" }],
      },
      update: { artifact_matcher: [{ artifact: "/Volumes/base/two", match_type: "PREFIX_MATCH" }] },
      replace: { artifact_type: "LIBRARY_JAR" },
      drift: {
        change: (stack, { artifact_type }) =>
          stack.call("PUT", `${uc}/artifact-allowlists/${artifact_type ?? ""}`, {
            artifact_matchers: [],
          }),
        action: "update",
      },
      remove: noRemoval,
      existsWithParent: true,
    },
    {
      type: "databricks_system_schema",
      config: { schema: "access" },
      remove: (stack, { id = "" }) =>
        stack.call(
          "DELETE",
          `${uc}/metastores/${metastore}/systemschemas/${id.slice(id.indexOf("|") + 1)}`,
        ),
    },
    {
      type: "databricks_metastore",
      config: { name: "sample-metastore", region: "eu-west-1", storage_root: "s3://bucket/meta" },
      update: {
        name: "sample-metastore-2",
        delta_sharing_scope: "INTERNAL_AND_EXTERNAL",
        delta_sharing_recipient_token_lifetime_in_seconds: 60,
      },
      replace: { storage_root: "s3://bucket/other" },
      drift: {
        change: (stack, { id }) =>
          stack.call("PATCH", `${uc}/metastores/${id ?? ""}`, {
            delta_sharing_recipient_token_lifetime_in_seconds: 9,
          }),
        action: "update",
      },
      remove: (stack, { id }) => stack.call("DELETE", `${uc}/metastores/${id ?? ""}`),
    },
    {
      type: "databricks_metastore_assignment",
      config: {
        workspace_id: Number(workspace),
        metastore_id: metastore,
        default_catalog_name: "base",
      },
      update: { default_catalog_name: "main" },
      drift: {
        change: (stack) =>
          stack.call("PATCH", `${uc}/workspaces/${workspace}/metastore`, {
            default_catalog_name: "isolated",
          }),
        action: "update",
      },
      remove: noRemoval,
      existsWithParent: true,
    },
    {
      type: "databricks_mlflow_webhook",
      config: {
        events: ["MODEL_VERSION_CREATED"],
        description: "sample",
        status: "ACTIVE",
        http_url_spec: [
          {
            url: "https://hooks.example.com/a",
            authorization: "Bearer s3cret-h",
            secret: "s3cret-w",
          },
        ],
      },
      update: { events: ["MODEL_VERSION_CREATED", "COMMENT_CREATED"], description: "sample 2" },
      replace: { model_name: "churn" },
      drift: {
        change: (stack, { id }) =>
          stack.call("PATCH", "/api/2.0/mlflow/registry-webhooks/update", {
            id: id ?? "",
            status: "DISABLED",
          }),
        action: "update",
      },
      remove: (stack, { id }) =>
        stack.call("DELETE", `/api/2.0/mlflow/registry-webhooks/delete?id=${id ?? ""}`),
      unverifiable: ["http_url_spec.authorization", "http_url_spec.secret"],
      planAfterImport: { action: "update", reason: "the secrets are not read" },
    },
    {
      type: "databricks_sql_table",
      config: {
        catalog_name: "base",
        schema_name: "one",
        name: "sample_table",
        table_type: "MANAGED",
        warehouse_id: warehouse,
        comment: "one",
        properties: { team: "data", "delta.appendOnly": "true" },
        cluster_keys: ["id"],
        column: [
          { name: "id", type: "long", nullable: false, identity: "always" },
          { name: "price", type: "DECIMAL(10, 2)", comment: "it's in euros" },
        ],
      },
      update: {
        comment: "two",
        properties: { team: "ml" },
        column: [
          { name: "id", type: "bigint", nullable: true, identity: "always" },
          { name: "net_price", type: "decimal(10,2)", comment: "net" },
        ],
      },
      replace: { schema_name: "two" },
      drift: {
        change: async (stack, { id }) => {
          for (const statement of [
            `COMMENT ON TABLE ${id ?? ""} IS 'x'`,
            `ALTER TABLE ${id ?? ""} SET TBLPROPERTIES ('team' = 'x')`,
          ])
            await stack.call("POST", "/api/2.0/sql/statements", {
              statement,
              warehouse_id: warehouse,
            });
        },
        action: "update",
      },
      remove: (stack, { id }) => stack.call("DELETE", `${uc}/tables/${id ?? ""}`),
      planAfterImport: { action: "update", reason: "properties and keys are in other fields" },
    },
    {
      type: "databricks_share",
      config: {
        name: "sample-share",
        comment: "one",
        object: [
          { name: "base.one.docs", data_object_type: "TABLE", comment: "documents" },
          {
            name: "base.one.watched",
            data_object_type: "TABLE",
            history_data_sharing_status: "ENABLED",
          },
        ],
      },
      update: {
        comment: "two",
        object: [
          {
            name: "base.one.watched",
            data_object_type: "TABLE",
            history_data_sharing_status: "ENABLED",
            start_version: 1,
          },
          {
            name: "base.one.watched_2",
            data_object_type: "TABLE",
            partition: [{ value: [{ name: "country", op: "EQUAL", value: "DE" }] }],
          },
        ],
      },
      replace: { name: "sample-share-2" },
      drift: {
        change: (stack, { name }) =>
          stack.call("PATCH", `${uc}/shares/${name ?? ""}`, {
            updates: [
              {
                action: "REMOVE",
                data_object: { name: "base.one.watched", data_object_type: "TABLE" },
              },
            ],
          }),
        action: "update",
      },
      remove: (stack, { name }) => stack.call("DELETE", `${uc}/shares/${name ?? ""}`),
      planAfterImport: { action: "refused", reason: "as in the official provider 1.99.0" },
    },
    ...(["quality", "lakehouse"] as const).map((monitorType, i): Sample => {
      const monitor = (
        stack: Parameters<Sample["remove"]>[0],
        method: string,
        body?: JsonObject,
      ): Promise<unknown> =>
        stack.call(method, `${uc}/tables/base.one.watched${i === 0 ? "" : "_2"}/monitor`, body);
      return {
        type: `databricks_${monitorType}_monitor`,
        config: {
          table_name: `base.one.watched${i === 0 ? "" : "_2"}`,
          assets_dir: "/Shared/monitors",
          output_schema_name: "base.one",
          snapshot: [{}],
          slicing_exprs: ["country"],
          notifications: [{ on_failure: [{ email_addresses: ["team@example.com"] }] }],
        },
        update: {
          schedule: [{ quartz_cron_expression: "0 0 8 * * ?", timezone_id: "UTC" }],
          slicing_exprs: ["city"],
        },
        replace: { assets_dir: "/Shared/others" },
        drift: {
          change: (stack) =>
            monitor(stack, "PUT", { output_schema_name: "base.two", snapshot: {} }),
          action: "update",
        },
        remove: (stack) => monitor(stack, "DELETE"),
      };
    }),
    {
      type: "databricks_app",
      config: {
        name: "sample-app",
        description: "one",
        resources: [
          { name: "warehouse", sql_warehouse: { id: "w1", permission: "CAN_USE" } },
          { name: "key", secret: { scope: "base", key: "k", permission: "READ" } },
        ],
      },
      update: {
        description: "two",
        resources: [{ name: "warehouse", sql_warehouse: { id: "w1", permission: "CAN_MANAGE" } }],
      },
      replace: { name: "sample-app-2" },
      drift: {
        change: (stack, { name }) =>
          stack.call("PATCH", `/api/2.0/apps/${name ?? ""}`, { description: "x" }),
        action: "update",
      },
      remove: (stack, { name }) => stack.call("DELETE", `/api/2.0/apps/${name ?? ""}`),
      importIdField: "name",
    },
    {
      type: "databricks_vector_search_index",
      config: {
        name: "base.one.sample_index",
        endpoint_name: "base-endpoint",
        primary_key: "id",
        index_type: "DELTA_SYNC",
        delta_sync_index_spec: [
          {
            source_table: "base.one.docs",
            pipeline_type: "TRIGGERED",
            embedding_vector_columns: [{ name: "v", embedding_dimension: 8 }],
          },
        ],
      },
      replace: { primary_key: "key" },
      remove: (stack, { id }) => stack.call("DELETE", `/api/2.0/vector-search/indexes/${id ?? ""}`),
    },
    {
      type: "databricks_online_table",
      config: {
        name: "base.one.sample_online",
        spec: [
          {
            source_table_full_name: "base.one.docs",
            primary_key_columns: ["id"],
            run_triggered: [{}],
          },
        ],
      },
      replace: { name: "base.one.sample_online_2" },
      remove: (stack, { id }) => stack.call("DELETE", `/api/2.0/online-tables/${id ?? ""}`),
    },
  ];
}
