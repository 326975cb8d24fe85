import { defined } from "../../defined";
import { denied, invalid, type JsonObject } from "../errors";
import { Fields } from "../fields";
import { knownFields } from "../known-fields";
import type { Grant } from "../permissions";
import { jsonText, type Call, type WorkspaceApp } from "../routes";
import { jobVersions } from "./jobs-store";
import { limitOf, offsetOf, pageToken, positionOf } from "./paging";
import { renderJob, renderListed, runAsName } from "./render-job";
import type { JobsService } from "./service";
import { applyUpdate, fillIn, legacyFields, type JobRecord } from "./settings";
import { asNumber } from "./json";
import { terminal } from "./run-model";
import { validateSettings } from "./validate";

/** Jobs 2.0, 2.1 and 2.2: create, get, list, update, reset, delete. */
export function jobRoutes(app: WorkspaceApp, service: JobsService): void {
  app.post(jobVersions, "/jobs/create", (call) => create(service, call));
  app.get(jobVersions, "/jobs/get", (call) => get(service, call));
  app.get(jobVersions, "/jobs/list", (call) => list(service, call));
  app.post(jobVersions, "/jobs/reset", (call) => {
    const { input, caller, version } = call;
    const settings = known(call, input.object("new_settings"), "new_settings.");
    return change(service, caller, input.integer("job_id"), () => settings, version);
  });
  app.post(jobVersions, "/jobs/update", (call) => {
    const { input, caller, version } = call;
    const changes = known(call, input.optionalObject("new_settings") ?? {}, "new_settings.");
    const remove = input.optionalStrings("fields_to_remove") ?? [];
    return change(
      service,
      caller,
      input.integer("job_id"),
      (settings) => applyUpdate(settings, changes, remove),
      version,
    );
  });
  app.post(jobVersions, "/jobs/delete", async ({ input, caller }) => {
    const id = input.integer("job_id");
    service.job(caller, id, "CAN_MANAGE");
    await app.store.write(() => {
      service.jobs.remove(service.jobs.get(id));
      app.permissions.forget("job", id);
      service.arrivals.forget(id);
    });
    service.drop(id);
    for (const run of service.runs.unfinishedRuns(id)) service.runs.cancel(run, caller.name);
    await service.runs.flush();
    return undefined;
  });
}

/** Returns a job; the first page is cached as a string. */
function get(service: JobsService, { input, caller, version }: Call): object {
  const { app, jobs } = service;
  const id = input.integer("job_id");
  const page = input.optionalString("page_token");
  const kept = page === undefined ? jobs.textOf(id, version) : undefined;
  if (kept !== undefined) {
    app.permissions.require(caller, "job", id, "CAN_VIEW");
    return jsonText(kept);
  }
  const answer = renderJob(service.job(caller, id, "CAN_VIEW"), version, positionOf(page));
  if (page !== undefined) return answer;
  const text = JSON.stringify(answer);
  jobs.keepText(id, version, text);
  return jsonText(text);
}

async function create(service: JobsService, call: Call): Promise<object> {
  const { input, caller, version } = call;
  const { app, jobs } = service;
  const settings = settingsOf(known(call, input.values), version);
  service.clusters.check(caller, settings, false);
  const runAs = runAsOf(service, caller, input);
  const acl = grantsOf(input);
  const token = input.optionalString("idempotency_token") ?? "";
  let result: JobRecord | undefined;
  const id = await app.store.write(() => {
    const known = token === "" ? undefined : jobs.byToken("create", token);
    if (known !== undefined) return known;
    result = {
      job_id: jobs.nextId(),
      creator_user_name: caller.name,
      created_time: app.clock.now(),
      settings,
      ...defined({ run_as: runAs }),
    };
    jobs.put(result);
    app.permissions.created("job", result.job_id, caller);
    if (acl.length > 0)
      app.permissions.replace("job", result.job_id, [
        ...ownerOf(acl, caller.kind, caller.name),
        ...acl,
      ]);
    if (token !== "") jobs.keepToken("create", token, result.job_id);
    return result.job_id;
  });
  if (result !== undefined) service.watch(result);
  return { job_id: id };
}

/** Top-level fields of a request that are not settings. */
const requestFields = ["access_control_list", "idempotency_token", "run_name", ...legacyFields];

/** Returns the settings without unknown fields at any level, and reports the unknown ones. */
export function known(call: Call, body: JsonObject, path = ""): JsonObject {
  const settings = knownFields(body, "JobSettings", requestFields);
  // The top level of a job in the old single-task format has the fields of a task.
  const legacy = legacyFields
    .filter((name) => body[name] !== undefined)
    .map((name) => [name, body[name]]);
  const task = knownFields(Object.fromEntries(legacy) as JsonObject, "Task");
  call.dropped([...settings.unknown, ...task.unknown].map((field) => `${path}${field}`));
  return { ...settings.values, ...task.values };
}

