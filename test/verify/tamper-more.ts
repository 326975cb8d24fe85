/**
 * Changes of the newer kinds: identity, Unity Catalog, SQL, MLflow, pipelines and settings. Like
 * tamper.ts, this file uses only REST.
 */
import type { Lab } from "./harness";
import type { Fields, Json, Writable } from "./tamper";

const entries = "an entry can only be added and removed";

/** Kinds without a call that changes an object; more-kinds.test.ts deletes each. */
export const unchangeableMore: Readonly<Record<string, string>> = {
  databricks_group_member: entries,
  databricks_group_role: entries,
  databricks_user_role: entries,
  databricks_service_principal_role: entries,
  databricks_group_instance_profile: entries,
  databricks_user_instance_profile: entries,
  databricks_online_table: "REST has no call that changes an online table",
  databricks_vector_search_index: "REST has no call that changes an index",
  databricks_system_schema: "it can only be enabled and disabled",
  databricks_obo_token: "REST has no call that changes a token",
  databricks_service_principal_secret: "REST has no call that changes a secret of an account",
};

const list = (value: Json | undefined): Fields[] =>
  Array.isArray(value) ? (value as Fields[]) : [];
const identity = (response: Fields): Fields => response;

export function newerWritables({ client }: Lab): readonly Writable[] {
  const get = async (path: string, query: Record<string, string> = {}): Promise<Fields> =>
    (await client.get(path, { query })) as Fields;
  const budgetPath = async (id: string): Promise<string> =>
    `/api/2.1/accounts/${(await get("/.well-known/databricks-config"))["account_id"] as string}/budget-policies/${id}`;
  const scim = "/api/2.0/preview/scim/v2";
  const unity = "/api/2.1/unity-catalog";
  /** Removes empty and repeated entries, which have no meaning in a set. */
  const entitlementsOf = (response: Fields): Fields => {
    const found = list(response["entitlements"]).filter(
      ({ value }) => value !== undefined && value !== "",
    );
    return {
      ...response,
      entitlements: found.filter(
        ({ value }, index) => found.findIndex((other) => other["value"] === value) === index,
      ),
    };
  };
  const principal = (type: string, collection: string): Writable => ({
    type,
    read: async (id) => entitlementsOf(await get(`${scim}/${collection}/${id}`)),
    content: identity,
    write: (id, content) => client.put(`${scim}/${collection}/${id}`, content),
    // RFC 7643: the values of a multi-valued attribute have no order.
    sets: ["entitlements", "members", "groups", "roles", "emails"],
  });
  const securable = (
    type: string,
    collection: string,
    name = (id: string): string => id,
  ): Writable => ({
    type,
    read: (id) => get(`${unity}/${collection}/${name(id)}`),
    content: identity,
    write: (id, content) => client.patch(`${unity}/${collection}/${name(id)}`, content),
  });
  /** The workspaces that may use an isolated securable. */
  const bindingsOf = (type: string, segment: string): Writable => ({
    type,
    only: ({ isolation_mode }) => isolation_mode === "ISOLATION_MODE_ISOLATED",
    read: (id) => get(`${unity}/bindings/${segment}/${id}`),
    content: identity,
    write: (id, { bindings }, before) =>
      client.patch(`${unity}/bindings/${segment}/${id}`, {
        remove: before["bindings"],
        add: bindings,
      }),
  });
  const byPatch = (type: string, path: string, wrapper?: string): Writable => ({
    type,
    read: async (id) => {
      const response = await get(`${path}/${id}`);
      return wrapper === undefined ? response : (response[wrapper] as Fields);
    },
    content: identity,
    write: (id, content) => client.patch(`${path}/${id}`, content),
  });
  const monitor = (type: string): Writable => ({
    type,
    read: (table) => get(`${unity}/tables/${table}/monitor`),
    content: ({ dashboard_id: _made, ...rest }) => rest,
    write: (table, content) => client.put(`${unity}/tables/${table}/monitor`, content),
  });
  const sql = (type: string, collection: string, word: string): Writable => ({
    type,
    read: (id) => get(`/api/2.0/sql/${collection}/${id}`),
    content: identity,
    // The call fails if the mask contains a field that it cannot change.
    write: (id, content, before) => {
      const changed = [...new Set([...Object.keys(content), ...Object.keys(before)])].filter(
        (name) => JSON.stringify(content[name]) !== JSON.stringify(before[name]),
      );
      return client.patch(`/api/2.0/sql/${collection}/${id}`, {
        [word]: content,
        update_mask: ["display_name", ...changed].join(","),
      });
    },
  });
  /** A change must contain the fields and the current e-tag. */
  const setting = (type: string, name: string, mask: string): Writable => {
    const path = `/api/2.0/settings/types/${name}/names/default`;
    return {
      type,
      read: async () => get(path),
      content: ({ etag: _etag, setting_name: _name, ...values }) => values,
      write: async (_id, content) => {
        const { etag } = await get(path);
        return client.patch(path, {
          allow_missing: true,
          setting: { ...content, etag },
          field_mask: mask,
        });
      },
    };
  };
  /** Sets and deletes each tag with a separate call. */
  const writeTags = async (
    path: string,
    tagFields: Fields,
    before: Fields,
    after: Fields,
  ): Promise<void> => {
    const keys = new Set(list(after["tags"]).map(({ key }) => key));
    for (const { key } of list(before["tags"]))
      if (!keys.has(key))
        await client.exchange({
          method: "DELETE",
          path: `${path}/delete-tag`,
          body: { ...tagFields, key: key ?? null },
        });
    for (const tag of list(after["tags"]))
      await client.post(`${path}/set-tag`, { ...tagFields, ...tag });
  };
  return [
    principal("databricks_group", "Groups"),
    principal("databricks_user", "Users"),
    principal("databricks_service_principal", "ServicePrincipals"),
    {
      type: "databricks_entitlements",
      idOf: ({ service_principal_id }) => String(service_principal_id),
      sets: ["entitlements"],
      read: async (id) => {
        const { entitlements = [] } = entitlementsOf(await get(`${scim}/ServicePrincipals/${id}`));
        return { entitlements };
      },
      content: ({ entitlements }) => ({ entitlements: [...list(entitlements), { value: "" }] }),
      write: (id, { entitlements }) =>
        client.patch(`${scim}/ServicePrincipals/${id}`, {
          Operations: [{ op: "replace", path: "entitlements", value: entitlements }],
        }),
    },
    securable("databricks_external_location", "external-locations"),
    securable("databricks_storage_credential", "storage-credentials"),
    securable("databricks_credential", "credentials"),
    securable("databricks_connection", "connections", (id) => id.slice(id.indexOf("|") + 1)),
    securable("databricks_registered_model", "models"),
    securable("databricks_recipient", "recipients"),
    securable("databricks_provider", "providers"),
    byPatch("databricks_dashboard", "/api/2.0/lakeview/dashboards"),
    {
      type: "databricks_model_serving",
      read: async (name) => ({
        config: (await get(`/api/2.0/serving-endpoints/${name}`))["config"] ?? {},
      }),
      content: ({ config }) => ({ ...(config as Fields) }),
      write: (name, config) => client.put(`/api/2.0/serving-endpoints/${name}/config`, config),
    },
    {
      type: "databricks_model_serving",
      read: async (name) => ({
        tags: list((await get(`/api/2.0/serving-endpoints/${name}`))["tags"]),
      }),
      content: identity,
      write: (name, { tags }, before) => {
        const keys = new Set(list(tags).map(({ key }) => key));
        const removedKeys = list(before["tags"]).flatMap(({ key }) =>
          keys.has(key) ? [] : [key ?? null],
        );
        return client.patch(`/api/2.0/serving-endpoints/${name}/tags`, {
          add_tags: tags,
          delete_tags: removedKeys,
        });
      },
    },
    bindingsOf("databricks_external_location", "external_location"),
    bindingsOf("databricks_storage_credential", "storage_credential"),
    bindingsOf("databricks_credential", "credential"),
    {
      type: "databricks_workspace_binding",
      read: async (id) => {
        const [workspace, type, name] = id.split("|");
        const found = list((await get(`${unity}/bindings/${type}/${name}`))["bindings"]);
        return {
          bindings: found.filter(
            ({ workspace_id }) =>
              typeof workspace_id === "number" && `${workspace_id}` === workspace,
          ),
        };
      },
      content: identity,
      write: (id, { bindings }, before) => {
        const [, type, name] = id.split("|");
        return client.patch(`${unity}/bindings/${type}/${name}`, {
          remove: before["bindings"],
          add: bindings,
        });
      },
    },
    {
      type: "databricks_budget_policy",
      read: async (id) => get(await budgetPath(id)),
      content: identity,
      write: async (id, content) => client.patch(await budgetPath(id), content),
    },
    byPatch("databricks_ip_access_list", "/api/2.0/ip-access-lists", "ip_access_list"),
    byPatch("databricks_notification_destination", "/api/2.0/notification-destinations"),
    byPatch("databricks_global_init_script", "/api/2.0/global-init-scripts"),
    {
      type: "databricks_instance_profile",
      read: async (id) => {
        const found = list((await get("/api/2.0/instance-profiles/list"))["instance_profiles"]);
        return found.find(({ instance_profile_arn }) => instance_profile_arn === id) ?? {};
      },
      content: identity,
      write: (_id, content) => client.post("/api/2.0/instance-profiles/edit", content),
    },
    {
      type: "databricks_workspace_conf",
      read: () => get("/api/2.0/workspace-conf", { keys: "enableDcs" }),
      content: identity,
      write: (_id, content) => client.patch("/api/2.0/workspace-conf", content),
    },
    sql("databricks_query", "queries", "query"),
    sql("databricks_alert", "alerts", "alert"),
    {
      type: "databricks_mlflow_experiment",
      read: async (experiment_id) =>
        (await get("/api/2.0/mlflow/experiments/get", { experiment_id }))["experiment"] as Fields,
      content: identity,
      write: async (experiment_id, { name, tags }) => {
        await client.post("/api/2.0/mlflow/experiments/update", { experiment_id, new_name: name });
        for (const tag of list(tags))
          await client.post("/api/2.0/mlflow/experiments/set-experiment-tag", {
            experiment_id,
            ...tag,
          });
      },
    },
    {
      type: "databricks_mlflow_model",
      read: async (name) => {
        const response = await get("/api/2.0/mlflow/databricks/registered-models/get", { name });
        return response["registered_model_databricks"] as Fields;
      },
      content: identity,
      write: async (name, content, before) => {
        await client.patch("/api/2.0/mlflow/registered-models/update", { ...content, name });
        await writeTags("/api/2.0/mlflow/registered-models", { name }, before, content);
      },
    },
    {
      type: "databricks_pipeline",
      read: (id) => get(`/api/2.0/pipelines/${id}`),
      content: ({ spec }) => spec as Fields,
      write: (id, content) => client.put(`/api/2.0/pipelines/${id}`, content),
    },
    setting("databricks_default_namespace_setting", "default_namespace_ws", "namespace"),
    setting(
      "databricks_restrict_workspace_admins_setting",
      "restrict_workspace_admins",
      "restrict_workspace_admins",
    ),
    setting(
      "databricks_automatic_cluster_update_workspace_setting",
      "automatic_cluster_update",
      "automatic_cluster_update_workspace",
    ),
    setting("databricks_disable_legacy_dbfs_setting", "disable_legacy_dbfs", "disable_legacy_dbfs"),
    {
      type: "databricks_sql_global_config",
      read: () => get("/api/2.0/sql/config/warehouses"),
      content: identity,
      write: (_id, content) => client.put("/api/2.0/sql/config/warehouses", content),
      sets: ["data_access_config", "sql_configuration_parameters"],
    },
    {
      type: "databricks_artifact_allowlist",
      read: (id) => get(`${unity}/artifact-allowlists/${id.slice(id.indexOf("|") + 1)}`),
      content: identity,
      write: (id, content) =>
        client.put(`${unity}/artifact-allowlists/${id.slice(id.indexOf("|") + 1)}`, content),
    },
    securable("databricks_metastore", "metastores"),
    {
      type: "databricks_share",
      read: (name) => get(`${unity}/shares/${name}`, { include_shared_data: "true" }),
      content: identity,
      write: (name, { objects, ...content }, before) => {
        const action = (word: string) => (data_object: Fields) => ({ action: word, data_object });
        const updates = [
          ...list(before["objects"]).map(action("REMOVE")),
          ...list(objects).map(action("ADD")),
        ];
        return client.patch(`${unity}/shares/${name}`, { ...content, updates });
      },
    },
    {
      type: "databricks_sql_table",
      read: (id) => get(`${unity}/tables/${id}`),
      content: ({ comment, properties }) => ({
        comment: comment ?? "",
        properties: (properties as Fields | undefined) ?? {},
      }),
      write: async (id, { comment, properties }, before) => {
        const text = (value: Json | undefined): string =>
          `'${typeof value === "string" ? value : JSON.stringify(value ?? "")}'`;
        const set = Object.entries((properties ?? {}) as Fields).map(
          ([key, value]) => `'${key}' = ${text(value)}`,
        );
        const removedKeys = Object.keys(before["properties"] as Fields).map((key) => `'${key}'`);
        const [warehouse] = list((await get("/api/2.0/sql/warehouses"))["warehouses"]);
        const run = (statement: string): Promise<unknown> =>
          client.post("/api/2.0/sql/statements", {
            statement,
            warehouse_id: warehouse?.["id"] ?? "",
          });
        await run(`COMMENT ON TABLE ${id} IS ${text(comment)}`);
        if (removedKeys.length > 0)
          await run(`ALTER TABLE ${id} UNSET TBLPROPERTIES IF EXISTS (${removedKeys.join(", ")})`);
        if (set.length > 0) await run(`ALTER TABLE ${id} SET TBLPROPERTIES (${set.join(", ")})`);
      },
    },
    monitor("databricks_quality_monitor"),
    monitor("databricks_lakehouse_monitor"),
    {
      ...byPatch("databricks_app", "/api/2.0/apps"),
      idOf: ({ name }) => String(name),
      sets: ["user_api_scopes", "effective_user_api_scopes"],
    },
    {
      type: "databricks_metastore_assignment",
      read: () => get(`${unity}/current-metastore-assignment`),
      content: identity,
      write: (id, content) =>
        client.patch(`${unity}/workspaces/${id.slice(0, id.indexOf("|"))}/metastore`, content),
    },
    {
      type: "databricks_mlflow_webhook",
      read: async (id) =>
        list((await get("/api/2.0/mlflow/registry-webhooks/list"))["webhooks"]).find(
          (item) => item["id"] === id,
        ) ?? {},
      content: identity,
      write: (id, content) =>
        client.patch("/api/2.0/mlflow/registry-webhooks/update", { ...content, id }),
    },
    {
      type: "databricks_vector_search_endpoint",
      read: (name) => get(`/api/2.0/vector-search/endpoints/${name}`),
      content: ({ effective_budget_policy_id }) => ({
        budget_policy_id: effective_budget_policy_id ?? "",
      }),
      write: (name, content) =>
        client.patch(`/api/2.0/vector-search/endpoints/${name}/budget-policy`, content),
    },
  ];
}
