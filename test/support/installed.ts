import { spawnSync } from "node:child_process";

/** Whether all these commands are on the PATH. */
export const isInstalled = (...commands: readonly string[]): boolean =>
  commands.every(
    (command) => spawnSync("sh", ["-c", `command -v "$1"`, "sh", command]).status === 0,
  );
