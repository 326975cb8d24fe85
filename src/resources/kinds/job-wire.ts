/** Converts jobs between Terraform's shape and the form that REST uses. */
import type { ReadClient } from "../../api/client";
import { defined } from "../../defined";
import { mergedPages } from "../../api/transport/paging";
import { withoutPoolFields, isExplicitZero } from "../families/cluster-spec";
import { gitProviderOf } from "./repo";
import type { Attributes, Remote, Value } from "../kind";
import { orMissing } from "../families/or-missing";
import { schemaOf, type Block } from "../shape/schema";
import { fromWire, isAttributes, toWire, type WireNames } from "../shape/shape";
import { blocks } from "../shape/attributes";
import { idText, number, object, objects, optionalText, type Json } from "../shape/json";

/**
 * Fields of a task that a job without `task` blocks has itself. In a job with tasks, the official
 * provider omits them from the request.
 */
const taskFieldsOfJob = [
  "existing_cluster_id",
  "new_cluster",
  "library",
  "notebook_task",
  "spark_jar_task",
  "spark_python_task",
  "spark_submit_task",
  "pipeline_task",
  "python_wheel_task",
  "dbt_task",
  "run_job_task",
  "max_retries",
  "min_retry_interval_millis",
  "retry_on_timeout",
];

/** Terraform fields that do not exist on the wire. */
const notOnWire = [
  "id",
  "url",
  "always_running",
  "control_run_state",
  "*.__apply_policy_default_values_allow_list",
];

const shape: WireNames = {
  names: {
    task: "tasks",
    job_cluster: "job_clusters",
    environment: "environments",
    parameter: "parameters",
    "*.library": "libraries",
    "*.cluster_mount_info": "cluster_mount_infos",
    "git_source.url": "git_url",
    "git_source.provider": "git_provider",
    "git_source.branch": "git_branch",
    "git_source.tag": "git_tag",
    "git_source.commit": "git_commit",
  },
  keepZero: (path, parent) => path.endsWith("num_workers") && isExplicitZero(path, parent),
  absent: new Set(notOnWire),
};

export function jobBlock(): Block {
  const schema = schemaOf("databricks_job");
  if (schema === undefined) throw new Error("the schema has no databricks_job");
  return schema.block;
}

export function hasTasks(attributes: Attributes): boolean {
  return blocks(attributes, "task").length > 0;
}

/**
 * Returns the API version that the official provider uses: 2.2 for jobs with `task`
 * blocks or the format MULTI_TASK, 2.0 for other jobs.
 */
export function apiVersion(attributes: Attributes): "2.2" | "2.0" {
  return hasTasks(attributes) || attributes["format"] === "MULTI_TASK" ? "2.2" : "2.0";
}

/** Converts the settings of a job to the body of a request. */
export function settingsOf(attributes: Attributes): Record<string, unknown> {
  if (apiVersion(attributes) === "2.0")
    return withoutPoolFieldsInClusters(withGitProvider(toWire(jobBlock(), attributes, shape)));
  const settingsOfJob = Object.fromEntries(
    Object.entries(attributes).filter(([name]) => !taskFieldsOfJob.includes(name)),
  );
  const settings = withoutPoolFieldsInClusters(
    withGitProvider(toWire(jobBlock(), settingsOfJob, shape)),
  );
  // Version 2.2 enables queueing for jobs that do not set it.
  settings["queue"] ??= { enabled: false };
  return settings;
}

/**
 * Applies `withoutPoolFields` to the clusters of a job, except those of tasks inside a loop, as in
 * the official provider's requests.
 */
function withoutPoolFieldsInClusters(settings: Json): Record<string, unknown> {
  const convert = (item: Json): Json =>
    item["new_cluster"] === undefined
      ? item
      : { ...item, new_cluster: withoutPoolFields(object(item["new_cluster"])) };
  const result: Record<string, unknown> = { ...convert(settings) };
  for (const list of ["tasks", "job_clusters"])
    if (result[list] !== undefined) result[list] = objects(result[list]).map(convert);
  return result;
}

