import type { JsonObject } from "../errors";
import { asArray, asObject, formatValue, asText } from "../jobs/json";
import { runAsName } from "../jobs/render-job";
import { nextTrigger } from "../jobs/schedules";
import { isTerminal, type Run } from "../jobs/run-model";
import { asMultiTask, tasksOf, triggersOf, type JobRecord } from "../jobs/settings";
import { renderTaskGraph } from "./graph";
import { html, link, withQuery, type Html } from "./html";
import type { Page } from "./layout";
import { buttonForm, chip, code, duration, facts, name, pager, table, time, tone } from "./parts";
import type { Visit } from "./visit";

const PAGE_SIZE = 50;
/** Max number of jobs to show for a search. */
const MAX_MATCHES = 200;

/** Renders `/`: counts, jobs, recent runs. */
export function overviewPage({ service, caller, app }: Visit): Page {
  const { jobs, runs } = service;
  const activeRuns = runs.unfinishedRuns().filter((run) => mayRead(run, { caller, app }));
  const recentRuns = runs
    .page(undefined, undefined, 15)
    .filter((run) => mayRead(run, { caller, app }));
  const endedRuns = runs.page(undefined, undefined, 100).filter((run) => isTerminal(run.life));
  const succeededCount = endedRuns.filter((run) => tone(run) === "ok").length;
  const card = (count: string | number, label: string): Html =>
    html`<div class="card"><b>${count}</b><span>${label}</span></div>`;
  const visibleJobs = jobs
    .page(undefined, 15)
    .filter((job) => app.permissions.allows(caller, "job", job.job_id, "CAN_VIEW"));
  return {
    title: "Overview",
    live: true,
    body: html`<div class="cards">
        ${card(jobs.count(), "jobs")} ${card(activeRuns.length, "active runs")}
        ${card(endedRuns.length === 0 ? "–" : `${succeededCount} of ${endedRuns.length}`, `of the last ${endedRuns.length === 1 ? "run" : "runs"} succeeded`)}
        ${card(service.schedules.size, "jobs on a schedule")}
      </div>
      <h2>Recent runs</h2>
      ${runTable(recentRuns, true)}
      <h2>Jobs</h2>
      ${jobTable(visibleJobs, service, "No jobs yet. Create one with the API, an SDK or Terraform.")}`,
  };
}

const mayRead = (run: Run, { caller, app }: Pick<Visit, "caller" | "app">): boolean =>
  caller.admin ||
  run.creator === caller.name ||
  app.permissions.allows(caller, "job", run.job_id, "CAN_VIEW");

function jobTable(jobs: readonly JobRecord[], service: Visit["service"], emptyText: string): Html {
  return table(
    ["Name", "Tasks", "Trigger", "Last run", "Created by", "Id"],
    jobs.map((job) => {
      const lastRun = service.runs.page(job.job_id, undefined, 1)[0];
      return [
        name(asText(job.settings.name), link("jobs", job.job_id)),
        tasksOf(job.settings).length,
        html`<span class="nowrap">${triggerText(job)}</span>`,
        lastRun === undefined
          ? html`<span class="dim">never</span>`
          : html`<a href="${runLink(lastRun)}">${chip(lastRun)}</a>`,
        job.creator_user_name,
        html`<span class="mono">${job.job_id}</span>`,
      ];
    }),
    emptyText,
  );
}

function triggerText({ settings }: JobRecord): string {
  const continuous = asObject(settings.continuous);
  const descriptions = [
    ...(continuous === undefined ? [] : [withPauseStatus("continuous", continuous)]),
    ...triggersOf(settings).map((trigger) =>
      withPauseStatus(
        trigger.schedule === undefined
          ? (Object.keys(trigger).find((key) => key !== "pause_status") ?? "trigger")
          : asText(asObject(trigger.schedule)?.quartz_cron_expression),
        trigger,
      ),
    ),
  ];
  return descriptions.join(", ") || "–";
}

const withPauseStatus = (description: string, trigger: JsonObject): string =>
  trigger.pause_status === "PAUSED" ? `${description} (paused)` : description;

export const runLink = (run: Run): string => link("jobs", run.job_id, "runs", run.run_id);

