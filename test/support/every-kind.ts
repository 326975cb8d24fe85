/**
 * One configuration of each kind, with a change that updates it, a change that replaces it, and a
 * change outside Terraform. The samples do not refer to each other, so that each change affects
 * only one resource. {@link prepare} creates their prerequisites.
 */
import type { JsonObject, Json } from "./replay-format";
import type { Caller, Stack } from "./stack";

/** A change of the workspace by REST. @param attributes the attributes of the state that are strings */
type Change = (stack: Stack, attributes: Readonly<Record<string, string>>) => Promise<unknown>;

export interface Sample {
  readonly type: string;
  readonly config: JsonObject;
  /** Changed fields that cause an update in place. Absent if every change replaces the object. */
  readonly update?: JsonObject;
  /** Changed fields that cause a replacement. Absent if the kind is never replaced. */
  readonly replace?: JsonObject;
  /**
   * Other fields that the plan lists as a reason for the replacement, since they are computed from
   * the changed fields.
   */
  readonly computedFields?: readonly string[];
  /** A change outside Terraform, and the action with which the next plan reverts it. */
  readonly drift?: { readonly change: Change; readonly action: "update" | "replace" | "create" };
  /** A change that verify reports but a plan of the official provider does not. */
  readonly driftForVerify?: Change;
  /** Deletes the object. */
  readonly remove: Change;
  /** Fields of the configuration that no call returns. */
  readonly unverifiable?: readonly string[];
  /** True for an object that exists as long as its parent. */
  readonly existsWithParent?: true;
  /** The attribute used as import id. @default id */
  readonly importIdField?: string;
  /**
   * The plan after an import by id, if it is not empty, with the reason, from the recordings of the
   * official provider. "refused": the kind cannot be imported.
   */
  readonly planAfterImport?: {
    readonly action: "update" | "replace" | "refused";
    readonly reason: string;
  };
}

const base64 = (text: string): string => Buffer.from(text).toString("base64");
const wheel = (name: string): JsonObject => ({
  whl: `/Workspace/Shared/${name}-1.0-py3-none-any.whl`,
});
const grantsOn = (
  stack: Stack,
  schema: string,
  principal: string,
  change: JsonObject,
): Promise<unknown> =>
  stack.call("PATCH", `/api/2.1/unity-catalog/permissions/schema/base.${schema}`, {
    changes: [{ principal, ...change }],
  });

/** The ids of the samples' prerequisites. */
export interface Prerequisites {
  readonly cluster: string;
  readonly job: string;
}