/** Validates the settings and fills in defaults. */
function settingsOf(values: JsonObject, version: string): JsonObject {
  validateSettings(values, version);
  return fillIn(values, version);
}

const ownerOf = (acl: readonly Grant[], kind: Grant["kind"], name: string): Grant[] =>
  acl.some((grant) => grant.level === "IS_OWNER") ? [] : [{ kind, name, level: "IS_OWNER" }];

/** Reads the `access_control_list` of a create or submit. */
export function grantsOf(input: Fields): Grant[] {
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
 * Reads `run_as` as sent; undefined if absent.
 * @throws for an unknown principal; 403 unless the principal is the caller or the previous one, or
 * the caller is an admin
 */
export function runAsOf(
  { app }: JobsService,
  caller: Call["caller"],
  input: Fields,
  before?: string,
): JobRecord["run_as"] {
  const runAsFields = input.fields("run_as");
  const user = runAsFields.optionalString("user_name") ?? "";
  const principal = runAsFields.optionalString("service_principal_name") ?? "";
  const group = runAsFields.optionalString("group_name") ?? "";
  if (group !== "") {
    if (app.principals.groupNamed(group) === undefined)
      throw invalid(`Principal: GroupName(${group}) does not exist`);
    return { group_name: group };
  }
  if (user === "" && principal === "") return undefined;
  if (user !== "" && principal !== "")
    throw invalid("run_as can have only one of user_name and service_principal_name.");
  const name = user === "" ? principal : user;
  if (app.principals.userNamed(name) === undefined)
    throw invalid(
      `Principal: ${user === "" ? "ServicePrincipalName" : "UserName"}(${name}) does not exist`,
    );
  // The platform's role "Service Principal User" is not supported: only admins may run jobs as
  // another principal.
  if (!caller.admin && name !== caller.name && name !== before)
    throw denied(
      `${caller.name} is not allowed to run jobs as ${name}. Please contact an administrator for access.`,
    );
  return user === "" ? { service_principal_name: principal } : { user_name: user };
}

function list(service: JobsService, { input, caller, version }: Call): object {
  const { jobs, app } = service;
  const expand = input.optionalBoolean("expand_tasks") ?? version === "2.0";
  const limit = limitOf(
    input,
    version === "2.0" && !input.has("limit") ? 1000 : 20,
    version === "2.0" ? 1000 : 100,
  );
  const before = positionOf(input.optionalString("page_token"));
  const offset = before === undefined ? offsetOf(input) : 0;
  const name = input.optionalString("name");
  const visible = (job: JobRecord): boolean =>
    app.permissions.allows(caller, "job", job.job_id, "CAN_VIEW");

  const found: JobRecord[] = [];
  const wanted = offset + limit + 1;
  if (name !== undefined && name !== "")
    found.push(
      ...jobs
        .named(name)
        .filter((job) => visible(job) && (before === undefined || job.job_id < before)),
    );
  else
    for (let at = before; found.length < wanted;) {
      const page = jobs.page(at, wanted);
      found.push(...page.filter(visible));
      if (page.length < wanted) break;
      at = page.at(-1)?.job_id;
    }
  const shown = found.slice(offset, offset + limit);
  const more = found.length > offset + limit;
  const last = shown.at(-1);
  return {
    ...(shown.length === 0 ? {} : { jobs: shown.map((job) => renderListed(job, version, expand)) }),
    has_more: more,
    ...(more && last !== undefined ? { next_page_token: pageToken(last.job_id) } : {}),
  };
}

/** Handles reset and update. `run_as` is unchanged unless it is sent (observed on the platform). */
async function change(
  service: JobsService,
  caller: Call["caller"],
  id: number,
  make: (settings: JsonObject) => JsonObject,
  version: string,
): Promise<undefined> {
  const { app, jobs, runs } = service;
  service.job(caller, id, "CAN_MANAGE");
  const changed = await app.store.write(() => {
    const job = jobs.get(id);
    const values = make(job.settings);
    const runAs = runAsOf(service, caller, new Fields(values), runAsName(job)) ?? job.run_as;
    const next: JobRecord = {
      ...job,
      settings: settingsOf(values, version),
      ...defined({ run_as: runAs }),
    };
    service.clusters.check(caller, next.settings, false);
    jobs.put(next);
    return next;
  });
  service.watch(changed);
  // A changed timeout or max_concurrent_runs also applies to active runs (docs "Update job settings
  // partially").
  for (const run of runs.unfinishedRuns(id))
    if (!terminal(run.life))
      runs.change(run, (stored) => {
        stored.timeout_seconds = asNumber(changed.settings.timeout_seconds);
        stored.max_concurrent_runs = asNumber(changed.settings.max_concurrent_runs, 1);
      });
  runs.dispatch(id);
  return undefined;
}