function runTable(runs: readonly Run[], withJob: boolean): Html {
  return table(
    ["Run", ...(withJob ? ["Job"] : []), "State", "Started", "Duration", "Trigger", "By"],
    runs.map((run) => [
      html`<a class="mono" href="${runLink(run)}">${run.run_id}</a>`,
      ...(withJob ? [name(run.run_name, link("jobs", run.job_id))] : []),
      chip(run),
      time(run.start),
      run.end === undefined
        ? ""
        : html`<span class="nowrap">${duration(run.end - (run.start ?? run.end))}</span>`,
      html`<span class="nowrap">${run.trigger.toLowerCase().replaceAll("_", " ")}</span>`,
      run.creator,
    ]),
    "No runs yet.",
  );
}

/** Renders `/jobs`: all jobs, newest first, or those with a string in their name. */
export function jobListPage({ service, caller, app, call }: Visit): Page {
  const searchText = call.input.optionalString("name") ?? "";
  const beforeId = call.input.optionalInteger("before");
  const matches =
    searchText === ""
      ? service.jobs.page(beforeId, PAGE_SIZE + 1)
      : service.jobs.searchByName(searchText, MAX_MATCHES + 1);
  const page = matches.slice(0, searchText === "" ? PAGE_SIZE : MAX_MATCHES);
  const lastJob = page.at(-1);
  return {
    title: "Jobs",
    body: html`<form class="filter" method="get" action="/jobs">
        <input
          type="search"
          name="name"
          value="${searchText}"
          placeholder="Part of a name"
          aria-label="Part of a name"
        /><button class="button quiet">Find</button>
      </form>
      ${jobTable(
        page.filter((job) => app.permissions.allows(caller, "job", job.job_id, "CAN_VIEW")),
        service,
        searchText === "" ? "No jobs yet." : `No job matches “${searchText}”.`,
      )}
      ${searchText !== "" && matches.length > MAX_MATCHES && html`<p class="dim">The first ${MAX_MATCHES} by name: refine the name to see others.</p>`}
      ${searchText === "" && pager(beforeId === undefined ? undefined : "/jobs", matches.length > PAGE_SIZE && lastJob !== undefined ? withQuery("/jobs", { before: String(lastJob.job_id) }) : undefined, "jobs")}`,
  };
}

/** Renders `/runs`: the newest runs of all jobs, or of one job with `?job=`. */
export function runListPage({ service, caller, app, call }: Visit): Page {
  const beforeId = call.input.optionalInteger("before");
  const id = call.input.optionalInteger("job");
  const matches = service.runs.page(id, beforeId, PAGE_SIZE + 1);
  const page = matches.slice(0, PAGE_SIZE);
  const lastRun = page.at(-1);
  const filter: Record<string, string> = id === undefined ? {} : { job: String(id) };
  const pageLink = (query: Record<string, string>): string =>
    withQuery("/runs", { ...filter, ...query });
  const job = id === undefined ? undefined : service.jobs.find(id);
  return {
    title: job === undefined ? "Runs" : `Runs of ${asText(job.settings.name)}`,
    ...(id === undefined
      ? {}
      : {
          crumbs: html`<a href="/jobs">Jobs</a> / <a href="${link("jobs", id)}">${id}</a> / runs`,
        }),
    live: true,
    body: html`${runTable(
      page.filter((run) => mayRead(run, { caller, app })),
      id === undefined,
    )}
    ${pager(beforeId === undefined ? undefined : pageLink({}), matches.length > PAGE_SIZE && lastRun !== undefined ? pageLink({ before: String(lastRun.run_id) }) : undefined, "runs")}`,
  };
}

