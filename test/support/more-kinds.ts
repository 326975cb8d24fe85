/**
 * Samples of identity, Unity Catalog, SQL, MLflow and workspace settings. As in every-kind.ts,
 * samples do not refer to each other.
 */
import type { Sample } from "./every-kind";
import { latestKinds } from "./latest-kinds";
import { metastoreKinds } from "./metastore-kinds";
import type { Caller } from "./stack";

export interface MorePrerequisites {
  readonly group: string;
  readonly user: string;
  readonly servicePrincipal: string;
  /** The application id of the service principal. */
  readonly application: string;
  readonly metastore: string;
  /** The id of the workspace as a string of digits. */
  readonly workspace: string;
  readonly warehouse: string;
}

/** Empty prerequisites for tests that only count kinds and need no workspace. */
export const noPrerequisites: MorePrerequisites = {
  group: "",
  user: "",
  servicePrincipal: "",
  application: "",
  metastore: "",
  workspace: "",
  warehouse: "",
};

const scim = "/api/2.0/preview/scim/v2";
const uc = "/api/2.1/unity-catalog";
const role = "arn:aws:iam::123456789012:role/base";
const profile = (name: string): string => `arn:aws:iam::123456789012:instance-profile/${name}`;
const base64 = (text: string): string => Buffer.from(text).toString("base64");

/** Creates the samples' prerequisites in addition to `prepare` of every-kind.ts. */
export async function prepareMore(stack: Caller): Promise<MorePrerequisites> {
  const create = (path: string, body: Parameters<Caller["call"]>[2]): ReturnType<Caller["call"]> =>
    stack.call("POST", `${scim}/${path}`, body);
  const createWithId = async (...args: Parameters<typeof create>): Promise<string> =>
    (await create(...args))["id"] as string;
  const group = await createWithId("Groups", { displayName: "holder" });
  const user = await createWithId("Users", { userName: "member@example.com" });
  const principal = await create("ServicePrincipals", { displayName: "holder" });
  const [servicePrincipal, application] = [
    principal["id"] as string,
    principal["applicationId"] as string,
  ];
  await stack.call("POST", `${uc}/storage-credentials`, {
    name: "base_credential",
    aws_iam_role: { role_arn: role },
  });
  await stack.call("POST", `${uc}/catalogs`, { name: "isolated" });
  await stack.call("PATCH", `${uc}/catalogs/isolated`, { isolation_mode: "ISOLATED" });
  for (const name of ["docs", "watched", "watched_2"])
    await stack.call("POST", `${uc}/tables`, {
      catalog_name: "base",
      schema_name: "one",
      name,
      columns: [],
    });
  await stack.call("POST", "/api/2.0/vector-search/endpoints", {
    name: "base-endpoint",
    endpoint_type: "STANDARD",
  });
  const warehouse = (
    await stack.call("POST", "/api/2.0/sql/warehouses", { name: "base", cluster_size: "Small" })
  )["id"] as string;
  const assignment = (await stack.call("GET", `${uc}/current-metastore-assignment`)) as {
    metastore_id: string;
    workspace_id: number;
  };
  return {
    group,
    user,
    servicePrincipal,
    application,
    metastore: assignment.metastore_id,
    workspace: String(assignment.workspace_id),
    warehouse,
  };
}

const operations = (op: string, path: string, value?: string) => ({
  Operations: [{ op, path, ...(value !== undefined && { value: [{ value }] }) }],
});

