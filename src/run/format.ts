import { printable } from "../printable";
import { isFinished, isSuccess, type RunState } from "../api/families/runs";

/** Returns the state of a run or task in one word: `SUCCESS`, `FAILED`, `RUNNING`, … */
export function stateWord(state: RunState | undefined): string {
  const result = state?.result_state;
  if (result !== undefined && isFinished(state)) return result;
  return state?.life_cycle_state ?? "UNKNOWN";
}

/** Results of tasks that did not start. */
const notRun = new Set(["EXCLUDED", "DISABLED", "UPSTREAM_FAILED", "UPSTREAM_CANCELED"]);

/** Returns the symbol of a state: running, pending, successful, not run or failed. */
export function symbol(state: RunState | undefined): string {
  if (!isFinished(state))
    return state?.life_cycle_state === "RUNNING" || state?.life_cycle_state === "TERMINATING"
      ? "▶"
      : "·";
  if (isSuccess(state)) return "✓";
  return notRun.has(state?.result_state ?? "") || state?.life_cycle_state === "SKIPPED" ? "-" : "✗";
}

/**
 * Colours the status symbols in a text: green, red, and blue for running (arrows of a graph end in
 * the same symbol and stay plain).
 */
export function paintSymbols(text: string, color: boolean): string {
  if (!color) return text;
  return text.replaceAll(
    /✓|✗|(?<!─)▶/gu,
    (sign) => `\u001B[${sign === "✓" ? 32 : sign === "✗" ? 31 : 34}m${sign}\u001B[0m`,
  );
}

/**
 * Formats the time from the start to the end, or until now: `0.4 s`, `12 s`, `3 min 05 s`,
 * `2 h 10 min`; empty before the start.
 * @param start milliseconds since the epoch; 0 before the start
 * @param end milliseconds since the epoch; 0 before the end
 */
export function formatElapsed(
  start: number | undefined,
  end: number | undefined,
  now: number,
): string {
  if (start === undefined || start === 0) return "";
  return formatDuration(Math.max(0, (end === undefined || end === 0 ? now : end) - start));
}

/** Formats a number of milliseconds like {@link formatElapsed}. */
export function formatDuration(ms: number): string {
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${String(seconds % 60).padStart(2, "0")} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

/** Formats a size in powers of 1,000: `1.5 MB`. */
export function formatSize(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit] ?? ""}`;
}

/** Formats a time in UTC: `2024-01-01 12:00:00`; empty if it is unknown. */
export function formatTime(ms: number | undefined): string {
  return ms === undefined || Number.isNaN(ms) || ms <= 0
    ? ""
    : new Date(ms).toISOString().slice(0, 19).replace("T", " ");
}

/**
 * Aligns rows in columns as wide as their widest cell. With a width, every line fits: the last
 * column is cut, or a row takes several lines.
 */
export function renderTable(raw: readonly (readonly string[])[], width = Infinity): string[] {
  const rows = raw.map((row) => row.map(printable));
  const widths: number[] = [];
  for (const row of rows)
    row.forEach((cell, column) => (widths[column] = Math.max(widths[column] ?? 0, cell.length)));
  const lines = layOut(widths, width);
  return rows.flatMap((row) =>
    lines.map((columns, line) => {
      const cells = columns.map(({ column, size: cellWidth }) =>
        truncate(row[column] ?? "", cellWidth).padEnd(cellWidth),
      );
      return `${line === 0 ? "" : indent}${cells.join(gap)}`.trimEnd();
    }),
  );
}

/** Renders a table with a header, or a message if there are no rows. */
export function renderListing(
  emptyText: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
  width?: number,
): string {
  return rows.length === 0 ? emptyText : renderTable([head, ...rows], width).join("\n");
}

const [gap, indent, minLastWidth] = ["  ", "    ", 16];

/**
 * Distributes the columns over lines. The last column of a line is cut to fit; if too little of it
 * would remain, the row continues on the next line.
 */
function layOut(widths: readonly number[], width: number): { column: number; size: number }[][] {
  const last = widths.length - 1;
  const fixedWidth = widths
    .slice(0, last)
    .reduce((sum, columnWidth) => sum + columnWidth + gap.length, 0);
  const leftWidth = width - fixedWidth;
  if (leftWidth >= Math.min(minLastWidth, widths[last] ?? 0))
    return [
      widths.map((size, column) => ({
        column,
        size: column === last ? Math.min(size, leftWidth) : size,
      })),
    ];
  const lines: { column: number; size: number }[][] = [[]];
  let used = 0;
  widths.forEach((size, column) => {
    const needed =
      used + size + (used > indent.length || (used > 0 && lines.length === 1) ? gap.length : 0);
    if (needed <= width || used === 0) {
      lines.at(-1)?.push({ column, size: Math.min(size, width) });
      used = needed;
    } else {
      lines.push([{ column, size: Math.min(size, width - indent.length) }]);
      used = indent.length + size;
    }
  });
  return lines;
}

const truncate = (text: string, maxLength: number): string =>
  text.length <= maxLength ? text : `${text.slice(0, maxLength - 1)}…`;
