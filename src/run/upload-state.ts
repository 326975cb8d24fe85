import { createHash } from "node:crypto";
import fs from "node:fs";
import { readSavedJson } from "../exact-json";
import { absolutePath } from "../private-files";
import path from "node:path";
import type { ResumePoint, UploadPoint } from "../api/families/dbfs";

/**
 * Resume state of uploads is discarded after this many milliseconds: the platform closes an idle
 * handle after 10 minutes.
 */
const maxAgeMs = 600_000;
/** Size in bytes below which uploading again is cheaper than saving resume state. */
const minBytes = 10_000_000;

/**
 * Returns access to the saved resume state of an unfinished upload: one file per source, target and
 * workspace. The name of the file depends on the source's inode, size and modification time, so
 * that an upload resumes only with an unchanged source.
 * @returns undefined for a small source, or if there is no home folder to save it in
 */
export function uploadState(
  env: NodeJS.ProcessEnv,
  host: string,
  file: string,
  target: string,
): ResumePoint | undefined {
  const stateHome = absolutePath(env["XDG_STATE_HOME"]);
  const home =
    stateHome ??
    (env["HOME"] === undefined ? undefined : path.join(env["HOME"], ".local", "state"));
  const source = fs.statSync(file, { throwIfNoEntry: false });
  if (home === undefined || source === undefined || source.size < minBytes) return undefined;
  if (!fs.existsSync(stateHome ?? env["HOME"] ?? "")) return undefined;
  const folder = path.join(home, "lakeform", "uploads");
  const name = [host, target, fs.realpathSync(file), source.ino, source.size, source.mtimeMs].join(
    "\0",
  );
  const stateFile = path.join(
    folder,
    `${createHash("sha256").update(name).digest("hex").slice(0, 32)}.json`,
  );
  return {
    load: () => {
      const age = Date.now() - (fs.statSync(stateFile, { throwIfNoEntry: false })?.mtimeMs ?? 0);
      const { handle, offset, ...rest } =
        (age < maxAgeMs ? readSavedJson<UploadPoint>(stateFile) : undefined) ?? {};
      return handle === undefined || offset === undefined ? undefined : { handle, offset, ...rest };
    },
    save: (point) => {
      fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
      // Write to a new file and rename it, so that a killed process leaves a complete state.
      fs.writeFileSync(`${stateFile}.new`, JSON.stringify(point), { mode: 0o600 });
      fs.renameSync(`${stateFile}.new`, stateFile);
    },
    clear: () => fs.rmSync(stateFile, { force: true }),
  };
}
