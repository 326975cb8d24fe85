import { invalid, type JsonObject, type JsonValue } from "../errors";
import { asArray, asObject } from "./json";
import { pageArrays } from "./paging";
import { asMultiTask, type JobRecord } from "./settings";
import { limits } from "./validate";

const arrays = ["tasks", "job_clusters", "parameters", "environments"];

/** Only 2.2 supports more than 100 tasks (docs "Work with large jobs"). */
export function refuseLarge(count: number, version: string): void {
  if (version !== "2.2" && count > limits.tasksBefore22)
    throw invalid(
      `Resources with more than 100 tasks can only be handled by API 2.2 and above. Your resource has ${count} tasks`,
    );
}

/**
 * A job's settings as returned by a version: 2.0 has the single-task format, later versions return
 * every job with tasks.
 */
export const settingsFor = (job: JobRecord, version: string): JsonObject =>
  withoutCondition(version === "2.0" ? { ...job.settings } : { ...asMultiTask(job.settings) });

/**
 * The platform accepts the condition of a table update trigger, but never returns it
 * (databricks/cli#6315).
 */
function withoutCondition(settings: JsonObject): JsonObject {
  const shown = (trigger: JsonValue): JsonValue => {
    const update = asObject(asObject(trigger)?.table_update);
    if (update?.condition === undefined) return trigger;
    const { condition: _condition, ...rest } = update;
    return { ...asObject(trigger), table_update: rest };
  };
  const { trigger, triggers } = settings;
  return {
    ...settings,
    ...(trigger !== undefined && { trigger: shown(trigger) }),
    ...(Array.isArray(triggers) && { triggers: triggers.map(shown) }),
  };
}

/** Runs of a job that runs as a group belong to its creator here. */
export function runAsName({ run_as: as, creator_user_name: creator }: JobRecord): string {
  if (as === undefined || "group_name" in as) return creator;
  return "user_name" in as ? as.user_name : as.service_principal_name;
}

/** jobs/get. @param from start of the page of tasks */
export function renderJob(job: JobRecord, version: string, from = 0): JsonObject {
  const settings = settingsFor(job, version);
  refuseLarge(asArray(settings.tasks).length, version);
  const next = version === "2.2" ? pageArrays(settings, arrays, from) : undefined;
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
    ...(next === undefined ? {} : { has_more: true, next_page_token: next }),
  };
}

/** An item of jobs/list: without tasks and clusters unless requested, and without run_as. */
export function renderListed(job: JobRecord, version: string, expand: boolean): JsonObject {
  const settings = settingsFor(job, version);
  let more: string | undefined;
  if (expand) more = pageArrays(settings, arrays, 0);
  else for (const name of arrays) Reflect.deleteProperty(settings, name);
  return {
    job_id: job.job_id,
    creator_user_name: job.creator_user_name,
    created_time: job.created_time,
    settings,
    ...(version === "2.2" && expand ? { has_more: more !== undefined } : {}),
  };
}
