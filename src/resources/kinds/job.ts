import { defined } from "../../defined";
import { wholeNumber } from "../../exact-json";
import type { Client, ReadClient } from "../../api/client";
import { byToken } from "../../api/transport/paging";
import { LakeformError } from "../../errors";
import { address, atLeast, valueProblems, type Allowed } from "../shape/allowed-values";
import { clusterValues, zoneSuppress } from "../families/cluster-spec";
import { jobRules } from "./job-rules";
import { gitProviderOf } from "./repo";
import { cancelRuns, restartContinuous, restartRuns, startRun } from "./job-runs";
import {
  apiVersion,
  mapBlocks,
  getJob,
  hasTasks,
  jobBlock,
  jobFrom,
  settingsOf,
  sortedForCreate,
} from "./job-wire";
import type { Attributes, Kind, PendingCreate, Problem, Remote, Value } from "../kind";
import { createById } from "../families/create-once";
import { PartiallyCreated } from "../families/partially-created";
import { stateOf } from "../shape/sdk-state";
import { inOrderOf, sameName } from "../shape/shape";
import { apiCommand } from "../shape/api-command";
import { block, blocks, textOrEmpty } from "../shape/attributes";
import { idText, object, objects, optionalText, type Json } from "../shape/json";

/** The paths at which a job can specify a cluster. */
const clusterPaths = [
  "new_cluster.",
  "job_cluster.new_cluster.",
  "task.new_cluster.",
  "task.for_each_task.task.new_cluster.",
];

