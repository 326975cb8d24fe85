/** Finds files in a folder by a pattern. */
import fs from "node:fs";
import path from "node:path";
import { minimatch } from "minimatch";

/** @returns paths relative to the folder, with slashes */
export function globSync(folder: string, pattern: string): string[] {
  const clean = path.posix.normalize(pattern.replaceAll("\\", "/"));
  if (!/[*?[{]/.test(clean)) return fs.existsSync(path.join(folder, clean)) ? [clean] : [];
  const base = clean.slice(0, clean.search(/[*?[{]/)).replace(/[^/]*$/, "");
  const start = path.join(folder, base);
  if (!fs.existsSync(start)) return [];
  const isDeep = clean.slice(base.length).includes("/");
  return fs
    .readdirSync(start, { recursive: isDeep, encoding: "utf8" })
    .map((name) => path.posix.join(base, name.split(path.sep).join("/")))
    .filter(
      (name) =>
        !name.includes("node_modules/") &&
        minimatch(name, clean) &&
        fs.statSync(path.join(folder, name)).isFile(),
    )
    .sort();
}
