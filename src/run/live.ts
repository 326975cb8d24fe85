import type { Run } from "../api/runs";
import { graphLines } from "./graph";
import { latestAttempts } from "./failure";
import { elapsed, stateWord, symbol } from "./words";

/** Shows a run while it goes on. */
export interface LiveView {
  show(run: Run): void;
  /** Draws again without news: elapsed times move on. */
  tick(): void;
  done(): void;
}

type Stream = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly rows?: number; readonly columns?: number };

/** On a terminal a table that is drawn over itself, elsewhere a line for each change. */
export function liveView(stream: Stream, now: () => number, quiet = false): LiveView {
  if (quiet) return { show: () => undefined, tick: () => undefined, done: () => undefined };
  return stream.isTTY === true ? terminalView(stream, now) : plainView(stream, now);
}

function terminalView(stream: Stream, now: () => number): LiveView {
  let drawn = 0;
  let last: Run | undefined;
  const draw = (): void => {
    if (last === undefined) return;
    const lines = [
      `${symbol(last.state)} ${last.run_name ?? `run ${last.run_id}`}  ${stateWord(last.state)}  ${elapsed(last.start_time, last.end_time, now())}`,
    ];
    if (last.run_page_url !== undefined) lines.push(`  ${last.run_page_url}`);
    lines.push(...graphLines(last, now()).map((line) => `  ${line}`));
    const most = (stream.rows ?? 24) - 1;
    const shown = lines.length > most ? [...lines.slice(0, most - 1), `  … ${lines.length - most + 1} more`] : lines;
    const width = (stream.columns ?? 80) - 1;
    stream.write(`${drawn > 0 ? `\u001B[${drawn}A` : ""}${shown.map((line) => `\u001B[2K${line.slice(0, width)}\n`).join("")}\u001B[J`);
    drawn = shown.length;
  };
  return {
    show: (run) => {
      last = run;
      draw();
    },
    tick: draw,
    done: draw,
  };
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
