import { isProcessEnding } from "../interrupt";
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
  /** Shows the progress of Terraform's plan or apply. */
  readonly terraform: (progress: Progress) => void;
  /**
   * Shows the progress of a long step: ten updates a second on a terminal, a line every ten seconds
   * elsewhere.
   */
  readonly progress: (text: string) => void;
  /** Ends the updated line. */
  readonly done: () => void;
}

const presentTense: Readonly<Record<string, string>> = {
  create: "creating",
  update: "changing",
  delete: "destroying",
  read: "reading",
};
const pastTense: Readonly<Record<string, string>> = {
  create: "created",
  update: "changed",
  delete: "destroyed",
  read: "read",
};

/** Replaces the name of the data source that cdktf generates for the outputs of another stack. */
const readableAddress = (address: string): string =>
  address.replace(/^data\.terraform_remote_state\.cross-stack-reference-input-/, "outputs of ");

export function makeReporter(
  stream: NodeJS.WritableStream,
  options: { readonly quiet?: boolean | undefined },
  now: () => number = () => performance.now(),
): Reporter {
  const isTerminal = (stream as Partial<NodeJS.WriteStream>).isTTY === true;
  let hasUpdatedLine = false;
  const clear = (): void => {
    if (hasUpdatedLine) stream.write("\r\x1b[2K");
    hasUpdatedLine = false;
  };
  // The error about the signal is the last message of a command.
  const isQuiet = (): boolean => options.quiet === true || isProcessEnding();
  const printLine = (text: string): void => {
    if (isQuiet()) return;
    clear();
    stream.write(`${printableScreen(text)}\n`);
  };
  const updateLine = (text: string): void => {
    if (isQuiet() || !isTerminal) return;
    clear();
    stream.write(
      printable(text).slice(0, ((stream as Partial<NodeJS.WriteStream>).columns ?? 80) - 1),
    );
    hasUpdatedLine = true;
  };
  let lastShown = now();
  return {
    step: (text) => {
      lastShown = now();
      return isTerminal ? updateLine(`${text} ...`) : printLine(`${text} ...`);
    },
    progress: (text) => {
      if (now() - lastShown < (isTerminal ? 100 : 10_000)) return;
      lastShown = now();
      return isTerminal ? updateLine(`  ${text} ...`) : printLine(`  ${text} ...`);
    },
    note: printLine,
    done: clear,
    terraform: (progress) => {
      const subject = progress.path ?? readableAddress(progress.address ?? "");
      if (progress.event === "start")
        updateLine(`  ${presentTense[progress.action] ?? progress.action} ${subject} ...`);
      if (progress.event === "still")
        updateLine(
          `  ${presentTense[progress.action] ?? progress.action} ${subject} ... ${progress.elapsed ?? 0} s`,
        );
      if (progress.event === "done")
        printLine(
          `  ${pastTense[progress.action] ?? progress.action} ${subject}${(progress.elapsed ?? 0) > 2 ? ` (${progress.elapsed ?? 0} s)` : ""}`,
        );
      if (progress.event === "failed") printLine(`  failed ${subject}`);
    },
  };
}
