/** Reads the command line of the Terraform process that started this process. */
import { execFileSync } from "node:child_process";
import fs from "node:fs";

export interface ParentCommand {
  /** Name of the command: `plan`, `apply`, … */
  readonly name: string;
  readonly options: readonly string[];
}

/** Returns the command of a process; undefined if the operating system does not provide it. */
export function parentCommand(pid: number): ParentCommand | undefined {
  const words = wordsOf(pid);
  const nameIndex = words?.findIndex((word, i) => i > 0 && !word.startsWith("-")) ?? -1;
  const name = words?.[nameIndex];
  return words === undefined || name === undefined || nameIndex < 0
    ? undefined
    : { name, options: words.slice(nameIndex + 1) };
}

function wordsOf(pid: number): string[] | undefined {
  try {
    if (process.platform === "linux")
      return fs.readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").slice(0, -1);
    if (process.platform === "win32") return undefined;
    // `ps` does not quote, so an argument with spaces becomes several words. That is harmless: an
    // unknown option only makes the provider send its complete schema.
    return execFileSync("ps", ["-o", "args=", "-p", String(pid)], { encoding: "utf8" })
      .trim()
      .split(/\s+/);
  } catch {
    return undefined;
  }
}
