import { WorkspaceError } from "../errors";
import { isFailure } from "../jobs/endings";
import { renderOutput } from "../jobs/output";
import { latest, isTerminal, type Attempt, type Run, type TaskRun } from "../jobs/run-model";
import { renderTaskGraph } from "./graph";
import { html, link, type Html } from "./html";
import { renderExecution } from "./cells";
import { kindText } from "./jobs-pages";
import type { Page } from "./layout";
import { buttonForm, bar, chip, code, duration, facts, table, time, tone } from "./parts";
import type { Visit } from "./visit";

/**
 * Renders `/jobs/<id>/runs/<run>`, the page at `run_page_url`: a run, or the run of one of its tasks.
 */
export async function runPage(visit: Visit): Promise<Page> {
  const { service, caller, call } = visit;
  const locatedRun = service.runs.locate(Number(call.params.run));
  service.requireRunAccess(caller, locatedRun.run, "CAN_VIEW");
  const { run, task, attempt } = locatedRun;
  if (String(run.job_id) !== call.params.job)
    throw new WorkspaceError(
      "RESOURCE_DOES_NOT_EXIST",
      `Job ${call.params.job ?? ""} has no run ${call.params.run ?? ""}.`,
    );
  return task === undefined || attempt === undefined
    ? renderWholeRun(visit, run)
    : renderTaskRun(visit, run, task, attempt);
}

/** Max number of iterations to show for a loop. */
const MAX_ITERATIONS = 500;

const attemptLink = (run: Run, attempt: Attempt): string =>
  link("jobs", run.job_id, "runs", attempt.run_id);

async function renderWholeRun({ app, service, csrf }: Visit, run: Run): Promise<Page> {
  const now = app.clock.now();
  const graph = await renderTaskGraph(
    run.tasks.map((task) => ({
      key: task.key,
      spec: task.spec,
      tone: tone(latest(task)),
      href: attemptLink(run, latest(task)),
    })),
  );
  const from = run.repairs.at(-1)?.start ?? run.start ?? now;
  const to = run.end ?? Math.max(now, from + 1);
  const hasJob = service.jobs.find(run.job_id) !== undefined;
  return {
    title: run.run_name,
    crumbs: html`<a href="/jobs">Jobs</a> /
      ${hasJob ? html`<a href="${link("jobs", run.job_id)}">${run.run_name}</a>` : html`one-time run`}
      / run ${run.run_id}`,
    live: true,
    done: isTerminal(run.life),
    aside: html`${chip(run)}
    ${
      !isTerminal(run.life) &&
      run.cancel === undefined &&
      html`<div class="right">
        ${buttonForm(link("runs", run.run_id, "cancel"), "Cancel", csrf, "button quiet")}
      </div>`
    }${
      isTerminal(run.life) &&
      run.tasks.some((task) => isFailure(latest(task).result)) &&
      html`<div class="right">
        ${buttonForm(link("runs", run.run_id, "repair"), "Repair run", csrf, "button quiet")}
      </div>`
    }`,
    body: html`${messageNote(run)}
      ${facts([
        ["Run id", html`<span class="mono">${run.run_id}</span>`],
        ["Trigger", run.trigger.toLowerCase().replaceAll("_", " ")],
        ["Started", time(run.start)],
        ["Ended", time(run.end)],
        ["Duration", run.start === undefined ? "" : duration((run.end ?? now) - run.start)],
        ["Started by", run.creator],
        ["Runs as", run.run_as],
      ])}
      ${
        graph !== undefined &&
        html`<h2>Task graph</h2>
          <div class="card graph">${graph}</div>`
      }
      <h2>Tasks</h2>
      ${taskTable(run, from, to)} ${parameterTable(run)} ${repairTable(run)}`,
  };
}

/** Renders the message of an ended or queued run or task. */
function messageNote(progress: Run | Attempt): Html | undefined {
  if (progress.message === undefined || progress.message === "" || !isTerminal(progress.life)) {
    return progress.life === "QUEUED"
      ? html`<div class="note info">${progress.message}</div>`
      : undefined;
  }
  return html`<div class="note${tone(progress) === "bad" ? "" : " info"}">
    ${progress.message}
  </div>`;
}

function taskTable(run: Run, from: number, to: number): Html {
  return table(
    ["Task", "Kind", "State", "Attempt", "Started", "Duration", "Timeline"],
    run.tasks.map((task) => {
      const attempt = latest(task);
      return [
        html`<a href="${attemptLink(run, attempt)}"><b>${task.key}</b></a>`,
        kindText(task.spec),
        chip(attempt),
        task.attempts.length === 1
          ? "1"
          : html`${task.attempts.map((item, index) => html`${index > 0 && " · "}<a href="${attemptLink(run, item)}" title="${item.result ?? item.life}">${index + 1}</a>`)}`,
        time(attempt.start),
        attempt.start === undefined
          ? "–"
          : html`<span class="nowrap">${duration((attempt.end ?? to) - attempt.start)}</span>`,
        bar(attempt, from, to),
      ];
    }),
    "No tasks.",
  );
}