export function moreKinds(prerequisites: MorePrerequisites): readonly Sample[] {
  const { group, user, servicePrincipal } = prerequisites;
  const roleSample = (
    type: string,
    collection: string,
    ownerAttribute: string,
    ownerId: string,
    listAttribute: string,
    heldAttribute: string,
    values: readonly string[],
  ): Sample => ({
    type,
    config: { [ownerAttribute]: ownerId, [heldAttribute]: values[0] ?? "" },
    replace: { [heldAttribute]: values[1] ?? "" },
    remove: (stack, attributes) =>
      stack.call(
        "PATCH",
        `${scim}/${collection}/${ownerId}`,
        operations("remove", `${listAttribute}[value eq "${attributes[heldAttribute] ?? ""}"]`),
      ),
  });
  return [
    ...latestKinds(prerequisites),
    ...metastoreKinds(prerequisites),
    {
      type: "databricks_group",
      config: { display_name: "sample-group", workspace_access: true },
      update: { display_name: "sample-group-2", allow_cluster_create: true },
      replace: { external_id: "from-elsewhere" },
      drift: {
        change: (stack, { id }) =>
          stack.call(
            "PATCH",
            `${scim}/Groups/${id ?? ""}`,
            operations("add", "entitlements", "databricks-sql-access"),
          ),
        action: "update",
      },
      remove: (stack, { id }) => stack.call("DELETE", `${scim}/Groups/${id ?? ""}`),
    },
    {
      type: "databricks_user",
      config: { user_name: "sample@example.com", display_name: "Sample" },
      update: { display_name: "Sample 2", workspace_access: true },
      replace: { user_name: "other@example.com" },
      drift: {
        change: (stack, { id }) =>
          stack.call("PATCH", `${scim}/Users/${id ?? ""}`, {
            Operations: [{ op: "replace", path: "active", value: false }],
          }),
        action: "update",
      },
      remove: (stack, { id }) => stack.call("DELETE", `${scim}/Users/${id ?? ""}`),
    },
    {
      type: "databricks_service_principal",
      config: { display_name: "sample-principal" },
      update: { display_name: "sample-principal-2", databricks_sql_access: true },
      drift: {
        change: (stack, { id }) =>
          stack.call("PATCH", `${scim}/ServicePrincipals/${id ?? ""}`, {
            Operations: [{ op: "replace", path: "displayName", value: "x" }],
          }),
        action: "update",
      },
      remove: (stack, { id }) => stack.call("DELETE", `${scim}/ServicePrincipals/${id ?? ""}`),
    },
    roleSample("databricks_group_member", "Groups", "group_id", group, "members", "member_id", [
      user,
      servicePrincipal,
    ]),
    roleSample("databricks_group_role", "Groups", "group_id", group, "roles", "role", [
      profile("a"),
      profile("b"),
    ]),
    roleSample("databricks_user_role", "Users", "user_id", user, "roles", "role", [
      profile("a"),
      profile("b"),
    ]),
    roleSample(
      "databricks_service_principal_role",
      "ServicePrincipals",
      "service_principal_id",
      servicePrincipal,
      "roles",
      "role",
      [profile("a"), profile("b")],
    ),
    roleSample(
      "databricks_group_instance_profile",
      "Groups",
      "group_id",
      group,
      "roles",
      "instance_profile_id",
      [profile("c"), profile("d")],
    ),
    roleSample(
      "databricks_user_instance_profile",
      "Users",
      "user_id",
      user,
      "roles",
      "instance_profile_id",
      [profile("c"), profile("d")],
    ),
    {
      type: "databricks_entitlements",
      config: { service_principal_id: servicePrincipal, workspace_access: true },
      update: { allow_cluster_create: true },
      drift: {
        change: (stack, { id = "" }) =>
          stack.call(
            "PATCH",
            `${scim}/${id.startsWith("spn/") ? "ServicePrincipals" : "Users"}/${id.slice(id.indexOf("/") + 1)}`,
            operations("add", "entitlements", "databricks-sql-access"),
          ),
        action: "update",
      },
      remove: () => Promise.resolve(),
      existsWithParent: true,
    },
    {
      type: "databricks_pipeline",
      config: {
        name: "sample-pipeline",
        catalog: "base",
        schema: "one",
        library: [{ notebook: [{ path: "/Shared/a" }] }],
        cluster: [{ label: "default", num_workers: 1 }],
        configuration: { team: "data" },
      },
      update: { configuration: { team: "ml" }, development: true },
      drift: {
        change: (stack, { id }) =>
          stack.call("PUT", `/api/2.0/pipelines/${id ?? ""}`, {
            name: "sample-pipeline",
            catalog: "base",
            schema: "one",
            libraries: [{ notebook: { path: "/Shared/b" } }],
            clusters: [{ label: "default", num_workers: 1 }],
          }),
        action: "update",
      },
      remove: (stack, { id }) => stack.call("DELETE", `/api/2.0/pipelines/${id ?? ""}`),
    },
    {
      type: "databricks_vector_search_endpoint",
      config: { name: "sample-endpoint", endpoint_type: "STANDARD" },
      replace: { endpoint_type: "STORAGE_OPTIMIZED" },
      remove: (stack, { id }) =>
        stack.call("DELETE", `/api/2.0/vector-search/endpoints/${id ?? ""}`),
    },
    {
      type: "databricks_workspace_conf",
      config: { custom_config: { enableIpAccessLists: "true", maxTokenLifetimeDays: "90" } },
      update: { custom_config: { enableIpAccessLists: "true", enableDcs: "true" } },
      drift: {
        change: (stack) =>
          stack.call("PATCH", "/api/2.0/workspace-conf", { enableIpAccessLists: "false" }),
        action: "update",
      },
      remove: () => Promise.resolve(),
      existsWithParent: true,
      planAfterImport: { action: "update", reason: "which settings the code sets is not known" },
    },
    {
      type: "databricks_credential",
      config: {
        name: "sample_service",
        purpose: "SERVICE",
        aws_iam_role: [{ role_arn: role }],
        comment: "one",
      },
      update: { comment: "two" },
      drift: {
        change: (stack, { id }) =>
          stack.call("PATCH", `${uc}/credentials/${id ?? ""}`, { comment: "x" }),
        action: "update",
      },
      remove: (stack, { id }) => stack.call("DELETE", `${uc}/credentials/${id ?? ""}`),
    },
    {
      type: "databricks_storage_credential",
      config: { name: "sample_credential", aws_iam_role: [{ role_arn: role }], comment: "one" },
      update: { comment: "two", read_only: true },
      replace: { name: "sample_credential_2" },
      drift: {
        change: (stack, { id }) =>
          stack.call("PATCH", `${uc}/storage-credentials/${id ?? ""}`, { comment: "x" }),
        action: "update",
      },
      remove: (stack, { id }) => stack.call("DELETE", `${uc}/storage-credentials/${id ?? ""}`),
    },
    {
      type: "databricks_external_location",
      config: {
        name: "sample_location",
        url: "s3://bucket/sample",
        credential_name: "base_credential",
        comment: "one",
        read_only: true,
      },
      update: { comment: "two", url: "s3://bucket/other" },
      replace: { name: "sample_location_2" },
      drift: {
        change: (stack, { id }) =>
          stack.call("PATCH", `${uc}/external-locations/${id ?? ""}`, { comment: "x" }),
        action: "update",
      },
      remove: (stack, { id }) => stack.call("DELETE", `${uc}/external-locations/${id ?? ""}`),
    },
    {
      type: "databricks_connection",
      config: {
        name: "sample_connection",
        connection_type: "POSTGRESQL",
        options: { host: "db.example.com", port: "5432", user: "reader", password: "s3cret-c" },
        comment: "one",
      },
      unverifiable: ["options[password]", "options[user]"],
      update: {
        options: { host: "db2.example.com", port: "5432", user: "reader", password: "s3cret-c" },
      },
      replace: { comment: "two" },
      drift: {
        change: (stack, { name }) =>
          stack.call("PATCH", `${uc}/connections/${name ?? ""}`, {
            options: { host: "elsewhere", port: "5432", user: "reader", password: "x" },
          }),
        action: "update",
      },
      remove: (stack, { name }) => stack.call("DELETE", `${uc}/connections/${name ?? ""}`),
      planAfterImport: { action: "update", reason: "user and password are not read" },
    },
    {
      type: "databricks_registered_model",
      config: { catalog_name: "base", schema_name: "one", name: "sample_model", comment: "one" },
      update: { comment: "two" },
      replace: { name: "sample_model_2" },
      drift: {
        change: (stack, { id }) =>
          stack.call("PATCH", `${uc}/models/${id ?? ""}`, { comment: "x" }),
        action: "update",
      },
      remove: (stack, { id }) => stack.call("DELETE", `${uc}/models/${id ?? ""}`),
    },
    {
      type: "databricks_workspace_binding",
      config: { securable_name: "isolated", securable_type: "catalog", workspace_id: 42 },
      replace: { binding_type: "BINDING_TYPE_READ_ONLY" },
      remove: (stack) =>
        stack.call("PATCH", `${uc}/bindings/catalog/isolated`, { remove: [{ workspace_id: 42 }] }),
    },
    {
      type: "databricks_ip_access_list",
      config: { label: "office", list_type: "ALLOW", ip_addresses: ["1.2.3.0/24", "5.6.7.8"] },
      update: { ip_addresses: ["1.2.3.0/24"], enabled: false },
      drift: {
        change: (stack, { id }) =>
          stack.call("PATCH", `/api/2.0/ip-access-lists/${id ?? ""}`, { list_type: "BLOCK" }),
        action: "update",
      },
      remove: (stack, { id }) => stack.call("DELETE", `/api/2.0/ip-access-lists/${id ?? ""}`),
    },
    {
      type: "databricks_notification_destination",
      config: {
        display_name: "team-mail",
        config: [{ email: [{ addresses: ["team@example.com"] }] }],
      },
      update: { display_name: "team-mail-2" },
      drift: {
        change: (stack, { id }) =>
          stack.call("PATCH", `/api/2.0/notification-destinations/${id ?? ""}`, {
            display_name: "x",
          }),
        action: "update",
      },
      remove: (stack, { id }) =>
        stack.call("DELETE", `/api/2.0/notification-destinations/${id ?? ""}`),
    },
    {
      type: "databricks_global_init_script",
      config: { name: "sample-script", content_base64: base64("echo one\n") },
      update: { content_base64: base64("echo two\n"), enabled: true },
      drift: {
        change: (stack, { id }) =>
          stack.call("PATCH", `/api/2.0/global-init-scripts/${id ?? ""}`, { name: "x" }),
        action: "update",
      },
      driftForVerify: (stack, { id }) =>
        stack.call("PATCH", `/api/2.0/global-init-scripts/${id ?? ""}`, {
          script: base64("echo else\n"),
        }),
      remove: (stack, { id }) => stack.call("DELETE", `/api/2.0/global-init-scripts/${id ?? ""}`),
      planAfterImport: { action: "update", reason: "the content is not read" },
    },
    {
      type: "databricks_instance_profile",
      config: { instance_profile_arn: profile("sample") },
      update: { iam_role_arn: role },
      drift: {
        change: (stack, { id }) =>
          stack.call("POST", "/api/2.0/instance-profiles/edit", {
            instance_profile_arn: id ?? "",
            iam_role_arn: `${role}-x`,
          }),
        action: "update",
      },
      remove: (stack, { id }) =>
        stack.call("POST", "/api/2.0/instance-profiles/remove", { instance_profile_arn: id ?? "" }),
    },
    {
      type: "databricks_query",
      config: {
        display_name: "sample",
        query_text: "SELECT 1",
        warehouse_id: "w1",
        parent_path: "/Shared",
        tags: ["a"],
      },
      update: { query_text: "SELECT 2", description: "two" },
      replace: { parent_path: "/Shared/reports" },
      drift: {
        change: (stack, { id }) =>
          stack.call("PATCH", `/api/2.0/sql/queries/${id ?? ""}`, {
            query: { query_text: "SELECT 9" },
            update_mask: "query_text",
          }),
        action: "update",
      },
      remove: (stack, { id }) => stack.call("DELETE", `/api/2.0/sql/queries/${id ?? ""}`),
    },
    {
      type: "databricks_alert",
      config: {
        display_name: "sample",
        query_id: "q1",
        condition: [
          {
            op: "GREATER_THAN",
            operand: [{ column: [{ name: "n" }] }],
            threshold: [{ value: [{ double_value: 3 }] }],
          },
        ],
      },
      update: { display_name: "sample 2", notify_on_ok: false, seconds_to_retrigger: 60 },
      replace: { parent_path: "/Shared" },
      drift: {
        change: (stack, { id }) =>
          stack.call("PATCH", `/api/2.0/sql/alerts/${id ?? ""}`, {
            alert: { custom_subject: "x" },
            update_mask: "custom_subject,seconds_to_retrigger",
          }),
        action: "update",
      },
      remove: (stack, { id }) => stack.call("DELETE", `/api/2.0/sql/alerts/${id ?? ""}`),
    },
    {
      type: "databricks_mlflow_experiment",
      config: { name: "/Shared/sample-experiment" },
      update: { name: "/Shared/sample-experiment-2" },
      replace: { artifact_location: "dbfs:/experiments/sample" },
      drift: {
        change: (stack, { id }) =>
          stack.call("POST", "/api/2.0/mlflow/experiments/update", {
            experiment_id: id ?? "",
            new_name: "/Shared/x",
          }),
        action: "update",
      },
      remove: (stack, { id }) =>
        stack.call("POST", "/api/2.0/mlflow/experiments/delete", { experiment_id: id ?? "" }),
    },
    {
      type: "databricks_mlflow_model",
      config: { name: "sample-model", description: "one" },
      update: { description: "two" },
      replace: { name: "sample-model-2" },
      drift: {
        change: (stack, { id }) =>
          stack.call("PATCH", "/api/2.0/mlflow/registered-models/update", {
            name: id ?? "",
            description: "x",
          }),
        action: "update",
      },
      remove: (stack, { id }) =>
        stack.call(
          "DELETE",
          `/api/2.0/mlflow/registered-models/delete?name=${encodeURIComponent(id ?? "")}`,
        ),
    },
  ];
}
