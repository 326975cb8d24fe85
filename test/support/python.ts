import { spawnSync } from "node:child_process";

const found = spawnSync("python3", ["-c", "import sys; sys.exit(0 if sys.version_info >= (3, 9) else 1)"]).status === 0;

/** Tests that execute Python: where there is none, they are not run, and the output says so. */
export function describeWithPython(name: string, tests: () => void): void {
  if (found) return describe(name, tests);
  process.stderr.write(`\nNOT RUN: "${name}": this machine has no python3 (3.9 or newer) on its PATH\n`);
  describe.skip(`NOT RUN, there is no python3: ${name}`, tests);
}