function parameterTable(run: Run): Html | undefined {
  const overrides = Object.entries(run.overriding);
  if (run.parameters.length === 0 && overrides.length === 0) return undefined;
  return html`<h2>Parameters</h2>
    ${
      run.parameters.length > 0 &&
      table(
        ["Name", "Value", "Default"],
        run.parameters.map((item) => [
          item.name,
          html`<code>${item.value}</code>`,
          html`<code class="dim">${item.default ?? "–"}</code>`,
        ]),
        "",
      )
    }
    ${overrides.length > 0 && html`<div class="card">${code(run.overriding)}</div>`}`;
}

function repairTable(run: Run): Html | undefined {
  if (run.repairs.length === 0) return undefined;
  const generations = [
    { name: "Original", start: run.start, progress: run.original ?? run },
    ...run.repairs.map((item, index) => ({
      name: `Repair ${index + 1}`,
      start: item.start,
      progress: item.progress ?? run,
    })),
  ];
  return html`<h2>Repair history</h2>
    ${table(
      ["", "State", "Started", "Ended"],
      generations.map((item) => [
        item.name,
        chip(item.progress),
        time(item.start),
        time(item.progress.end),
      ]),
      "",
    )}`;
}

function renderTaskRun(
  { app, service, csrf }: Visit,
  run: Run,
  task: TaskRun,
  attempt: Attempt,
): Page {
  const now = app.clock.now();
  const { metadata: _metadata, ...result } = renderOutput(
    { run, task, attempt },
    service.pages,
    service.executions,
  );
  const { error, error_trace, ...output } = result;
  const iterations = attempt.iterations ?? [];
  const executionHtml = renderExecution(service.executions, attempt, now);
  return {
    title: task.index === undefined ? task.key : `${task.key} [${task.index}]`,
    crumbs: html`<a href="/jobs">Jobs</a> /
      <a href="${link("jobs", run.job_id)}">${run.run_name}</a> /
      <a href="${link("jobs", run.job_id, "runs", run.run_id)}">run ${run.run_id}</a> / task`,
    live: true,
    done: isTerminal(attempt.life) && isTerminal(run.life),
    aside: html`${chip(attempt)}
    ${
      !isTerminal(attempt.life) &&
      run.cancel === undefined &&
      html`<div class="right">
        ${buttonForm(link("runs", attempt.run_id, "cancel"), "Cancel task", csrf, "button quiet")}
      </div>`
    }`,
    body: html`${messageNote(attempt)}
      ${facts([
        ["Task run id", html`<span class="mono">${attempt.run_id}</span>`],
        ["Attempt", attempt.attempt + 1],
        ["Started", time(attempt.start)],
        ["Ended", time(attempt.end)],
        [
          "Set-up",
          attempt.executing === undefined
            ? ""
            : duration(attempt.executing - (attempt.start ?? attempt.executing)),
        ],
        [
          "Execution",
          attempt.executing === undefined
            ? ""
            : duration((attempt.executed ?? now) - attempt.executing),
        ],
        [
          "Cluster",
          attempt.cluster_id === undefined
            ? ""
            : html`<span class="mono">${attempt.cluster_id}</span>`,
        ],
        ["Condition", attempt.outcome],
      ])}
      ${executionHtml}
      ${
        error !== undefined &&
        executionHtml === undefined &&
        html`<h2>Error</h2>
          <div class="card">${code(error)}${error_trace !== undefined && code(error_trace)}</div>`
      }
      ${
        Object.keys(output).length > 0 &&
        executionHtml === undefined &&
        html`<h2>Output</h2>
          <div class="card">${code(output)}</div>`
      }
      ${
        attempt.values !== undefined &&
        executionHtml === undefined &&
        html`<h2>Task values</h2>
          <div class="card">${code(attempt.values)}</div>`
      }
      ${
        iterations.length > 0 &&
        html`<h2>Iterations</h2>
          ${table(
            ["", "Input", "State", "Started", "Timeline"],
            iterations
              .slice(0, MAX_ITERATIONS)
              .map((item) => [
                html`<a href="${attemptLink(run, latest(item))}">${item.index ?? 0}</a>`,
                html`<code>${JSON.stringify(item.input).slice(0, 200)}</code>`,
                chip(latest(item)),
                time(latest(item).start),
                bar(latest(item), attempt.start ?? now, attempt.end ?? now),
              ]),
            "",
          )}
          ${iterations.length > MAX_ITERATIONS && html`<p class="dim">The first ${MAX_ITERATIONS} of ${iterations.length}.</p>`}`
      }
      <h2>Task</h2>
      <div class="card">${code(attempt.resolved ?? task.spec)}</div>`,
  };
}
