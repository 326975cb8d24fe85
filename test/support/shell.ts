import { execFileSync } from "node:child_process";
import path from "node:path";
import { repository } from "./project";

export const lakeformFile = path.join(repository, "bin", "lakeform.js");

/**
 * Runs a bash script in which `lakeform` is the command of this checkout.
 * @returns its stdout
 * @throws if it fails
 */
export function shellWithLakeform(
  script: string,
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): string {
  return execFileSync(
    "bash",
    ["-euc", `lakeform() { "${process.execPath}" "${lakeformFile}" "$@"; }\n${script}`],
    {
      ...options,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
}
