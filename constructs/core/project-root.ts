import fs from "node:fs";
import path from "node:path";

/**
 * Returns LAKEFORM_PROJECT_ROOT if it is set. Otherwise returns the nearest folder with a
 * cdktf.json, starting at the working directory; without one, the working directory.
 */
export function projectRoot(): string {
  const configuredRoot = process.env.LAKEFORM_PROJECT_ROOT;
  if (configuredRoot !== undefined && configuredRoot !== "") return configuredRoot;
  const start = process.cwd();
  let folder = start;
  while (!fs.existsSync(path.join(folder, "cdktf.json"))) {
    const parent = path.dirname(folder);
    if (parent === folder) return start;
    folder = parent;
  }
  return folder;
}
