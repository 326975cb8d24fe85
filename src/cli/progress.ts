import { printable, printableScreen } from "../printable";
import type { Progress } from "../terraform/json-lines";

/**
 * Prints progress to stderr: nothing with --quiet, one updated line on a terminal, otherwise a line
 * for each step.
 */
export interface Reporter {
  /** Starts a step: `planning daily-etl-dev`. */
  readonly step: (text: string) => void;
  /** Prints a line that stays on the screen. */
  readonly note: (text: string) => void;
  readonly terraform: (progress: Progress) => void;
  /**
   * Shows the progress of a long step: ten updates a second on a terminal, a line every ten seconds
   * elsewhere.
   */
  readonly progress: (text: string) => void;
  /** Ends the updated line. */
  readonly done: () => void;
}

const verbs: Readonly<Record<string, string>> = {
  create: "creating",
  update: "changing",
  delete: "destroying",
  read: "reading",
};
const past: Readonly<Record<string, string>> = {
  create: "created",
  update: "changed",
  delete: "destroyed",
  read: "read",
};

/** Names the used stack instead of the data source that cdktf generates to read its outputs. */
const readable = (address: string): string =>
  address.replace(/^data\.terraform_remote_state\.cross-stack-reference-input-/, "outputs of ");

export function makeReporter(
  stream: NodeJS.WritableStream,
  options: { readonly quiet?: boolean | undefined },
  now: () => number = () => performance.now(),
): Reporter {
  const terminal = (stream as Partial<NodeJS.WriteStream>).isTTY === true;
  let moving = false;
  const clear = (): void => {
    if (moving) stream.write("\r\x1b[2K");
    moving = false;
  };
  const line = (text: string): void => {
    if (options.quiet === true) return;
    clear();
    stream.write(`${printableScreen(text)}\n`);
  };
  const move = (text: string): void => {
    if (options.quiet === true || !terminal) return;
    clear();
    stream.write(
      printable(text).slice(0, ((stream as Partial<NodeJS.WriteStream>).columns ?? 80) - 1),
    );
    moving = true;
  };
  let lastShown = now();
  return {
    step: (text) => {
      lastShown = now();
      return terminal ? move(`${text} ...`) : line(`${text} ...`);
    },
    progress: (text) => {
      if (now() - lastShown < (terminal ? 100 : 10_000)) return;
      lastShown = now();
      return terminal ? move(`  ${text} ...`) : line(`  ${text} ...`);
    },
    note: line,
    done: clear,
    terraform: (progress) => {
      const what = progress.path ?? readable(progress.address ?? "");
      if (progress.event === "start")
        move(`  ${verbs[progress.action] ?? progress.action} ${what} ...`);
      if (progress.event === "still")
        move(
          `  ${verbs[progress.action] ?? progress.action} ${what} ... ${progress.elapsed ?? 0} s`,
        );
      if (progress.event === "done")
        line(
          `  ${past[progress.action] ?? progress.action} ${what}${(progress.elapsed ?? 0) > 2 ? ` (${progress.elapsed ?? 0} s)` : ""}`,
        );
      if (progress.event === "failed") line(`  failed ${what}`);
    },
  };
}
