import { pageStyle } from "../../page-style";
import { html, type Html } from "../web/html";
import type { CellReport, Piece, Report } from "./report";

const css = `${pageStyle}.out{border-left:3px solid var(--accent)}.bad{border-left:3px solid var(--bad)}pre{background:var(--card);border:1px solid var(--line);border-radius:8px;margin:6px 0}`;

/** Renders an executed notebook as a standalone page, for runs/export. */
export function exportPage(
  path: string,
  report: Report,
  output: (cell: number) => readonly Piece[],
): string {
  const name = path.split("/").at(-1) ?? path;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${name}</title>
        <style>
          ${css}
        </style>
      </head>
      <body class="report">
        <main>
          <h1>${name}</h1>
          <p class="dim">${path}</p>
          ${report.notices.map((notice) => html`<p>${notice}</p>`)}
          ${report.cells.map((cell) => cellHtml(cell, output(cell.id)))}
          ${report.exit !== undefined && html`<p>Notebook exited: <b>${report.exit}</b></p>`}
        </main>
      </body>
    </html> `.text;
}

function cellHtml(cell: CellReport, output: readonly Piece[]): Html {
  const text = output.map((piece) => piece.text).join("");
  return html`<h3>
      Cell
      ${cell.number}${cell.depth > 0 && ` of ${cell.notebook}`}${cell.title !== undefined && `: ${cell.title}`}
    </h3>
    <pre><code>${cell.language === "python" ? "" : `%${cell.language}\n`}${cell.source}</code></pre>
    ${text !== "" && html`<pre class="out">${text}</pre>`}
    ${cell.error !== undefined && html`<pre class="bad">${cell.error.trace || cell.error.message}</pre>`}`;
}
