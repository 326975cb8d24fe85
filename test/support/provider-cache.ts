/**
 * The provider caches its compiled code and its certificate in the user's folder. A test has a
 * separate HOME, in which each first start of the provider would take twice as long, so the caches
 * of earlier tests are linked into it.
 */
import fs from "node:fs";
import path from "node:path";
import { cacheFolder } from "../../src/resources/families/private-files";

const shared = path.join(__dirname, "..", "..", "node_modules", ".cache", "lakeform-tests");
const isCode = (name: string): boolean => name.endsWith(".bin");

/**
 * Links the files kept by {@link keepCaches} into a new HOME. The provider replaces the files that
 * do not fit.
 */
export function fillCaches(home: string): void {
  if (!fs.existsSync(shared)) return;
  const folder = cacheFolder({ HOME: home });
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const name of fs.readdirSync(shared).filter((each) => !each.startsWith(".")))
    fs.symlinkSync(path.join(shared, name), path.join(folder, name));
}

/** Keeps the files that the provider has written into a HOME. */
export function keepCaches(home: string): void {
  const folder = cacheFolder({ HOME: home });
  if (!fs.existsSync(folder)) return;
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    if (!entry.isFile() || !/^provider-.*\.(bin|json)$/.test(entry.name)) continue;
    fs.mkdirSync(shared, { recursive: true, mode: 0o700 });
    if (isCode(entry.name))
      for (const name of fs.readdirSync(shared).filter(isCode))
        fs.rmSync(path.join(shared, name), { force: true });
    // Two workers may save their caches at the same time.
    const temporary = path.join(shared, `.${entry.name}.${process.pid}`);
    fs.copyFileSync(path.join(folder, entry.name), temporary);
    fs.renameSync(temporary, path.join(shared, entry.name));
  }
}
