/**
 * Caches that speed up the next start. A file is recreated if it cannot be read, belongs to another
 * user or is readable by others. An error never ends the command.
 */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

/**
 * Returns lakeform's cache folder.
 * @param env the environment of the process that owns the cache
 */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  const home = absolutePath(env["HOME"]) ?? os.homedir();
  return path.join(absolutePath(env["XDG_CACHE_HOME"]) ?? path.join(home, ".cache"), "lakeform");
}

/**
 * Returns the folder of a variable such as XDG_CACHE_HOME; undefined if it is empty or relative,
 * as the XDG Base Directory Specification requires. A relative one would write to the project.
 */
export function absolutePath(folder: string | undefined): string | undefined {
  return folder !== undefined && path.isAbsolute(folder) ? folder : undefined;
}

/** Reads a file that only this user can read and write; undefined for any other file. */
export function readPrivate(file: string): Buffer | undefined {
  try {
    const status = fs.statSync(file);
    const isForeign = process.getuid !== undefined && status.uid !== process.getuid();
    if (isForeign || (process.platform !== "win32" && (status.mode & 0o077) !== 0))
      return undefined;
    return fs.readFileSync(file);
  } catch {
    return undefined; // The file does not exist, or cannot be read.
  }
}

/**
 * Writes a file that only this user can read and write.
 * @param obsoleteFiles matches the names of files in the folder that are removed
 * @param onFailure called with the reason if the file cannot be written
 */
export function writePrivate(
  file: string,
  content: string | Buffer,
  obsoleteFiles?: RegExp,
  onFailure = warn,
): void {
  const folder = path.dirname(file);
  try {
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    const temporary = `${file}.${process.pid}.tmp`;
    fs.writeFileSync(temporary, content, { mode: 0o600 });
    if (obsoleteFiles !== undefined)
      for (const name of fs.readdirSync(folder))
        if (obsoleteFiles.test(name)) fs.rmSync(path.join(folder, name), { force: true });
    fs.renameSync(temporary, file);
  } catch (error) {
    onFailure(
      `${file} cannot be written: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function warn(message: string): void {
  process.stderr.write(`[WARN] ${message}\n`);
}
