import { defined } from "../../defined";
import { denied, invalid, type JsonObject } from "../errors";
import { Fields } from "../fields";
import { knownFields } from "../known-fields";
import type { Grant } from "../permissions";
import { jsonText, type Call, type WorkspaceApp } from "../routes";
import { jobVersions } from "./jobs-store";
import { parseLimit, parseOffset, pageToken, decodePosition } from "./paging";
import { renderJob, renderListItem, runAsName } from "./render-job";
import type { JobsService } from "./service";
import { applyUpdate, withDefaults, legacyFields, type JobRecord } from "./settings";
import { asNumber } from "./json";
import { isTerminal } from "./run-model";
import { validateSettings } from "./validate";

/** Routes of the Jobs API 2.0, 2.1 and 2.2: create, get, list, update, reset, delete. */
export function jobRoutes(app: WorkspaceApp, service: JobsService): void {
  app.post(jobVersions, "/jobs/create", (call) => createJob(service, call));
  app.get(jobVersions, "/jobs/get", (call) => getJob(service, call));
  app.get(jobVersions, "/jobs/list", (call) => listJobs(service, call));
  app.post(jobVersions, "/jobs/reset", (call) => {
    const { input, caller, version } = call;
    const settings = dropUnknownFields(call, input.object("new_settings"), "new_settings.");
    return changeJob(service, caller, input.integer("job_id"), () => settings, version);
  });
  app.post(jobVersions, "/jobs/update", (call) => {
    const { input, caller, version } = call;
    const changes = dropUnknownFields(
      call,
      input.optionalObject("new_settings") ?? {},
      "new_settings.",
    );
    const remove = input.optionalStrings("fields_to_remove") ?? [];
    return changeJob(
      service,
      caller,
      input.integer("job_id"),
      (settings) => applyUpdate(settings, changes, remove),
      version,
    );
  });
  app.post(jobVersions, "/jobs/delete", async ({ input, caller }) => {
    const id = input.integer("job_id");
    service.requireJob(caller, id, "CAN_MANAGE");
    await app.store.write(() => {
      service.jobs.remove(service.jobs.mustFind(id));
      app.permissions.removeGrants("job", id);
      service.arrivals.deleteEvents(id);
    });
    service.unwatch(id);
    for (const run of service.runs.unfinishedRuns(id)) service.runs.cancel(run, caller.name);
    await service.runs.flush();
    return undefined;
  });
}

/** Returns a job. The JSON of its first page is cached. */
function getJob(service: JobsService, { input, caller, version }: Call): object {
  const { app, jobs } = service;
  const id = input.integer("job_id");
  const requestedPage = input.optionalString("page_token");
  const cachedText = requestedPage === undefined ? jobs.cachedText(id, version) : undefined;
  if (cachedText !== undefined) {
    app.permissions.require(caller, "job", id, "CAN_VIEW");
    return jsonText(cachedText);
  }
  const response = renderJob(
    service.requireJob(caller, id, "CAN_VIEW"),
    version,
    decodePosition(requestedPage),
  );
  if (requestedPage !== undefined) return response;
  const json = JSON.stringify(response);
  jobs.cacheText(id, version, json);
  return jsonText(json);
}

async function createJob(service: JobsService, call: Call): Promise<object> {
  const { input, caller, version } = call;
  const { app, jobs } = service;
  const settings = completeSettings(dropUnknownFields(call, input.values), version);
  service.clusters.checkExistingClusters(caller, settings, false);
  const runAs = parseRunAs(service, caller, input);
  const grants = parseGrants(input);
  const token = input.optionalString("idempotency_token") ?? "";
  let job: JobRecord | undefined;
  const id = await app.store.write(() => {
    const existingId = token === "" ? undefined : jobs.findIdByToken("create", token);
    if (existingId !== undefined) return existingId;
    job = {
      job_id: jobs.nextId(),
      creator_user_name: caller.name,
      created_time: app.clock.now(),
      settings,
      ...defined({ run_as: runAs }),
    };
    jobs.put(job);
    app.permissions.grantToCreator("job", job.job_id, caller);
    if (grants.length > 0)
      app.permissions.replace("job", job.job_id, [
        ...defaultOwner(grants, caller.kind, caller.name),
        ...grants,
      ]);
    if (token !== "") jobs.storeToken("create", token, job.job_id);
    return job.job_id;
  });
  if (job !== undefined) service.watch(job);
  return { job_id: id };
}

/** Further top-level fields: parameters of the call, and those of the old single-task format. */
const requestFields = ["access_control_list", "idempotency_token", "run_name", ...legacyFields];

/** Returns the settings without unknown fields at any level, and reports the unknown ones. */
export function dropUnknownFields(call: Call, body: JsonObject, path = ""): JsonObject {
  const settings = knownFields(body, "JobSettings", requestFields);
  // The top level of a job in the old single-task format has the fields of a task.
  const legacy = legacyFields
    .filter((name) => body[name] !== undefined)
    .map((name) => [name, body[name]]);
  const task = knownFields(Object.fromEntries(legacy) as JsonObject, "Task");
  call.reportDropped([...settings.unknown, ...task.unknown].map((field) => `${path}${field}`));
  return { ...settings.values, ...task.values };
}

/** Validates the settings and fills in defaults. */
function completeSettings(values: JsonObject, version: string): JsonObject {
  validateSettings(values, version);
  return withDefaults(values, version);
}

const defaultOwner = (grants: readonly Grant[], kind: Grant["kind"], name: string): Grant[] =>
  grants.some((grant) => grant.level === "IS_OWNER") ? [] : [{ kind, name, level: "IS_OWNER" }];