export async function prepare(stack: Caller): Promise<Prerequisites> {
  for (const displayName of ["team", "others"])
    await stack.call("POST", "/api/2.0/preview/scim/v2/Groups", { displayName });
  await stack.call("POST", "/api/2.1/unity-catalog/catalogs", { name: "base" });
  for (const name of ["one", "two"])
    await stack.call("POST", "/api/2.1/unity-catalog/schemas", { catalog_name: "base", name });
  await stack.call("POST", "/api/2.1/unity-catalog/volumes", {
    catalog_name: "base",
    schema_name: "one",
    name: "files",
    volume_type: "MANAGED",
  });
  await stack.call("POST", "/api/2.0/secrets/scopes/create", { scope: "base" });
  const clusterSpec = {
    cluster_name: "base",
    spark_version: "15.4.x-scala2.12",
    node_type_id: "i3.xlarge",
    num_workers: 1,
  };
  const cluster = (await stack.call("POST", "/api/2.1/clusters/create", clusterSpec))[
    "cluster_id"
  ] as string;
  const jobResponse = (await stack.call("POST", "/api/2.2/jobs/create", { name: "base" })) as {
    job_id: number;
  };
  const job = String(jobResponse.job_id);
  for (let state: Json | undefined; state !== "RUNNING";) {
    state = (await stack.call("GET", `/api/2.1/clusters/get?cluster_id=${cluster}`))["state"];
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { cluster, job };
}

export function everyKind({ cluster, job }: Prerequisites): readonly Sample[] {
  const task = {
    task_key: "t",
    notebook_task: { notebook_path: "/Shared/t" },
    existing_cluster_id: cluster,
  };
  return [
    {
      type: "databricks_job",
      config: { name: "sample", task: [task], tags: { team: "data" } },
      update: { tags: { team: "ml" } },
      drift: {
        change: (stack, { id }) =>
          stack.call("POST", "/api/2.2/jobs/update", {
            job_id: Number(id),
            new_settings: { tags: { team: "x" } },
          }),
        action: "update",
      },
      driftForVerify: (stack, { id }) =>
        stack.call("POST", "/api/2.2/jobs/update", {
          job_id: Number(id),
          new_settings: {
            schedule: {
              quartz_cron_expression: "0 0 5 * * ?",
              timezone_id: "UTC",
              pause_status: "PAUSED",
            },
          },
        }),
      remove: (stack, { id }) => stack.call("POST", "/api/2.2/jobs/delete", { job_id: Number(id) }),
    },
    {
      type: "databricks_cluster",
      config: {
        cluster_name: "sample",
        spark_version: "15.4.x-scala2.12",
        node_type_id: "i3.xlarge",
        num_workers: 1,
      },
      update: { num_workers: 2, spark_conf: { "spark.sql.ansi.enabled": "true" } },
      replace: { idempotency_token: "token-1" },
      drift: {
        change: (stack, { id }) =>
          stack.call("POST", "/api/2.1/clusters/resize", { cluster_id: id, num_workers: 5 }),
        action: "update",
      },
      remove: (stack, { id }) =>
        stack.call("POST", "/api/2.1/clusters/permanent-delete", { cluster_id: id }),
      planAfterImport: {
        action: "replace",
        reason: "the idempotency token of the create call is not read",
      },
    },
    {
      type: "databricks_cluster_policy",
      config: { name: "sample", definition: '{"num_workers": {"type": "range", "maxValue": 4}}' },
      update: { description: "small ones" },
      drift: {
        change: (stack, { id, name }) =>
          stack.call("POST", "/api/2.0/policies/clusters/edit", {
            policy_id: id,
            name,
            definition: "{}",
          }),
        action: "update",
      },
      remove: (stack, { id }) =>
        stack.call("POST", "/api/2.0/policies/clusters/delete", { policy_id: id }),
    },
    {
      type: "databricks_instance_pool",
      config: {
        instance_pool_name: "sample",
        node_type_id: "i3.xlarge",
        idle_instance_autotermination_minutes: 10,
      },
      update: { max_capacity: 7 },
      replace: { node_type_id: "i3.2xlarge" },
      drift: {
        change: (stack, { id, instance_pool_name, node_type_id }) =>
          stack.call("POST", "/api/2.0/instance-pools/edit", {
            instance_pool_id: id,
            instance_pool_name,
            node_type_id,
            idle_instance_autotermination_minutes: 99,
          }),
        action: "update",
      },
      remove: (stack, { id }) =>
        stack.call("POST", "/api/2.0/instance-pools/delete", { instance_pool_id: id }),
    },
    {
      type: "databricks_library",
      config: { cluster_id: cluster, ...wheel("a") },
      replace: wheel("b"),
      remove: (stack, { whl }) =>
        stack.call("POST", "/api/2.0/libraries/uninstall", {
          cluster_id: cluster,
          libraries: [{ whl }],
        }),
      planAfterImport: {
        action: "refused",
        reason: "the official provider cannot import libraries",
      },
    },
    {
      type: "databricks_secret_scope",
      config: { name: "sample" },
      replace: { initial_manage_principal: "users" },
      remove: (stack, { name }) =>
        stack.call("POST", "/api/2.0/secrets/scopes/delete", { scope: name }),
      planAfterImport: {
        action: "replace",
        reason: "the initial manager of the scope is not read",
      },
    },
    {
      type: "databricks_secret",
      config: { scope: "base", key: "sample", string_value: "s3cret-1" },
      replace: { string_value: "s3cret-2" },
      driftForVerify: (stack, { scope, key }) =>
        stack.call("POST", "/api/2.0/secrets/put", { scope, key, string_value: "other" }),
      remove: (stack, { scope, key }) =>
        stack.call("POST", "/api/2.0/secrets/delete", { scope, key }),
      planAfterImport: { action: "replace", reason: "the value of a secret is not read" },
    },
    {
      type: "databricks_secret_acl",
      config: { scope: "base", principal: "team", permission: "READ" },
      replace: { permission: "WRITE" },
      drift: {
        change: (stack, { scope, principal }) =>
          stack.call("POST", "/api/2.0/secrets/acls/put", {
            scope,
            principal,
            permission: "MANAGE",
          }),
        action: "replace",
      },
      remove: (stack, { scope, principal }) =>
        stack.call("POST", "/api/2.0/secrets/acls/delete", { scope, principal }),
    },
    {
      type: "databricks_dbfs_file",
      config: { path: "/tmp/sample.txt", content_base64: base64("one") },
      replace: { content_base64: base64("two") },
      computedFields: ["md5"],
      driftForVerify: (stack, { path }) =>
        stack.call("POST", "/api/2.0/dbfs/put", { path, contents: base64("xyz"), overwrite: true }),
      remove: (stack, { path }) => stack.call("POST", "/api/2.0/dbfs/delete", { path }),
      planAfterImport: { action: "replace", reason: "the content is not read" },
    },
    {
      type: "databricks_file",
      config: { path: "/Volumes/base/one/files/sample.txt", content_base64: base64("one") },
      update: { content_base64: base64("two") },
      replace: { path: "/Volumes/base/one/files/other.txt" },
      remove: (stack, { path }) => stack.call("DELETE", `/api/2.0/fs/files${path}`),
      planAfterImport: {
        action: "replace",
        reason: "the content is not read, and the time of the last change is reset",
      },
    },
    {
      type: "databricks_workspace_file",
      config: { path: "/Shared/sample.txt", content_base64: base64("one") },
      update: { content_base64: base64("two") },
      replace: { path: "/Shared/other.txt" },
      remove: (stack, { path }) => stack.call("POST", "/api/2.0/workspace/delete", { path }),
      planAfterImport: { action: "update", reason: "the content is not read" },
    },
    {
      type: "databricks_notebook",
      config: { path: "/Shared/sample", language: "PYTHON", content_base64: base64("print(1)\n") },
      update: { content_base64: base64("print(2)\n") },
      replace: { path: "/Shared/other" },
      driftForVerify: (stack, { path }) =>
        stack.call("POST", "/api/2.0/workspace/import", {
          path,
          language: "PYTHON",
          format: "SOURCE",
          overwrite: true,
          content: base64("print(9)\n"),
        }),
      remove: (stack, { path }) => stack.call("POST", "/api/2.0/workspace/delete", { path }),
      planAfterImport: { action: "update", reason: "the content is not read" },
    },
    {
      type: "databricks_directory",
      config: { path: "/Shared/folder" },
      update: { delete_recursive: true },
      replace: { path: "/Shared/folder2" },
      remove: (stack, { path }) => stack.call("POST", "/api/2.0/workspace/delete", { path }),
      planAfterImport: {
        action: "update",
        reason: "the workspace does not store how Terraform deletes the folder",
      },
    },
    {
      type: "databricks_token",
      config: { comment: "sample", lifetime_seconds: 86_400 },
      replace: { comment: "another" },
      remove: (stack, { id }) => stack.call("POST", "/api/2.0/token/delete", { token_id: id }),
      planAfterImport: { action: "replace", reason: "the token's lifetime is not read" },
    },
    {
      type: "databricks_sql_endpoint",
      config: { name: "sample", cluster_size: "2X-Small" },
      update: { max_num_clusters: 3, tags: { custom_tags: [{ key: "team", value: "data" }] } },
      drift: {
        change: (stack, { id, name }) =>
          stack.call("POST", `/api/2.0/sql/warehouses/${id}/edit`, { name, cluster_size: "Large" }),
        action: "update",
      },
      remove: (stack, { id }) => stack.call("DELETE", `/api/2.0/sql/warehouses/${id}`),
    },
    {
      type: "databricks_catalog",
      config: { name: "sample", comment: "one" },
      update: { comment: "two" },
      replace: { storage_root: "s3://bucket/sample" },
      drift: {
        change: (stack, { name }) =>
          stack.call("PATCH", `/api/2.1/unity-catalog/catalogs/${name}`, { comment: "x" }),
        action: "update",
      },
      remove: (stack, { name }) =>
        stack.call("DELETE", `/api/2.1/unity-catalog/catalogs/${name}?force=true`),
    },
    {
      type: "databricks_schema",
      config: { catalog_name: "base", name: "sample", comment: "one" },
      update: { comment: "two" },
      replace: { name: "sample2" },
      drift: {
        change: (stack, { id }) =>
          stack.call("PATCH", `/api/2.1/unity-catalog/schemas/${id}`, { comment: "x" }),
        action: "update",
      },
      remove: (stack, { id }) => stack.call("DELETE", `/api/2.1/unity-catalog/schemas/${id}`),
    },
    {
      type: "databricks_volume",
      config: {
        catalog_name: "base",
        schema_name: "one",
        name: "sample",
        volume_type: "MANAGED",
        comment: "one",
      },
      update: { comment: "two" },
      replace: { schema_name: "two" },
      drift: {
        change: (stack, { id }) =>
          stack.call("PATCH", `/api/2.1/unity-catalog/volumes/${id}`, { comment: "x" }),
        action: "update",
      },
      remove: (stack, { id }) => stack.call("DELETE", `/api/2.1/unity-catalog/volumes/${id}`),
    },
    {
      type: "databricks_grants",
      config: { schema: "base.one", grant: [{ principal: "team", privileges: ["USE_SCHEMA"] }] },
      update: { grant: [{ principal: "team", privileges: ["SELECT", "USE_SCHEMA"] }] },
      drift: {
        change: (stack) => grantsOn(stack, "one", "team", { add: ["CREATE_TABLE"] }),
        action: "update",
      },
      remove: (stack) =>
        grantsOn(stack, "one", "team", { remove: ["USE_SCHEMA", "SELECT", "CREATE_TABLE"] }),
    },
    {
      type: "databricks_grant",
      config: { schema: "base.two", principal: "team", privileges: ["USE_SCHEMA"] },
      update: { privileges: ["SELECT", "USE_SCHEMA"] },
      replace: { principal: "others" },
      drift: {
        change: (stack, { principal }) =>
          grantsOn(stack, "two", principal ?? "", { add: ["CREATE_TABLE"] }),
        action: "update",
      },
      remove: (stack, { principal }) =>
        grantsOn(stack, "two", principal ?? "", {
          remove: ["USE_SCHEMA", "SELECT", "CREATE_TABLE"],
        }),
    },
    {
      type: "databricks_permissions",
      config: {
        job_id: job,
        access_control: [{ group_name: "team", permission_level: "CAN_VIEW" }],
      },
      update: { access_control: [{ group_name: "team", permission_level: "CAN_MANAGE_RUN" }] },
      drift: {
        change: (stack) =>
          stack.call("PATCH", `/api/2.0/permissions/jobs/${job}`, {
            access_control_list: [{ group_name: "others", permission_level: "CAN_VIEW" }],
          }),
        action: "update",
      },
      remove: (stack) =>
        stack.call("PUT", `/api/2.0/permissions/jobs/${job}`, {
          access_control_list: [
            { user_name: "admin@lakeform.local", permission_level: "IS_OWNER" },
          ],
        }),
    },
    {
      type: "databricks_repo",
      config: { url: "https://github.com/acme/etl.git", path: "/Repos/team/etl", branch: "main" },
      update: { branch: "release" },
      replace: { path: "/Repos/team/etl2" },
      drift: {
        change: (stack, { id }) =>
          stack.call("PATCH", `/api/2.0/repos/${id}`, { branch: "feature" }),
        action: "update",
      },
      remove: (stack, { id }) => stack.call("DELETE", `/api/2.0/repos/${id}`),
    },
    {
      type: "databricks_git_credential",
      config: { git_provider: "gitHub", git_username: "me", personal_access_token: "pat-1" },
      update: { git_username: "you" },
      drift: {
        change: (stack, { id }) =>
          stack.call("PATCH", `/api/2.0/git-credentials/${id}`, {
            git_provider: "gitHub",
            git_username: "x",
            personal_access_token: "p",
          }),
        action: "update",
      },
      remove: (stack, { id }) => stack.call("DELETE", `/api/2.0/git-credentials/${id}`),
      planAfterImport: { action: "update", reason: "the token is not read" },
    },
  ];
}

/** Returns the samples as a configuration, in which each resource is named `a`. */
export function resourcesOf(
  samples: readonly Sample[],
  config: (sample: Sample) => JsonObject,
): JsonObject {
  return Object.fromEntries(samples.map((sample) => [sample.type, { a: config(sample) }]));
}
