/** Finds files in a folder by a pattern. */
import fs from "node:fs";
import path from "node:path";
import { minimatch } from "minimatch";

/**
 * Finds the files that match a pattern, except those in node_modules.
 * @returns paths relative to the folder, with slashes
 */
export function globSync(folder: string, pattern: string): string[] {
  const normalizedPattern = path.posix.normalize(pattern.replaceAll("\\", "/"));
  if (!/[*?[{]/.test(normalizedPattern))
    return fs.existsSync(path.join(folder, normalizedPattern)) ? [normalizedPattern] : [];
  const base = normalizedPattern.slice(0, normalizedPattern.search(/[*?[{]/)).replace(/[^/]*$/, "");
  const start = path.join(folder, base);
  if (!fs.existsSync(start)) return [];
  const isDeep = normalizedPattern.slice(base.length).includes("/");
  return fs
    .readdirSync(start, { recursive: isDeep, encoding: "utf8" })
    .map((name) => path.posix.join(base, name.split(path.sep).join("/")))
    .filter(
      (name) =>
        !name.includes("node_modules/") &&
        minimatch(name, normalizedPattern) &&
        fs.statSync(path.join(folder, name)).isFile(),
    )
    .sort();
}