/**
 * Sorts tasks and their dependencies by key, and notification destinations by id, as in the official
 * provider's create requests. The state keeps the configuration's order.
 */
export function sortedForCreate(settings: Record<string, unknown>): Record<string, unknown> {
  const byKey = (key: string) => (a: Json, b: Json) =>
    compareText(optionalText(a[key]), optionalText(b[key]));
  const webhooks = (value: unknown): Json =>
    Object.fromEntries(
      Object.entries(object(value)).map(([event, ids]) => [
        event,
        Array.isArray(ids) ? objects(ids).toSorted(byKey("id")) : ids,
      ]),
    );
  const sortTask = (item: Json): Json => ({
    ...item,
    ...(item["depends_on"] === undefined
      ? {}
      : { depends_on: objects(item["depends_on"]).toSorted(byKey("task_key")) }),
    ...(item["webhook_notifications"] === undefined
      ? {}
      : { webhook_notifications: webhooks(item["webhook_notifications"]) }),
  });
  if (settings["tasks"] === undefined) return settings;
  const ownWebhooks =
    settings["webhook_notifications"] === undefined
      ? {}
      : { webhook_notifications: webhooks(settings["webhook_notifications"]) };
  return {
    ...settings,
    ...ownWebhooks,
    tasks: objects(settings["tasks"]).map(sortTask).toSorted(byKey("task_key")),
  };
}

function compareText(a = "", b = ""): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Adds the Git provider, which the API requires, if it can be derived from the URL. */
function withGitProvider(settings: Record<string, unknown>): Record<string, unknown> {
  const source = object(settings["git_source"]);
  const url = optionalText(source["git_url"]);
  if (url === undefined || source["git_provider"] !== undefined) return settings;
  const provider = gitProviderOf(url);
  return provider === ""
    ? settings
    : { ...settings, git_source: { ...source, git_provider: provider } };
}

/** Converts a job in a response: of `jobs/get`, or an item of `jobs/list`. */
export function jobFrom(response: Json, host: string): Remote {
  const id = idText(response["job_id"], "job_id");
  const settings = object(response["settings"]);
  const runAs =
    optionalText(object(settings["run_as"])["group_name"]) === undefined
      ? (optionalText(response["run_as_user_name"]) ?? "")
      : "";
  const attributes: Attributes = Object.assign(fromWire(jobBlock(), settings, shape), {
    id,
    url: `${host}/#job/${id}`,
  });
  if (runAs !== "")
    attributes["run_as"] = [
      isServicePrincipal(runAs) ? { service_principal_name: runAs } : { user_name: runAs },
    ];
  const extraState = {
    creator_user_name: optionalText(response["creator_user_name"]) ?? null,
    created_time: number(response["created_time"]) ?? null,
  };
  return { id, attributes, extraState };
}

/** Whether a name is a UUID, and so the application id of a service principal. */
function isServicePrincipal(name: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(name);
}

/** The lists that the API returns page by page, each with the field that identifies an element. */
const pagedLists = {
  tasks: "task_key",
  job_clusters: "job_cluster_key",
  environments: "environment_key",
  parameters: "name",
};

/** Reads a job with the elements of its paged lists from all pages. */
export async function getJob(
  api: ReadClient,
  id: string,
  version: "2.2" | "2.0",
  signal?: AbortSignal,
): Promise<Json | undefined> {
  const pages = { path: `/api/${version}/jobs/get`, query: { job_id: id }, ...defined({ signal }) };
  return orMissing(mergedPages<unknown>(api, pages, pagedLists, "settings"), object);
}

/** Applies a change to each block of a list. */
export function mapBlocks(
  attributes: Attributes,
  field: string,
  change: (item: Attributes) => Attributes,
): Value[] {
  const list = attributes[field];
  return Array.isArray(list) ? list.map((item) => (isAttributes(item) ? change(item) : item)) : [];
}