/** Reads the `access_control_list` of a create or submit. */
export function parseGrants(input: Fields): Grant[] {
  return input.list("access_control_list").map((item) => {
    const level = item.optionalEnum("permission_level", [
      "CAN_VIEW",
      "CAN_MANAGE_RUN",
      "CAN_MANAGE",
      "IS_OWNER",
    ]);
    if (level === undefined)
      throw invalid("Missing required field: access_control_list.permission_level");
    for (const kind of ["user", "group", "service_principal"] as const) {
      const name = item.optionalString(
        kind === "service_principal" ? "service_principal_name" : `${kind}_name`,
      );
      if (name !== undefined && name !== "") return { kind, name, level };
    }
    throw invalid(
      "Missing required field: one of user_name, group_name and service_principal_name in access_control_list",
    );
  });
}

/**
 * Reads `run_as` as sent; undefined if absent. A group needs no permission, because here its jobs
 * run as their creator.
 * @throws 400 for an unknown principal; 403 unless the principal is the caller or the previous one,
 * or the caller is an admin
 */
export function parseRunAs(
  { app }: JobsService,
  caller: Call["caller"],
  input: Fields,
  previousName?: string,
): JobRecord["run_as"] {
  const runAsFields = input.fields("run_as");
  const user = runAsFields.optionalString("user_name") ?? "";
  const principal = runAsFields.optionalString("service_principal_name") ?? "";
  const group = runAsFields.optionalString("group_name") ?? "";
  if (group !== "") {
    if (app.principals.findGroup(group) === undefined)
      throw invalid(`Principal: GroupName(${group}) does not exist`);
    return { group_name: group };
  }
  if (user === "" && principal === "") return undefined;
  if (user !== "" && principal !== "")
    throw invalid("run_as can have only one of user_name and service_principal_name.");
  const name = user === "" ? principal : user;
  if (app.principals.findUser(name) === undefined)
    throw invalid(
      `Principal: ${user === "" ? "ServicePrincipalName" : "UserName"}(${name}) does not exist`,
    );
  // The platform's role "Service Principal User" is not supported: only admins may run jobs as
  // another principal.
  if (!caller.admin && name !== caller.name && name !== previousName)
    throw denied(
      `${caller.name} is not allowed to run jobs as ${name}. Please contact an administrator for access.`,
    );
  return user === "" ? { service_principal_name: principal } : { user_name: user };
}

function listJobs(service: JobsService, { input, caller, version }: Call): object {
  const { jobs, app } = service;
  const expand = input.optionalBoolean("expand_tasks") ?? version === "2.0";
  const limit = parseLimit(
    input,
    version === "2.0" && !input.has("limit") ? 1000 : 20,
    version === "2.0" ? 1000 : 100,
  );
  const before = decodePosition(input.optionalString("page_token"));
  const offset = before === undefined ? parseOffset(input) : 0;
  const name = input.optionalString("name");
  const isVisible = (job: JobRecord): boolean =>
    app.permissions.allows(caller, "job", job.job_id, "CAN_VIEW");

  const matches: JobRecord[] = [];
  const neededCount = offset + limit + 1;
  if (name !== undefined && name !== "")
    matches.push(
      ...jobs
        .findByName(name)
        .filter((job) => isVisible(job) && (before === undefined || job.job_id < before)),
    );
  else
    for (let beforeId = before; matches.length < neededCount;) {
      const page = jobs.page(beforeId, neededCount);
      matches.push(...page.filter(isVisible));
      if (page.length < neededCount) break;
      beforeId = page.at(-1)?.job_id;
    }
  const listedJobs = matches.slice(offset, offset + limit);
  const hasMore = matches.length > offset + limit;
  const lastJob = listedJobs.at(-1);
  return {
    ...(listedJobs.length === 0
      ? {}
      : { jobs: listedJobs.map((job) => renderListItem(job, version, expand)) }),
    has_more: hasMore,
    ...(hasMore && lastJob !== undefined ? { next_page_token: pageToken(lastJob.job_id) } : {}),
  };
}

/** Handles reset and update. `run_as` is unchanged unless it is sent (observed on the platform). */
async function changeJob(
  service: JobsService,
  caller: Call["caller"],
  id: number,
  applyChanges: (settings: JsonObject) => JsonObject,
  version: string,
): Promise<undefined> {
  const { app, jobs, runs } = service;
  service.requireJob(caller, id, "CAN_MANAGE");
  const changedJob = await app.store.write(() => {
    const job = jobs.mustFind(id);
    const values = applyChanges(job.settings);
    const runAs = parseRunAs(service, caller, new Fields(values), runAsName(job)) ?? job.run_as;
    const updatedJob: JobRecord = {
      ...job,
      settings: completeSettings(values, version),
      ...defined({ run_as: runAs }),
    };
    service.clusters.checkExistingClusters(caller, updatedJob.settings, false);
    jobs.put(updatedJob);
    return updatedJob;
  });
  service.watch(changedJob);
  // A changed timeout or max_concurrent_runs also applies to active runs (docs "Update job settings
  // partially").
  for (const run of runs.unfinishedRuns(id))
    if (!isTerminal(run.life))
      runs.change(run, (storedRun) => {
        storedRun.timeout_seconds = asNumber(changedJob.settings.timeout_seconds);
        storedRun.max_concurrent_runs = asNumber(changedJob.settings.max_concurrent_runs, 1);
      });
  runs.dispatch(id);
  return undefined;
}
