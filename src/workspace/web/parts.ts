import type { Progress } from "../jobs/run-model";
import { html, type Html, type Part } from "./html";

/** Returns the CSS class for the colour of a state or result. */
export function tone({
  life,
  result,
}: Pick<Progress, "life" | "result">): "ok" | "bad" | "run" | "wait" | "off" {
  switch (result) {
    case "SUCCESS":
      return "ok";
    case "SUCCESS_WITH_FAILURES":
    case "CANCELED":
    case "UPSTREAM_CANCELED":
    case "MAXIMUM_CONCURRENT_RUNS_REACHED":
      return "wait";
    case "FAILED":
    case "TIMEDOUT":
    case "UPSTREAM_FAILED":
      return "bad";
    case "EXCLUDED":
    case "DISABLED":
      return "off";
    default:
      return life === "RUNNING" || life === "TERMINATING"
        ? "run"
        : life === "PENDING" || life === "WAITING_FOR_RETRY"
          ? "wait"
          : "off";
  }
}

/** Returns the result, or the state of an unfinished run. */
export const stateWord = ({ life, result }: Pick<Progress, "life" | "result">): string =>
  (result ?? life).toLowerCase().replaceAll("_", " ");

/** Renders a state or result with its colour. */
export const chip = (progress: Pick<Progress, "life" | "result">): Html =>
  html`<span class="chip ${tone(progress)}">${stateWord(progress)}</span>`;

/** Renders a time as `2026-01-05 12:00:03` in UTC; no time or 0 as `–`. */
export function time(ms: number | undefined): Html {
  if (ms === undefined || ms === 0) return html`<span class="dim">–</span>`;
  const iso = new Date(ms).toISOString();
  return html`<time class="nowrap" datetime="${iso}" title="${iso}"
    >${iso.slice(0, 19).replace("T", " ")}</time
  >`;
}

/** Formats a duration: `850 ms`, `1.2 s`, `12 s`, `3 m 5 s`, `2 h 4 m`. */
export function duration(ms: number | undefined): string {
  if (ms === undefined) return "–";
  if (ms < 1000) return `${ms} ms`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${ms < 10_000 ? (ms / 1000).toFixed(1) : seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} m`;
}

export function bytes(size: number): string {
  if (size < 1024) return `${size} B`;
  if (size < 1024 ** 2) return `${(size / 1024).toFixed(1)} KB`;
  return `${(size / 1024 ** 2).toFixed(1)} MB`;
}

/** Renders a table in a card; without rows, `emptyText`. */
export function table(
  head: readonly string[],
  rows: readonly (readonly Part[])[],
  emptyText: string,
): Html {
  if (rows.length === 0) return html`<div class="card empty">${emptyText}</div>`;
  return html`<div class="card scroll">
    <table>
      <thead>
        <tr>
          ${head.map((name) => (name === "" ? html`<td></td>` : html`<th>${name}</th>`))}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr>
              ${row.map((cell) => html`<td>${cell}</td>`)}
            </tr> `,
        )}
      </tbody>
    </table>
  </div>`;
}

/** Renders a name in a table, on one line and truncated if it is long. */
export const name = (value: string, href?: string): Html =>
  href === undefined
    ? html`<span class="name" title="${value}">${value}</span>`
    : html`<a class="name" href="${href}" title="${value}">${value}</a>`;

/** Renders the links below one page of a list. */
export function pager(
  newest: string | undefined,
  older: string | undefined,
  noun: string,
): Html | undefined {
  if (newest === undefined && older === undefined) return undefined;
  return html`<div class="pager">
    ${newest !== undefined && html`<a href="${newest}">← Newest ${noun}</a>`}
    ${older !== undefined && html`<a href="${older}">Older ${noun} →</a>`}
  </div>`;
}

/** Renders labels with their values. */
export function facts(items: readonly (readonly [string, Part])[]): Html {
  return html`<dl class="card pad facts">
    ${items.map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value === undefined || value === "" ? html`<span class="dim">–</span>` : value}</dd>
        </div> `,
    )}
  </dl>`;
}

/** Renders text, or another value as JSON, in a monospaced font. */
export const code = (value: unknown): Html =>
  html`<pre>${typeof value === "string" ? value : JSON.stringify(value, null, 2)}</pre>`;

/** Renders one row of a timeline. The time before the task's work starts has a lighter colour. */
export function bar(progress: Progress, from: number, to: number): Html {
  const span = Math.max(1, to - from);
  const percentAt = (time: number): number =>
    Math.round(((Math.min(Math.max(time, from), to) - from) / span) * 1000) / 10;
  const { start, executing, end } = progress;
  if (start === undefined) return html``;
  const startX = percentAt(start);
  const workX = percentAt(executing ?? end ?? to);
  const endX = percentAt(end ?? to);
  const colour = tone(progress);
  return html`<svg class="bar" aria-hidden="true">
    <rect class="track" x="0" y="5" width="100%" height="4" rx="2" />
    <rect
      class="${colour} setup"
      x="${startX}%"
      y="2"
      width="${Math.max(0, workX - startX)}%"
      height="10"
      rx="2"
    />
    <rect
      class="${colour}"
      x="${workX}%"
      y="2"
      width="${Math.max(executing === undefined ? 0 : 0.8, endX - workX)}%"
      height="10"
      rx="2"
    />
  </svg>`;
}

/** Renders a form with one button. @param csrf the session's token: the form is rejected without it */
export const buttonForm = (action: string, label: string, csrf: string, className = ""): Html =>
  html`<form method="post" action="${action}">
    <input type="hidden" name="csrf" value="${csrf}" /><button class="${className}">
      ${label}
    </button>
  </form>`;
