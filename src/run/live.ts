import { printableDeep } from "../printable";
import type { Run } from "../api/families/runs";
import { graphLines } from "./graph";
import { latestAttempts } from "./failure";
import { elapsed, painted, stateWord, symbol } from "./words";

/** Shows a run in progress. */
export interface LiveView {
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
    /** Whether to remove the table at the end, when the result that follows repeats its content. */
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
  let drawn = 0;
  let last: Run | undefined;
  const draw = (): void => {
    if (last === undefined) return;
    const lines = [
      `${symbol(last.state)} ${last.run_name ?? `run ${last.run_id}`}  ${stateWord(last.state)}  ${elapsed(last.start_time, last.end_time, now())}`,
    ];
    const columns = stream.columns ?? 80;
    // never truncated: part of a link does not work, and only a line wrapped by the terminal itself
    // stays clickable
    const link = last.run_page_url === undefined ? undefined : `  ${last.run_page_url}`;
    const wrapped = link === undefined ? 0 : Math.ceil(link.length / columns) - 1;
    if (link !== undefined) lines.push(link);
    lines.push(...graphLines(last, now()).map((line) => `  ${line}`));
    const shown = fitting(lines, Math.max(3, (stream.rows ?? 24) - 1 - wrapped));
    const fit = (line: string): string =>
      line === link ? line : painted(line.slice(0, columns - 1), color);
    stream.write(
      `${drawn > 0 ? `\u001B[${drawn}A` : ""}${shown.map((line) => `\u001B[2K${fit(line)}\n`).join("")}\u001B[J`,
    );
    drawn = shown.length + wrapped;
  };
  return {
    show: (run) => {
      last = run;
      draw();
    },
    tick: draw,
    done: () => {
      if (!erase) return draw();
      if (drawn > 0) stream.write(`\u001B[${drawn}A\u001B[J`);
      drawn = 0;
    },
  };
}

/** Selects the lines that fit: running and failed tasks come before pending and successful ones. */
function fitting(lines: readonly string[], maxLines: number): readonly string[] {
  if (lines.length <= maxLines) return lines;
  const isUrgent = (line: string): boolean => /✗|(?<!─)▶/u.test(line);
  const kept = new Set(
    lines
      .map((_line, index) => index)
      .sort((a, b) => rank(a) - rank(b) || a - b)
      .slice(0, maxLines - 1),
  );
  function rank(index: number): number {
    return index < 2 ? 0 : isUrgent(lines[index] ?? "") ? 1 : 2;
  }
  return [
    ...lines.filter((_line, index) => kept.has(index)),
    `  … ${lines.length - kept.size} more`,
  ];
}

function plainView(stream: Stream, now: () => number): LiveView {
  const seen = new Map<string, string>();
  const say = (key: string, word: string, line: string): void => {
    if (seen.get(key) === word) return;
    seen.set(key, word);
    stream.write(`${line}\n`);
  };
  return {
    show: (run) => {
      say(
        "",
        stateWord(run.state),
        `run ${run.run_id} ${stateWord(run.state)}${seen.size === 0 && run.run_page_url !== undefined ? `  ${run.run_page_url}` : ""}`,
      );
      for (const task of latestAttempts(run.tasks ?? [])) {
        const word = `${stateWord(task.state)}${(task.attempt_number ?? 0) > 0 ? ` (attempt ${(task.attempt_number ?? 0) + 1})` : ""}`;
        say(
          task.task_key,
          word,
          `  ${symbol(task.state)} ${task.task_key} ${word} ${elapsed(task.start_time, task.end_time, now())}`.trimEnd(),
        );
      }
    },
    tick: () => undefined,
    done: () => undefined,
  };
}
