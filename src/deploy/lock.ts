import { randomUUID } from "node:crypto";
import os from "node:os";
import { LakeformError } from "../errors";
import { isDead, ownLock, readLock, takeLock, type HeldLock, type Lock } from "../state/lock-file";
import { atInterrupt } from "../interrupt";
import type { RecordStore } from "./record";

export interface LockOptions {
  /** The id of a lock to break. */
  readonly breakLock?: string;
  /** Called with the removed lock: that of an ended process, or the one to break. */
  readonly onStale?: (lock: Lock) => void;
  /** Called if the lock could not be removed at the end. */
  readonly onLeft: (warning: string) => void;
}

/**
 * Holds the stack's lock (a file next to the deployment record) while `work` runs, so that two
 * deploys of one stack never run at the same time, even on different machines. Takes over the lock
 * of a dead process on this machine. Ctrl-C and SIGTERM release it at any moment. A lock that
 * cannot be removed at the end is a warning, because the work is done.
 * @throws LakeformError LOCKED with the holder and how to break the lock
 */
export async function withLock<T>(
  store: RecordStore,
  by: string,
  options: LockOptions,
  work: () => Promise<T>,
): Promise<T> {
  const lock = ownLock(randomUUID(), by);
  const acquisition = takeLock(store, lockFileName, lock, { ...options, heldError: lockedError });
  const release = async (): Promise<void> => {
    // The lock may exist even if the response to its creation was lost.
    await acquisition.catch(() => undefined);
    await releaseLock(store, lock, options.onLeft);
  };
  const removeInterruptHandler = atInterrupt(release);
  try {
    await acquisition;
    return await work();
  } finally {
    removeInterruptHandler();
    await release();
  }
}

/**
 * The current holder of a stack's lock; undefined if the holder is a process on this machine that
 * has ended.
 */
export async function lockHolder(store: RecordStore): Promise<Lock | undefined> {
  const holder = await readLock(store, lockFileName);
  return holder === undefined || isDead(holder) ? undefined : holder;
}

/** Whether the lock belongs to this process. */
export const isOurs = ({ host, pid }: Lock): boolean =>
  host === os.hostname() && pid === process.pid;

export const describeLock = ({ by, host, since }: Lock): string =>
  `${by} on ${host} since ${since}`;

/** Describes the removal of another process's lock. @param breakLock the value of --break-lock */
export const describeRemoval = (lock: Lock, breakLock: string | undefined): string =>
  lock.id === breakLock
    ? `removed the lock of ${describeLock(lock)} (--break-lock)`
    : `took over the lock of a process that has ended (${lock.by}, since ${lock.since})`;

const lockFileName = "lock.json";

function lockedError(holder: HeldLock, lockFile: string): LakeformError {
  return holder.isTorn === true
    ? new LakeformError(
        "LOCKED",
        "the lock of this stack is unreadable: it was edited or truncated",
        {
          value: lockFile,
          fix: `make sure that no other deploy of this stack is running, then: --break-lock ${holder.id}`,
        },
      )
    : new LakeformError("LOCKED", "another deploy of this stack holds the lock", {
        value: describeLock(holder),
        fix: `wait for it; if that process no longer exists: --break-lock ${holder.id}`,
      });
}

/** This timeout is short, because a user waits for the release after a deploy or Ctrl-C. */
const releaseTimeoutMs = 30_000;

async function releaseLock(
  store: RecordStore,
  lock: Lock,
  onLeft: LockOptions["onLeft"],
): Promise<void> {
  try {
    if ((await readLock(store, lockFileName, releaseTimeoutMs))?.id === lock.id)
      await store.remove(lockFileName, releaseTimeoutMs);
  } catch (error) {
    onLeft(
      `the lock of this deploy could not be removed (${messageOf(error)}): ` +
        `the next deploy from this machine takes it over; from another machine: --break-lock ${lock.id}`,
    );
  }
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
