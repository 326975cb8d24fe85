import { createHash, randomUUID } from "node:crypto";
import os from "node:os";
import { defined } from "../defined";
import { LakeformError } from "../errors";
import { identity, isRunning } from "../processes";
import type { WorkspaceFiles } from "./workspace-files";

export interface Lock {
  readonly id: string;
  /** The user who holds the lock. */
  readonly by: string;
  /** ISO time. */
  readonly since: string;
  /** The name of the machine. */
  readonly host: string;
  readonly pid: number;
  /** The start time of the process, to distinguish it from a later process with the same pid. */
  readonly started?: string;
  /** Distinguishes locks with the same id. */
  readonly nonce?: string;
}

/** A lock as read from the workspace. */
export interface HeldLock extends Lock {
  /** Hash of the lock's bytes. */
  readonly hash: string;
  /** True if the file is truncated or edited, so that its owner is unknown. */
  readonly isTorn?: boolean;
}

export interface TakeOptions {
  /** The id of a lock to break. */
  readonly breakLock?: string;
  /** Called with the removed lock: that of an ended process, or the one to break. */
  readonly onStale?: (lock: Lock) => void;
  /** Called if a claim could not be removed after the lock was taken. */
  readonly onLeft: (warning: string) => void;
  /** Returns the error for a lock that another process holds. */
  readonly heldError: (held: HeldLock, file: string) => LakeformError;
}

/** Returns a lock owned by this process. */
export const ownLock = (id: string, by: string): Lock => ({
  id,
  by,
  since: new Date().toISOString(),
  host: os.hostname(),
  ...identity(process.pid),
});

/**
 * Takes the lock. A lock of an ended process is taken over: the process that creates the claim, a
 * file named after the hash of the old lock, checks that the lock is unchanged and overwrites it. A
 * claim is a lock, too, so the claim of an ended process is taken over in the same way. The lock
 * with the id `breakLock` is replaced in the same way, even if its process may still be running.
 * @throws the error that `heldError` returns, if another process holds the lock or the claim
 */
export async function takeLock(
  store: WorkspaceFiles,
  name: string,
  lock: Lock,
  options: TakeOptions,
): Promise<void> {
  for (;;) {
    if (await store.create(name, bytesOf(lock))) return;
    const heldLock = await readLock(store, name);
    if (heldLock === undefined) continue;
    // A claim from this machine is never broken: `isDead` checks whether its owner has ended.
    const isBroken =
      options.breakLock === heldLock.id &&
      (!name.startsWith("lock-claim-") || heldLock.host !== os.hostname());
    if (!isDead(heldLock) && !isBroken)
      throw options.heldError(heldLock, `${store.folder}/${name}`);
    const claim = `lock-claim-${heldLock.hash}.json`;
    // The claim has the broken lock's id, so that breaking the lock also breaks a claim left by
    // another machine.
    const { breakLock, onLeft, heldError } = options;
    await takeLock(
      store,
      claim,
      { ...lock, id: breakLock ?? randomUUID(), nonce: randomUUID() },
      { onLeft, heldError, ...defined({ breakLock }) },
    );
    try {
      if ((await readLock(store, name))?.hash !== heldLock.hash) continue;
      await store.writeFile(name, bytesOf(lock));
      // Another process may have broken the claim, and then overwritten the lock, too.
      if ((await readLock(store, name))?.id !== lock.id) continue;
      options.onStale?.(heldLock);
      return;
    } finally {
      await store
        .remove(claim)
        .catch((error: unknown) =>
          onLeft(`${store.folder}/${claim} could not be removed: ${messageOf(error)}`),
        );
    }
  }
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
const bytesOf = (lock: Lock): Buffer => Buffer.from(JSON.stringify(lock));

/** True if the process that holds the lock was on this machine and has ended. */
export function isDead(lock: HeldLock): boolean {
  return lock.isTorn !== true && lock.host === os.hostname() && !isRunning(lock);
}

/** Reads a lock; undefined if it is not held. */
export async function readLock(
  store: WorkspaceFiles,
  name: string,
  timeoutMs?: number,
): Promise<HeldLock | undefined> {
  const bytes = await store.readFile(name, timeoutMs);
  if (bytes === undefined) return undefined;
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 16);
  try {
    const lock = JSON.parse(bytes.toString("utf8")) as Partial<Lock> | null;
    if (
      typeof lock?.id === "string" &&
      typeof lock.host === "string" &&
      typeof lock.pid === "number"
    )
      return { ...(lock as Lock), hash };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  return {
    id: `unreadable-${hash}`,
    by: "unknown",
    since: "",
    host: "",
    pid: 0,
    hash,
    isTorn: true,
  };
}
