import { invalid, type JsonObject } from "../errors";
import type { Executions } from "../execution/executions";
import { exportPage } from "../execution/export-page";
import type { Report } from "../execution/report";
import { asObject, formatValue, asText } from "./json";
import { renderRun, renderTaskRun, type Pages } from "./render-run";
import { kindOf, latest, type Attempt, type Run, type TaskRun } from "./run-model";

/** Max length of notebook results and logs (docs "Get the output for a single run": 5 MB). */
const OUTPUT_LIMIT = 5 * 1024 * 1024;

interface LocatedRun {
  readonly run: Run;
  readonly task?: TaskRun;
  readonly attempt?: Attempt;
}

/**
 * Returns the task run to show. A run with one task counts as that task.
 * @throws for a run with several tasks
 */
function requireSingleTask({ run, task, attempt }: LocatedRun): {
  task: TaskRun;
  attempt: Attempt;
} {
  if (task !== undefined && attempt !== undefined) return { task, attempt };
  const [first, second] = run.tasks;
  if (first === undefined || second !== undefined)
    throw invalid(
      "Retrieving the output of runs with multiple tasks is not supported. Please retrieve the output of each individual task run instead.",
    );
  return { task: first, attempt: latest(first) };
}

/** Access to the cells of executed attempts. */
type CellReader = Pick<Executions, "findReport" | "readOutput">;

/** Renders the response of runs/get-output. */
export function renderOutput(
  locatedRun: LocatedRun,
  pages: Pages,
  executions: CellReader,
): JsonObject {
  const { task, attempt } = requireSingleTask(locatedRun);
  const { run } = locatedRun;
  const metadata =
    locatedRun.task === undefined
      ? renderRun(run, pages)
      : renderTaskRun(run, task, attempt, pages, false);
  const response: JsonObject = { metadata };
  const plan =
    attempt.end === undefined || attempt.executing === undefined ? undefined : attempt.plan;
  const value = plan?.output;
  switch (kindOf(task.spec)) {
    case "notebook_task": {
      const result = value === undefined ? undefined : formatValue(value);
      response.notebook_output =
        attempt.result !== "SUCCESS" || result === undefined
          ? {}
          : { result: result.slice(0, OUTPUT_LIMIT), truncated: result.length > OUTPUT_LIMIT };
      break;
    }
    case "sql_task":
      response.sql_output = sqlOutput(asObject(value));
      break;
    case "dbt_task":
      response.dbt_output = asObject(value) ?? {};
      break;
    case "run_job_task":
      if (attempt.child_run_id !== undefined)
        response.run_job_output = { run_id: attempt.child_run_id };
      break;
    case "condition_task":
    case "for_each_task":
    case "pipeline_task":
    case "spark_submit_task":
      break;
    default: {
      const report = executions.findReport(attempt);
      const logs =
        report === undefined
          ? (plan?.logs ?? (value === undefined ? "" : formatValue(value)))
          : logOf(executions, attempt, report);
      // The platform keeps the end of the logs.
      response.logs = logs.slice(-OUTPUT_LIMIT);
      response.logs_truncated =
        logs.length > OUTPUT_LIMIT || Object.keys(report?.cut ?? {}).length > 0;
    }
  }
  if (attempt.result === "FAILED") {
    response.error = plan?.error ?? attempt.message ?? "";
    if (plan?.error_trace !== undefined) response.error_trace = plan.error_trace;
  }
  return response;
}

/**
 * Removes the rows, which only `{{tasks.….output.rows}}` refers to. The response does not contain
 * them.
 */
function sqlOutput({ rows: _rows, first_row: _first, ...fields }: JsonObject = {}): JsonObject {
  return Object.keys(fields).length === 0 ? { query_output: {} } : fields;
}

/**
 * Returns everything that a script or wheel printed: stdout and stderr in the order of arrival.
 * Cell 0 contains the output before the code starts, such as that of pip.
 */
const logOf = (executions: CellReader, attempt: Attempt, report: Report): string =>
  [0, ...report.cells.map((cell) => cell.id)]
    .flatMap((cell) => executions.readOutput(attempt, cell).map((piece) => piece.text))
    .join("");

const escapeHtml = (value: string): string =>
  value.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);

/**
 * Renders the response of runs/export: a run's notebook as a page.
 * @throws unless the task is a notebook task
 */
export function exportRun(locatedRun: LocatedRun, executions: CellReader): JsonObject {
  const { task, attempt } = requireSingleTask(locatedRun);
  const path = asText(
    asObject(attempt.resolved?.notebook_task ?? task.spec.notebook_task)?.notebook_path,
  );
  if (kindOf(task.spec) !== "notebook_task")
    throw invalid("Only runs of notebook tasks can be exported.");
  const name = path.split("/").at(-1) ?? path;
  const report = executions.findReport(attempt);
  if (report !== undefined)
    return {
      views: [
        {
          content: exportPage(path, report, (cell) => executions.readOutput(attempt, cell)),
          name,
          type: "NOTEBOOK",
        },
      ],
    };
  const result = formatValue(attempt.plan?.output);
  const content = `<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title>${escapeHtml(name)}</title></head><body><h1>${escapeHtml(name)}</h1><p>${escapeHtml(path)}</p><pre>${escapeHtml(result)}</pre></body></html>\n`;
  return { views: [{ content, name, type: "NOTEBOOK" }] };
}