export const job: Kind = {
  type: "databricks_job",
  traits: {
    hasRuns: true,
    startBlocks: ["schedule", "trigger", "continuous", "triggers"],
    hasStamp: true,
    comparedInList: true,
    accessList: { request: "jobs" },
  },
  title: "job",
  identity: {
    naturalKey: (attributes) =>
      textOrEmpty(attributes, "name") === ""
        ? undefined
        : `name:${textOrEmpty(attributes, "name")}`,
    link: (host, id) => `${host}/#job/${id}`,
  },
  rules: jobRules,
  suppress: {
    ...zoneSuppress(...clusterPaths),
    // The provider derives this value from the URL if the configuration does not set it.
    "git_source.provider": (before, after, { config }) =>
      sameName(before, after) ||
      (after === "" &&
        before === gitProviderOf(textOrEmpty(block(config, "git_source") ?? {}, "url"))),
  },

  async read(api, id, options) {
    // The official provider uses 2.0 if the state has no tasks, as in an import. The verifier
    // always needs the complete job.
    const version = options.deep === false ? apiVersion(options.known) : "2.2";
    let wireObject = await getJob(api, id, version, options.signal);
    if (wireObject === undefined) return undefined;
    const settings = object(wireObject["settings"]);
    if (
      version === "2.0" &&
      settings["format"] === "MULTI_TASK" &&
      settings["tasks"] === undefined &&
      !hasTasks(options.known)
    ) {
      wireObject = (await getJob(api, id, "2.2", options.signal)) ?? wireObject;
    }
    return jobFrom(wireObject, api.host);
  },

  async *list(api, _within, signal, skip) {
    const fetchPage = async (token?: string): Promise<Json> => {
      const query = { limit: 100, expand_tasks: true, ...defined({ page_token: token }) };
      return object(await api.get("/api/2.2/jobs/list", { query, signal }));
    };
    for (let next: Promise<Json> | undefined = fetchPage(); next !== undefined;) {
      const page: Json = await next;
      const token = optionalText(page["next_page_token"]);
      // The next page is fetched while this one is processed.
      next = token === undefined || token === "" ? undefined : fetchPage(token);
      // An error is reported when the page is awaited, or ignored if the loop ends earlier.
      next?.catch(() => undefined);
      for (const item of objects(page["jobs"]))
        if (skip?.(idText(item["job_id"], "job_id")) !== true)
          yield await fromListItem(api, item, signal);
    }
  },

  validate,

  async create(api, planned, context) {
    const version = apiVersion(planned);
    const settings = sortedForCreate(settingsOf(planned));
    checkGitSource(object(settings["git_source"]), block(planned, "git_source"));
    const id = await createJob(api, `/api/${version}/jobs/create`, settings, context.pending);
    try {
      if (planned["always_running"] === true) await startRun(api, wholeNumber(id), context.signal);
    } catch (error) {
      throw new PartiallyCreated(id, error);
    }
    return { id };
  },

  async update(api, id, _prior, planned, context) {
    await api.post(
      `/api/${apiVersion(planned)}/jobs/reset`,
      { job_id: wholeNumber(id), new_settings: settingsOf(planned) },
      { idempotent: true },
    );
    if (planned["always_running"] === true) await restartRuns(api, wholeNumber(id), context.signal);
    else if (planned["control_run_state"] === true) {
      const isPaused =
        textOrEmpty(block(planned, "continuous") ?? {}, "pause_status") !== "UNPAUSED";
      if (isPaused) await cancelRuns(api, wholeNumber(id), context.signal);
      else await restartContinuous(api, wholeNumber(id));
    }
    return { id };
  },

  async delete(api, id) {
    await api.post("/api/2.2/jobs/delete", { job_id: wholeNumber(id) }, { removes: true });
  },

  async restore(api, id, desired) {
    await api.post(
      `/api/${apiVersion(desired)}/jobs/reset`,
      { job_id: wholeNumber(id), new_settings: settingsOf(desired) },
      { idempotent: true },
    );
  },

  toState(remote, before, _why, fresh) {
    const state = stateOf(jobBlock(), before, remote, fresh);
    state["task"] = mapBlocks(
      { task: inOrderOf(state["task"], before["task"], "task_key") },
      "task",
      (task) =>
        withStateOrder(
          task,
          blocks(before, "task").find((attributes) => attributes["task_key"] === task["task_key"]),
        ),
    );
    return withStateOrder(state, before);
  },

  importId(argument) {
    if (!/^\d+$/.test(argument)) {
      throw new LakeformError("BAD_IMPORT_ID", "a job can only be imported by its id", {
        value: argument,
        allowed: "the job's id, for example 1001",
        fix: "find the id: lakeform api GET '2.2/jobs/list?name=NAME'",
      });
    }
    return { id: argument, attributes: {} };
  },

  removal: (remote) =>
    apiCommand("POST", "/api/2.2/jobs/delete", { job_id: wholeNumber(remote.id) }),
};

/**
 * Converts a list item, which is the complete job except for `run_as`. Jobs with more than one page
 * of tasks are read individually.
 */
async function fromListItem(api: ReadClient, item: Json, signal?: AbortSignal): Promise<Remote> {
  const id = idText(item["job_id"], "job_id");
  if (item["has_more"] === true || (optionalText(item["next_page_token"]) ?? "") !== "") {
    const completeJob = await getJob(api, id, "2.2", signal);
    if (completeJob !== undefined) return jobFrom(completeJob, api.host);
  }
  const remote = jobFrom(item, api.host);
  // API 2.2 returns the format MULTI_TASK for every job, even for one without tasks.
  if (!hasTasks(remote.attributes)) delete remote.attributes["format"];
  return item["run_as_user_name"] === undefined ? { ...remote, omitted: ["run_as"] } : remote;
}

/** Sorts the lists in which the order does not matter as in Terraform's state. */
function withStateOrder(attributes: Attributes, known: Attributes | undefined): Attributes {
  if (known === undefined) return attributes;
  const result = { ...attributes };
  if (blocks(attributes, "depends_on").length > 0)
    result["depends_on"] = inOrderOf(attributes["depends_on"], known["depends_on"], "task_key");
  const webhooks = block(attributes, "webhook_notifications");
  const stateWebhooks = block(known, "webhook_notifications");
  if (webhooks !== undefined && stateWebhooks !== undefined) {
    const sorted = Object.entries(webhooks).map(([event, ids]): [string, Value] => [
      event,
      inOrderOf(ids, stateWebhooks[event], "id"),
    ]);
    result["webhook_notifications"] = [Object.fromEntries(sorted)];
  }
  return result;
}

