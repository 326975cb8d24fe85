import { execFileSync } from "node:child_process";

/** The processes that a process has started; empty if there are none. */
export function childrenOf(pid: number): number[] {
  try {
    return execFileSync("pgrep", ["-P", String(pid)], { encoding: "utf8" })
      .trim()
      .split("\n")
      .map(Number);
  } catch {
    return []; // none: pgrep exits with 1
  }
}
