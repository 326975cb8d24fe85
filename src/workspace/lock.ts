import { randomUUID } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { defined } from "../defined";
import { LakeformError } from "../errors";
import { identity, isRunning, type Process } from "../processes";

/**
 * Locks a data folder for this process. Takes over a lock left behind by a killed process.
 * @returns a function that releases the lock
 * @throws LakeformError WORKSPACE_DATA_LOCKED, WORKSPACE_DATA_UNWRITABLE
 */
export function lockFolder(folder: string): () => void {
  try {
    return acquire(folder);
  } catch (error) {
    if (error instanceof LakeformError) throw error;
    throw new LakeformError("WORKSPACE_DATA_UNWRITABLE", "cannot create or write the data folder", {
      path: folder,
      value: error instanceof Error ? error.message : String(error),
      fix: "check its permissions and the free space of its disk, or choose another folder with --data",
      cause: error,
    });
  }
}

function acquire(folder: string): () => void {
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = path.join(folder, "lock");
  for (let attempt = 0; attempt < 3; attempt++) {
    if (createLock(file))
      return () => {
        if (readLock(file)?.pid === process.pid) fs.rmSync(file, { force: true });
      };
    const holder = readLock(file);
    if (holder !== undefined && isRunning(holder))
      throw new LakeformError("WORKSPACE_DATA_LOCKED", "another process serves this data folder", {
        path: folder,
        value: `process ${holder.pid}`,
        fix: "stop it with `lakeform workspace stop`, or start with another folder: --data",
      });
    removeStaleLock(file);
  }
  throw new LakeformError(
    "WORKSPACE_DATA_LOCKED",
    "another process is starting on this data folder",
    { path: folder, fix: "try again" },
  );
}

/**
 * Creates the lock together with its content. Another process never finds an empty lock, which it
 * would take over like one that a crash truncated. Only file systems without hard links cannot
 * ensure this.
 * @returns false if there is a lock
 */
function createLock(file: string): boolean {
  const content = JSON.stringify(identity(process.pid));
  const temporary = `${file}.${randomUUID()}`;
  fs.writeFileSync(temporary, content, { mode: 0o600 });
  try {
    fs.linkSync(temporary, file);
    return true;
  } catch (error) {
    if (errorCode(error) === "EEXIST") return false;
    if (!unsupportedLink.has(errorCode(error))) throw error;
  } finally {
    fs.rmSync(temporary, { force: true });
  }
  try {
    fs.writeFileSync(file, content, { flag: "wx", mode: 0o600 });
    return true;
  } catch (error) {
    if (errorCode(error) === "EEXIST") return false;
    throw error;
  }
}

/** The error codes of file systems without hard links. */
const unsupportedLink = new Set<string | undefined>(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"]);

const errorCode = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

/**
 * Removes a stale lock. Renaming is atomic: if two processes find the same stale lock, only one of
 * them moves it away. If the other one has already replaced it, its lock is put back.
 */
function removeStaleLock(file: string): void {
  const moved = `${file}.${randomUUID()}.stale`;
  try {
    fs.renameSync(file, moved);
    const holder = readLock(moved);
    if (holder !== undefined && isRunning(holder)) fs.linkSync(moved, file);
  } catch (error) {
    if (!["ENOENT", "EEXIST"].includes(errorCode(error) ?? "")) throw error;
  } finally {
    fs.rmSync(moved, { force: true });
  }
}

/** Returns the process that serves a data folder. */
export function holderOf(folder: string): Process | undefined {
  const holder = readLock(path.join(folder, "lock"));
  return holder !== undefined && isRunning(holder) ? holder : undefined;
}

function readLock(file: string): Process | undefined {
  try {
    const storedProcess = JSON.parse(fs.readFileSync(file, "utf8")) as Partial<Process>;
    return typeof storedProcess.pid === "number"
      ? { pid: storedProcess.pid, ...defined({ started: storedProcess.started }) }
      : undefined;
  } catch {
    // The file does not exist, or is incomplete because a crash truncated it.
    return undefined;
  }
}