/** Renders `/jobs/<id>`. */
export async function jobPage({ service, caller, call, app, csrf }: Visit): Promise<Page> {
  const id = Number(call.params.job);
  const job = service.requireJob(caller, id, "CAN_VIEW");
  const settings = asMultiTask(job.settings);
  const tasks = tasksOf(job.settings);
  const graph = await renderTaskGraph(
    tasks.map((spec) => ({
      key: asText(spec.task_key),
      spec,
      tone: "off",
      href: `#task-${asText(spec.task_key)}`,
    })),
  );
  const nextStart = nextTrigger(job, app.clock.now());
  const runs = service.runs.page(id, undefined, 26);
  const tags = Object.entries(asObject(settings.tags) ?? {});
  return {
    title: asText(settings.name),
    crumbs: html`<a href="/jobs">Jobs</a> / ${job.job_id}`,
    live: true,
    aside: html`<div class="right">
      ${buttonForm(link("jobs", id, "run-now"), "Run now", csrf, "button")}
    </div>`,
    body: html`${facts([
        ["Job id", html`<span class="mono">${job.job_id}</span>`],
        ["Trigger", triggerText(job)],
        ["Time zone", asText(asObject(settings.schedule)?.timezone_id)],
        ["Next run (UTC)", nextStart === undefined ? "" : time(nextStart.time)],
        ["Runs as", runAsName(job)],
        ["Created by", job.creator_user_name],
        ["Created", time(job.created_time)],
        ["Concurrent runs", formatValue(settings.max_concurrent_runs)],
        ["Queue", asObject(settings.queue)?.enabled === true ? "on" : "off"],
      ])}
      ${
        tags.length > 0 &&
        html`<h2>Tags</h2>
          ${tags.map(([key, value]) => html`<span class="tag">${key}: ${formatValue(value)}</span>`)}`
      }
      ${
        graph !== undefined &&
        html`<h2>Tasks</h2>
          <div class="card graph">${graph}</div>`
      }
      ${graph === undefined ? html`<h2>Tasks</h2>` : html`<div class="gap"></div>`}
      ${taskTable(tasks)} ${parameterTable(settings)}
      <h2>Runs</h2>
      ${runTable(runs.slice(0, 25), false)}
      ${runs.length > 25 && html`<div class="pager"><a href="${withQuery("/runs", { job: String(id) })}">All runs of this job →</a></div>`}
      <h2>Settings</h2>
      <details>
        <summary>API response</summary>
        <div class="card">${code(job.settings)}</div>
      </details>`,
  };
}

function taskTable(tasks: readonly JsonObject[]): Html {
  return table(
    ["Task", "Kind", "Depends on", "Runs if", "Compute"],
    tasks.map((spec) => [
      html`<span id="task-${asText(spec.task_key)}"><b>${asText(spec.task_key)}</b></span>`,
      kindText(spec),
      asArray(spec.depends_on)
        .map((value) => asObject(value))
        .map(
          (dependency) =>
            `${asText(dependency?.task_key)}${dependency?.outcome === undefined ? "" : ` = ${formatValue(dependency.outcome)}`}`,
        )
        .join(", ") || "–",
      asText(spec.run_if).toLowerCase().replaceAll("_", " "),
      computeText(spec),
    ]),
    "No tasks.",
  );
}

/** Describes the compute of a task; "–" for a control-flow task, which runs without compute. */
function computeText(spec: JsonObject): string {
  if (
    spec.condition_task !== undefined ||
    spec.for_each_task !== undefined ||
    spec.run_job_task !== undefined
  )
    return "–";
  const kind = Object.keys(spec).find((key) => key.endsWith("_task")) ?? "";
  if (asText(asObject(spec[kind])?.warehouse_id) !== "") return "SQL warehouse";
  if (kind === "pipeline_task") return "pipeline";
  return (
    asText(spec.job_cluster_key) ||
    asText(spec.existing_cluster_id) ||
    (spec.new_cluster === undefined ? "serverless" : "new cluster")
  );
}

/** Describes the type of a task and what it runs. */
export function kindText(spec: JsonObject): string {
  const kind = Object.keys(spec).find((key) => key.endsWith("_task")) ?? "";
  const body = asObject(spec[kind]) ?? {};
  const target = [
    "notebook_path",
    "python_file",
    "main_class_name",
    "entry_point",
    "pipeline_id",
    "job_id",
    "inputs",
  ]
    .map((name) => formatValue(body[name]))
    .find((value) => value !== "");
  const condition =
    kind === "condition_task"
      ? `${formatValue(body.left)} ${asText(body.op).toLowerCase().replaceAll("_", " ")} ${formatValue(body.right)}`
      : undefined;
  return `${kind.replace(/_task$/, "").replaceAll("_", " ")} ${(condition ?? target ?? "").slice(0, 120)}`.trim();
}

function parameterTable(settings: JsonObject): Html | undefined {
  const items = asArray(settings.parameters).map((value) => asObject(value));
  if (items.length === 0) return undefined;
  return html`<h2>Parameters</h2>
    ${table(
      ["Name", "Default"],
      items.map((item) => [asText(item?.name), html`<code>${formatValue(item?.default)}</code>`]),
      "",
    )}`;
}
