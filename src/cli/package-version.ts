import fs from "node:fs";
import path from "node:path";

/**
 * Returns the version of this package. Searches the parent folders for package.json, because the
 * bundle, `dist/src` and `src` have different depths.
 */
export function packageVersion(): string {
  let folder = __dirname;
  while (!fs.existsSync(path.join(folder, "package.json"))) folder = path.dirname(folder);
  return (
    JSON.parse(fs.readFileSync(path.join(folder, "package.json"), "utf8")) as { version: string }
  ).version;
}