const pauseStates = ["PAUSED", "UNPAUSED"];

const allowedValues = {
  "schedule.pause_status": pauseStates,
  "trigger.pause_status": pauseStates,
  "continuous.pause_status": pauseStates,
  "triggers.pause_status": pauseStates,
  max_concurrent_runs: atLeast(0),
  "git_source.url": address("https"),
  ...Object.assign({}, ...clusterPaths.map(clusterValues)),
} as Readonly<Record<string, Allowed>>;

/**
 * Checks a Git source without a provider, as the official provider does.
 * @throws LakeformError NO_GIT_PROVIDER if the URL does not show the provider, NO_GIT_REFERENCE if
 * there is no branch, tag or commit
 */
function checkGitSource(sent: Json, source: Attributes | undefined): void {
  if (source === undefined || textOrEmpty(source, "provider") !== "") return;
  if (optionalText(sent["git_provider"]) === undefined) {
    throw new LakeformError("NO_GIT_PROVIDER", "the git provider cannot be derived from the URL", {
      path: "git_source.0.provider",
      value: textOrEmpty(source, "url"),
      fix: "set git_source.provider",
    });
  }
  if (["branch", "tag", "commit"].every((field) => textOrEmpty(source, field) === "")) {
    throw new LakeformError("NO_GIT_REFERENCE", "the git source has no branch, tag or commit", {
      path: "git_source",
      allowed: "one of branch, tag, commit",
      fix: "set one of them",
    });
  }
}

function validate(config: Attributes): readonly Problem[] {
  const problems: Problem[] = [...valueProblems(config, allowedValues)];
  const runs = config["max_concurrent_runs"];
  if (config["always_running"] === true && typeof runs === "number" && runs > 1) {
    problems.push({
      path: "always_running",
      message: "`always_running` must be specified only with `max_concurrent_runs = 1`",
    });
  }
  if (
    config["control_run_state"] === true &&
    "continuous" in config &&
    blocks(config, "continuous").length === 0
  ) {
    problems.push({
      path: "control_run_state",
      message: "`control_run_state` must be specified only with `continuous`",
    });
  }
  if (config["control_run_state"] === true && typeof runs === "number" && runs > 1) {
    problems.push({
      path: "control_run_state",
      message: "`control_run_state` must be specified only with `max_concurrent_runs = 1`",
    });
  }
  return problems;
}

/**
 * Creates a job. Names are not unique, so after a lost response the new job is identified by its
 * settings (including the stamp), creator and creation time.
 */
function createJob(
  api: Client,
  path: string,
  body: Record<string, unknown>,
  pending?: PendingCreate,
): Promise<string> {
  const name = optionalText(body["name"]);
  return createById(
    api,
    {
      objectKey: `job ${name ?? ""}`,
      path,
      body,
      idField: "job_id",
      async candidates() {
        const query = { limit: 100, expand_tasks: true, ...defined({ name }) };
        const candidates: Json[] = [];
        for await (const item of byToken<Json>(api, {
          path: "/api/2.2/jobs/list",
          items: "jobs",
          query,
        }))
          candidates.push(item);
        return candidates.filter(
          (item) => optionalText(object(item["settings"])["name"]) === (name ?? "Untitled"),
        );
      },
      asCreateRequest: (item) => object(item["settings"]),
      createdAt: (item) => item["created_time"],
      isCreatedBy: (item, caller) => item["creator_user_name"] === caller.userName,
    },
    pending,
  );
}
