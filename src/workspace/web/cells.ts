import type { Executions } from "../execution/executions";
import type { CellReport, Piece, Report } from "../execution/report";
import type { Attempt } from "../jobs/run-model";
import { html, type Html } from "./html";
import { code, duration } from "./parts";

/**
 * Max characters of a cell's output on the page. The export contains the complete stored output.
 */
const MAX_CHARACTERS = 100_000;

/**
 * Renders the execution of a task: notices, cells with output and errors, the exit value and task
 * values. Returns undefined for a task that was not executed here.
 */
export function renderExecution(
  executions: Executions,
  attempt: Attempt,
  now: number,
): Html | undefined {
  const report = executions.findReport(attempt);
  if (report === undefined) return undefined;
  const outputBeforeCells = executions.readOutput(attempt, 0, MAX_CHARACTERS);
  return html`${report.notices.map((notice) => html`<div class="note info">${notice}</div>`)}
    <h2>${titles[report.kind]}</h2>
    ${report.python !== undefined && html`<p class="dim">Executed here by Python ${report.python}.</p>`}
    ${outputBeforeCells.length > 0 && html`<div class="card cell">${renderOutput(outputBeforeCells)}</div>`}
    ${report.error !== undefined && html`<div class="card cell bad">${code(report.error.trace || report.error.message)}</div>`}
    ${report.cells.map((cell) => renderCell(report, cell, executions.readOutput(attempt, cell.id, MAX_CHARACTERS), now))}
    ${
      report.exit !== undefined &&
      html`<h2>Exit value</h2>
        <div class="card">${code(report.exit)}</div>`
    }
    ${
      Object.keys(report.values).length > 0 &&
      html`<h2>Task values</h2>
        <div class="card">${code(report.values)}</div>`
    }`;
}

const titles: Readonly<Record<Report["kind"], string>> = {
  notebook: "Cells",
  python: "Output",
  sql: "Statements",
  wheel: "Output",
};

const tones: Readonly<Record<CellReport["state"], string>> = {
  waiting: "off",
  running: "run",
  succeeded: "ok",
  failed: "bad",
};

function renderCell(report: Report, cell: CellReport, output: readonly Piece[], now: number): Html {
  const elapsed = cell.started === undefined ? "" : duration((cell.ended ?? now) - cell.started);
  // In scripts, SQL files and wheels, `notebook` contains their name.
  const { notebook: sourceName } = cell;
  const notebookNote = cell.depth === 0 ? "" : ` of ${sourceName}`;
  const name =
    report.kind === "notebook"
      ? `Cell ${cell.number}${notebookNote}`
      : report.kind === "sql"
        ? `Statement ${cell.number}`
        : sourceName;
  return html`<div class="card cell${cell.state === "failed" && " bad"}" id="cell-${cell.id}">
    <div class="cell-head">
      <b>${name}</b> ${cell.title !== undefined && html`<span>${cell.title}</span>`}
      ${
        cell.language === "md"
          ? html`<span class="dim">text</span>`
          : html`<span class="chip ${tones[cell.state]}">${cell.state}</span>
              <span class="dim">${cell.language} ${elapsed}</span>`
      }
    </div>
    ${renderSource(cell)} ${output.length > 0 && renderOutput(output)}
    ${cell.error !== undefined && html`<pre class="err">${cell.error.trace || cell.error.message}</pre>`}
  </div>`;
}

/** Renders the source, and marks the line that failed. */
function renderSource(cell: CellReport): Html {
  if (cell.language === "md") return html`<pre>${cell.source}</pre>`;
  const lines = cell.source.split("\n");
  return html`<pre class="source">
${lines.map(
      (line, index) =>
        html`${cell.error?.line === index + 1 ? html`<mark>${line}</mark>` : line}${index < lines.length - 1 && "\n"}`,
    )}</pre>`;
}

const renderOutput = (pieces: readonly Piece[]): Html =>
  html`<pre class="out">
${pieces.map((piece) => (piece.stream === "stderr" ? html`<span class="stderr">${piece.text}</span>` : piece.text))}</pre>`;
