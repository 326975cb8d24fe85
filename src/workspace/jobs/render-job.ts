import { invalid, type JsonObject, type JsonValue } from "../errors";
import { asArray, asObject, objectsAt } from "./json";
import { pageArrays } from "./paging";
import { asMultiTask, renderNewCluster, type JobRecord } from "./settings";
import { limits } from "./validate";

const ARRAY_FIELDS = ["tasks", "job_clusters", "parameters", "environments"];

/** @throws for more than 100 tasks unless the version is 2.2 (docs "Work with large jobs") */
export function rejectManyTasks(count: number, version: string): void {
  if (version !== "2.2" && count > limits.tasksBefore22)
    throw invalid(
      `Resources with more than 100 tasks can only be handled by API 2.2 and above. Your resource has ${count} tasks`,
    );
}

/**
 * Returns a job's settings in the format of an API version: 2.0 uses the single-task format, later
 * versions return every job with `tasks`.
 */
function settingsFor(job: JobRecord, version: string): JsonObject {
  const settings = renderNewCluster(
    withoutCondition(version === "2.0" ? job.settings : asMultiTask(job.settings)),
  );
  for (const name of ["tasks", "job_clusters"])
    if (settings[name] !== undefined)
      settings[name] = objectsAt(settings, name).map((item) => renderNewCluster(item));
  return settings;
}

/**
 * Removes the condition of a table update trigger, which the platform accepts but never returns
 * (databricks/cli#6315).
 */
function withoutCondition(settings: JsonObject): JsonObject {
  const withoutUpdateCondition = (trigger: JsonValue): JsonValue => {
    const update = asObject(asObject(trigger)?.table_update);
    if (update?.condition === undefined) return trigger;
    const { condition: _condition, ...otherFields } = update;
    return { ...asObject(trigger), table_update: otherFields };
  };
  const { trigger, triggers } = settings;
  return {
    ...settings,
    ...(trigger !== undefined && { trigger: withoutUpdateCondition(trigger) }),
    ...(Array.isArray(triggers) && { triggers: triggers.map(withoutUpdateCondition) }),
  };
}

/**
 * Returns the principal of a job's runs. In the local workspace, a job that runs as a group runs as
 * its creator.
 */
export function runAsName({ run_as: runAs, creator_user_name: creator }: JobRecord): string {
  if (runAs === undefined || "group_name" in runAs) return creator;
  return "user_name" in runAs ? runAs.user_name : runAs.service_principal_name;
}

/** Renders jobs/get. @param from the index of the first item of each array on the page */
export function renderJob(job: JobRecord, version: string, from = 0): JsonObject {
  const settings = settingsFor(job, version);
  rejectManyTasks(asArray(settings.tasks).length, version);
  const nextPage = version === "2.2" ? pageArrays(settings, ARRAY_FIELDS, from) : undefined;
  return {
    job_id: job.job_id,
    creator_user_name: job.creator_user_name,
    run_as_user_name: runAsName(job),
    run_as_owner: runAsName(job) === job.creator_user_name,
    created_time: job.created_time,
    settings:
      job.run_as !== undefined && "group_name" in job.run_as
        ? { ...settings, run_as: job.run_as }
        : settings,
    ...(nextPage === undefined ? {} : { has_more: true, next_page_token: nextPage }),
  };
}

/**
 * Renders an item of jobs/list, without the principal that the job runs as. Tasks, job clusters,
 * parameters and environments are only included with `expand`.
 */
export function renderListItem(job: JobRecord, version: string, expand: boolean): JsonObject {
  const settings = settingsFor(job, version);
  let nextPage: string | undefined;
  if (expand) nextPage = pageArrays(settings, ARRAY_FIELDS, 0);
  else for (const name of ARRAY_FIELDS) Reflect.deleteProperty(settings, name);
  return {
    job_id: job.job_id,
    creator_user_name: job.creator_user_name,
    created_time: job.created_time,
    settings,
    ...(version === "2.2" && expand ? { has_more: nextPage !== undefined } : {}),
  };
}
