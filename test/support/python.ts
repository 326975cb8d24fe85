import { spawnSync } from "node:child_process";

const hasPython =
  spawnSync("python3", ["-c", "import sys; sys.exit(0 if sys.version_info >= (3, 9) else 1)"])
    .status === 0;

/**
 * Declares tests that execute Python; they are skipped with a message if Python or a package is
 * missing.
 */
export function describeWithPython(name: string, tests: () => void, requiredModule?: string): void {
  if (
    hasPython &&
    (requiredModule === undefined ||
      spawnSync("python3", ["-c", `import ${requiredModule}`]).status === 0)
  )
    return describe(name, tests);
  const missing = hasPython
    ? `the Python package ${requiredModule ?? ""}`
    : "python3 (3.9 or newer) on the PATH";
  process.stderr.write(`\nNOT RUN: "${name}": this machine lacks ${missing}\n`);
  describe.skip(`NOT RUN, missing ${missing}: ${name}`, tests);
}
