/**
 * Commands and the provider cache their compiled code in the user's folder; the provider also caches
 * its certificate. A test has a new HOME, in which the first start of each takes longer. Therefore,
 * the caches of earlier tests are linked into the new HOME.
 */
import fs from "node:fs";
import path from "node:path";
import { cacheFolder } from "../../src/private-files";

const cacheOfTests = path.join(__dirname, "..", "..", "node_modules", ".cache", "lakeform-tests");
/** The name of a cache of compiled code, without the versions of Node and of the code. */
const codeCacheName = (name: string): string | undefined =>
  /^((?:cli-[a-z-]+|provider)-)v\d.*\.bin$/.exec(name)?.[1];

/**
 * Links the files kept by {@link keepCaches} into a new HOME. Commands replace links to files of
 * other versions.
 */
export function fillCaches(home: string): void {
  if (!fs.existsSync(cacheOfTests)) return;
  const folder = cacheFolder({ HOME: home });
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const name of fs.readdirSync(cacheOfTests).filter((cacheName) => !cacheName.startsWith(".")))
    fs.symlinkSync(path.join(cacheOfTests, name), path.join(folder, name));
}

/** Keeps the caches that were written into a HOME. */
export function keepCaches(home: string): void {
  const folder = cacheFolder({ HOME: home });
  if (!fs.existsSync(folder)) return;
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const code = codeCacheName(entry.name);
    if (!entry.isFile() || (code === undefined && !/^provider-.*\.json$/.test(entry.name)))
      continue;
    fs.mkdirSync(cacheOfTests, { recursive: true, mode: 0o700 });
    if (code !== undefined)
      for (const name of fs
        .readdirSync(cacheOfTests)
        .filter((otherName) => codeCacheName(otherName) === code))
        fs.rmSync(path.join(cacheOfTests, name), { force: true });
    // Two workers may save their caches at the same time.
    const temporary = path.join(cacheOfTests, `.${entry.name}.${process.pid}`);
    fs.copyFileSync(path.join(folder, entry.name), temporary);
    fs.renameSync(temporary, path.join(cacheOfTests, entry.name));
  }
}
