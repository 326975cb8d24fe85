/** Reads and compares versions of installed packages. */
import fs from "node:fs";

/**
 * Compares two versions of three numbers: negative if `a` is older than `b`. A pre-release equals
 * its release.
 */
export function compareVersions(a: string, b: string): number {
  const parts = (version: string): number[] => (version.split("-")[0] ?? "").split(".").map(Number);
  const [left, right] = [parts(a), parts(b)];
  for (let index = 0; index < 3; index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

export const isOlder = (version: string, other: string): boolean =>
  compareVersions(version, other) < 0;

/** Returns the installed version of a package, or undefined if it is not installed. */
export function installedVersion(require: NodeJS.Require, name: string): string | undefined {
  try {
    const file = require.resolve(`${name}/package.json`);
    return (JSON.parse(fs.readFileSync(file, "utf8")) as { version: string }).version;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
    return undefined;
  }
}
