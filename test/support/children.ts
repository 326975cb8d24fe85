import { execFileSync } from "node:child_process";

/** Returns the child processes of a process. */
export function childrenOf(pid: number): number[] {
  try {
    return execFileSync("pgrep", ["-P", String(pid)], { encoding: "utf8" })
      .trim()
      .split("\n")
      .map(Number);
  } catch {
    return []; // pgrep exits with 1 if there are no children.
  }
}
