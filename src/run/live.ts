import { printableDeep } from "../printable";
import type { Run } from "../api/families/runs";
import { graphLines } from "./graph";
import { latestAttempts } from "./failure";
import { formatElapsed, paintSymbols, stateWord, symbol } from "./format";

/** Shows a run in progress. */
export interface LiveView {
  /** Draws the current state of the run in place of the previous one. */
  show(run: Run): void;
  /** Redraws the same state, because elapsed times change. */
  tick(): void;
  done(): void;
}

type Stream = NodeJS.WritableStream & {
  readonly isTTY?: boolean;
  readonly rows?: number;
  readonly columns?: number;
};

/** Shows a table that is redrawn in place on a terminal, and one line per change elsewhere. */
export function liveView(
  stream: Stream,
  now: () => number,
  options: {
    readonly quiet?: boolean;
    readonly color?: boolean;
    /** Remove the table at the end, because the result that follows repeats its content. */
    readonly erase?: boolean;
  } = {},
): LiveView {
  if (options.quiet === true)
    return { show: () => undefined, tick: () => undefined, done: () => undefined };
  const view =
    stream.isTTY === true
      ? terminalView(stream, now, options.color === true, options.erase === true)
      : plainView(stream, now);
  return { ...view, show: (run) => view.show(printableDeep(run)) };
}

function terminalView(stream: Stream, now: () => number, color: boolean, erase: boolean): LiveView {
  let drawnLines = 0;
  let lastRun: Run | undefined;
  const draw = (): void => {
    if (lastRun === undefined) return;
    const lines = [
      `${symbol(lastRun.state)} ${lastRun.run_name ?? `run ${lastRun.run_id}`}  ${stateWord(lastRun.state)}  ${formatElapsed(lastRun.start_time, lastRun.end_time, now())}`,
    ];
    const columns = stream.columns ?? 80;
    // The link is never truncated, and only the terminal may wrap it, so that it stays clickable.
    const link = lastRun.run_page_url === undefined ? undefined : `  ${lastRun.run_page_url}`;
    const wrappedLines = link === undefined ? 0 : Math.ceil(link.length / columns) - 1;
    if (link !== undefined) lines.push(link);
    lines.push(...graphLines(lastRun, now()).map((line) => `  ${line}`));
    const visibleLines = fitLines(lines, Math.max(3, (stream.rows ?? 24) - 1 - wrappedLines));
    const fitLine = (line: string): string =>
      line === link ? line : paintSymbols(line.slice(0, columns - 1), color);
    stream.write(
      `${drawnLines > 0 ? `\u001B[${drawnLines}A` : ""}${visibleLines.map((line) => `\u001B[2K${fitLine(line)}\n`).join("")}\u001B[J`,
    );
    drawnLines = visibleLines.length + wrappedLines;
  };
  return {
    show: (run) => {
      lastRun = run;
      draw();
    },
    tick: draw,
    done: () => {
      if (!erase) return draw();
      if (drawnLines > 0) stream.write(`\u001B[${drawnLines}A\u001B[J`);
      drawnLines = 0;
    },
  };
}

/** Selects the lines that fit: running and failed tasks come before pending and successful ones. */
function fitLines(lines: readonly string[], maxLines: number): readonly string[] {
  if (lines.length <= maxLines) return lines;
  const isUrgent = (line: string): boolean => /✗|(?<!─)▶/u.test(line);
  const keptIndices = new Set(
    lines
      .map((_line, index) => index)
      .sort((a, b) => rank(a) - rank(b) || a - b)
      .slice(0, maxLines - 1),
  );
  // The first two lines are the state and the link of the run.
  function rank(index: number): number {
    return index < 2 ? 0 : isUrgent(lines[index] ?? "") ? 1 : 2;
  }
  return [
    ...lines.filter((_line, index) => keptIndices.has(index)),
    `  … ${lines.length - keptIndices.size} more`,
  ];
}

function plainView(stream: Stream, now: () => number): LiveView {
  const lastWords = new Map<string, string>();
  const writeChange = (key: string, word: string, line: string): void => {
    if (lastWords.get(key) === word) return;
    lastWords.set(key, word);
    stream.write(`${line}\n`);
  };
  return {
    show: (run) => {
      writeChange(
        "",
        stateWord(run.state),
        `run ${run.run_id} ${stateWord(run.state)}${lastWords.size === 0 && run.run_page_url !== undefined ? `  ${run.run_page_url}` : ""}`,
      );
      for (const task of latestAttempts(run.tasks ?? [])) {
        const word = `${stateWord(task.state)}${(task.attempt_number ?? 0) > 0 ? ` (attempt ${(task.attempt_number ?? 0) + 1})` : ""}`;
        writeChange(
          task.task_key,
          word,
          `  ${symbol(task.state)} ${task.task_key} ${word} ${formatElapsed(task.start_time, task.end_time, now())}`.trimEnd(),
        );
      }
    },
    tick: () => undefined,
    done: () => undefined,
  };
}
