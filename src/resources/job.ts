import type { Client, ReadClient } from "../api/client";
import { isConnectionError } from "../api/errors";
import { LakeformError } from "../errors";
import { jobRules } from "./job-rules";
import { restartContinuous, restartRuns, startRun } from "./job-runs";
import { apiVersion, each, getJob, gitProviderOf, hasTasks, jobBlock, jobFrom, settingsOf, sortedForCreate } from "./job-wire";
import type { Attributes, Kind, Problem, Remote, Value } from "./kind";
import { stateOf } from "./sdk-state";
import { inOrderOf } from "./shape";
import { apiCommand, block, blocks, number, object, objects, str, text, type Json } from "./wire";

export const job: Kind = {
  type: "databricks_job",
  title: "job",
  identity: {
    naturalKey: (attributes) => (str(attributes, "name") === "" ? undefined : `name:${str(attributes, "name")}`),
    link: (host, id) => `${host}/#job/${id}`,
  },
  rules: jobRules,
  suppress: {
    // Derived from the URL when the configuration does not say it.
    "git_source.provider": (before, after, { config }) =>
      after === "" && before === gitProviderOf(str(block(config, "git_source") ?? {}, "url")),
  },

  async read(api, id, options) {
    // The official provider asks 2.0 when it knows of no tasks, as at an import; the verifier always wants the whole job.
    const version = options.deep === false ? apiVersion(options.known) : "2.2";
    let found = await getJob(api, id, version, options.signal);
    if (found === undefined) return undefined;
    const settings = object(found["settings"]);
    if (version === "2.0" && settings["format"] === "MULTI_TASK" && settings["tasks"] === undefined && !hasTasks(options.known)) {
      found = (await getJob(api, id, "2.2", options.signal)) ?? found;
    }
    return jobFrom(found, api.host);
  },

  async *list(api, _within, signal) {
    for (let token: string | undefined; ;) {
      const query = { limit: 100, expand_tasks: true, ...(token === undefined ? {} : { page_token: token }) };
      const page = object(await api.get("/api/2.2/jobs/list", { query, signal }));
      for (const item of objects(page["jobs"])) yield await listed(api, item, signal);
      token = text(page["next_page_token"]);
      if (token === undefined || token === "" || page["has_more"] === false) return;
    }
  },

  validate,

  async create(api, planned, context) {
    const version = apiVersion(planned);
    const settings = sortedForCreate(settingsOf(planned));
    const id = await createOnce(api, `/api/${version}/jobs/create`, settings);
    if (planned["always_running"] === true) await startRun(api, id, context.signal);
    return { id: String(id) };
  },

  async update(api, id, _prior, planned, context) {
    await api.post(
      `/api/${apiVersion(planned)}/jobs/reset`,
      { job_id: Number(id), new_settings: settingsOf(planned) },
      { idempotent: true },
    );
    if (planned["always_running"] === true) await restartRuns(api, Number(id), context.signal);
    else if (planned["control_run_state"] === true) await restartContinuous(api, Number(id));
    return { id };
  },

  async delete(api, id) {
    await api.post("/api/2.2/jobs/delete", { job_id: Number(id) });
  },

  async restore(api, id, desired) {
    await api.post(
      `/api/${apiVersion(desired)}/jobs/reset`,
      { job_id: Number(id), new_settings: settingsOf(desired) },
      { idempotent: true },
    );
  },

  toState(remote, before, _why, fresh) {
    const state = stateOf(jobBlock(), before, remote, fresh);
    state["task"] = each({ task: inOrderOf(state["task"], before["task"], "task_key") }, "task", (task) =>
      ordered(
        task,
        blocks(before, "task").find((one) => one["task_key"] === task["task_key"]),
      ),
    );
    return ordered(state, before);
  },

  importId(argument) {
    if (!/^\d+$/.test(argument)) {
      throw new LakeformError("BAD_IMPORT_ID", "a job is imported by its number", {
        value: argument,
        allowed: "the job's id, for example 1001",
      });
    }
    return { id: argument, attributes: {} };
  },

  removal: (remote) => apiCommand("POST", "/api/2.2/jobs/delete", { job_id: Number(remote.id) }),
};

/** An item of the list is the whole job but for `run_as`; jobs with more than a page of tasks are asked for one by one. */
async function listed(api: ReadClient, item: Json, signal?: AbortSignal): Promise<Remote> {
  const id = String(number(item["job_id"]) ?? "");
  if (item["has_more"] === true) {
    const whole = await getJob(api, id, "2.2", signal);
    if (whole !== undefined) return jobFrom(whole, api.host);
  }
  const remote = jobFrom(item, api.host);
  return item["run_as_user_name"] === undefined ? { ...remote, omitted: ["run_as"] } : remote;
}

/** Lists whose order means nothing, in the order that Terraform knows. */
function ordered(attributes: Attributes, known: Attributes | undefined): Attributes {
  if (known === undefined) return attributes;
  const made = { ...attributes };
  if (blocks(attributes, "depends_on").length > 0)
    made["depends_on"] = inOrderOf(attributes["depends_on"], known["depends_on"], "task_key");
  const hooks = block(attributes, "webhook_notifications");
  const knownHooks = block(known, "webhook_notifications");
  if (hooks !== undefined && knownHooks !== undefined) {
    const sorted = Object.entries(hooks).map(([event, ids]): [string, Value] => [event, inOrderOf(ids, knownHooks[event], "id")]);
    made["webhook_notifications"] = [Object.fromEntries(sorted)];
  }
  return made;
}

function validate(config: Attributes): readonly Problem[] {
  const problems: Problem[] = [];
  const runs = config["max_concurrent_runs"];
  if (config["always_running"] === true && typeof runs === "number" && runs > 1) {
    problems.push({ path: "always_running", message: "`always_running` must be specified only with `max_concurrent_runs = 1`" });
  }
  if (config["control_run_state"] === true && "continuous" in config && blocks(config, "continuous").length === 0) {
    problems.push({ path: "control_run_state", message: "`control_run_state` must be specified only with `continuous`" });
  }
  return problems;
}

/**
 * A create whose answer was lost may have taken effect, and a second one would make a second job of the name: before the error is told, the job is looked
 * for, by name, stamp and time.
 */
async function createOnce(api: Client, path: string, settings: Record<string, unknown>): Promise<number> {
  const started = Date.now();
  try {
    return idOf(await api.post(path, settings));
  } catch (error) {
    if (!isConnectionError(error) || error.notSent) throw error;
    const made = await lookUp(api, settings, started);
    if (made === undefined) throw error;
    return made;
  }
}

async function lookUp(api: Client, settings: Record<string, unknown>, started: number): Promise<number | undefined> {
  const name = text(settings["name"]);
  const stamp = text(object(settings["tags"])["lakeform"]);
  if (name === undefined || stamp === undefined) return undefined; // without a stamp it could be anybody's
  const found = objects(object(await api.get("/api/2.2/jobs/list", { query: { name, limit: 100 } }))["jobs"]);
  // clocks differ: a minute of grace
  const ours = found.filter((one) => {
    const tags = object(object(one["settings"])["tags"]);
    return tags["lakeform"] === stamp && (number(one["created_time"]) ?? 0) > started - 60_000;
  });
  return ours.length === 1 && ours[0] !== undefined ? number(ours[0]["job_id"]) : undefined;
}

function idOf(answer: unknown): number {
  const id = number(object(answer)["job_id"]);
  if (id === undefined) throw new LakeformError("UNEXPECTED_ANSWER", "jobs/create answered without a job_id");
  return id;
}
