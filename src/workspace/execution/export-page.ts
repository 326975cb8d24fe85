import { html, type Html } from "../web/html";
import type { CellReport, Piece, Report } from "./report";

const css = `body{font:15px/1.5 system-ui,sans-serif;max-width:1000px;margin:2em auto;padding:0 1em;color:#1b2430}
pre{background:#f6f7f9;border:1px solid #dfe4ea;border-radius:8px;padding:10px 14px;white-space:pre-wrap;overflow-wrap:anywhere}
.out{border-left:3px solid #0b7285}.bad{border-left:3px solid #b42318}.dim{color:#5f6b7a}`;

/** An executed notebook as a standalone page: the response of runs/export. */
export function exportPage(path: string, report: Report, output: (cell: number) => readonly Piece[]): string {
  const name = path.split("/").at(-1) ?? path;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <title>${name}</title>
        <style>
          ${css}
        </style>
      </head>
      <body>
        <h1>${name}</h1>
        <p class="dim">${path}</p>
        ${report.notices.map((notice) => html`<p>${notice}</p>`)} ${report.cells.map((cell) => one(cell, output(cell.id)))}
        ${report.exit !== undefined && html`<p>Notebook exited: <b>${report.exit}</b></p>`}
      </body>
    </html> `.text;
}

function one(cell: CellReport, output: readonly Piece[]): Html {
  const text = output.map((piece) => piece.text).join("");
  return html`<h3>Cell ${cell.number}${cell.depth > 0 && ` of ${cell.notebook}`}${cell.title !== undefined && `: ${cell.title}`}</h3>
    <pre><code>${cell.language === "python" ? "" : `%${cell.language}\n`}${cell.source}</code></pre>
    ${text !== "" && html`<pre class="out">${text}</pre>`}
    ${cell.error !== undefined && html`<pre class="bad">${cell.error.trace || cell.error.message}</pre>`}`;
}
