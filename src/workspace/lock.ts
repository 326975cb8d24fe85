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
  const ownRecord = JSON.stringify(identity(process.pid));
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      fs.writeFileSync(file, ownRecord, { flag: "wx", mode: 0o600 });
      return () => {
        if (readLock(file)?.pid === process.pid) fs.rmSync(file, { force: true });
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const holder = readLock(file);
    if (holder !== undefined && isRunning(holder))
      throw new LakeformError("WORKSPACE_DATA_LOCKED", "another process serves this data folder", {
        path: folder,
        value: `process ${holder.pid}`,
        fix: "stop it with `lakeform workspace stop`, or start with another folder: --data",
      });
    // Renaming is atomic: if two processes find the same stale lock, only one of them moves it
    // away.
    const staleFile = `${file}.${process.pid}.stale`;
    try {
      fs.renameSync(file, staleFile);
      fs.rmSync(staleFile, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }
  throw new LakeformError(
    "WORKSPACE_DATA_LOCKED",
    "another process is starting on this data folder",
    { path: folder, fix: "try again" },
  );
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
