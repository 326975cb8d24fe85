import { randomUUID } from "node:crypto";
import os from "node:os";
import { LakeformError } from "../errors";
import { isRunning } from "../processes";
import { atInterrupt } from "../terraform/interrupt";
import type { RecordStore } from "./record";

export interface Lock {
  readonly id: string;
  readonly by: string;
  readonly since: string;
  readonly host: string;
  readonly pid: number;
}

/**
 * Holds the stack's lock (a file beside the deployment record) while `work` runs: two deploys of one stack never run at once, whatever machine they are on.
 * A lock of a process of this machine that is dead is taken over. Ctrl-C and SIGTERM release it.
 * @throws LakeformError LOCKED with who holds it and how to break it
 */
export async function withLock<T>(
  store: RecordStore,
  by: string,
  options: { readonly breakLock?: string; readonly onStale?: (lock: Lock) => void },
  work: () => Promise<T>,
): Promise<T> {
  const lock: Lock = { id: randomUUID(), by, since: new Date().toISOString(), host: os.hostname(), pid: process.pid };
  await take(store, lock, options);
  const release = async (): Promise<void> => {
    const held = await readLock(store);
    if (held?.id === lock.id) await store.remove(file);
  };
  const callOff = atInterrupt(release);
  try {
    return await work();
  } finally {
    callOff();
    await release();
  }
}

const file = "lock.json";

async function take(
  store: RecordStore,
  lock: Lock,
  options: { readonly breakLock?: string; readonly onStale?: (lock: Lock) => void },
): Promise<void> {
  const content = Buffer.from(JSON.stringify(lock));
  if (await store.writeFile(file, content, false)) return;
  const held = await readLock(store);
  const dead = held?.host === os.hostname() && !isRunning({ pid: held.pid });
  if (held !== undefined && !dead && options.breakLock !== held.id) {
    throw new LakeformError("LOCKED", "another deploy of this stack holds the lock", {
      value: `${held.by} on ${held.host} since ${held.since}`,
      fix: `wait for it; if that process is gone for good: --break-lock ${held.id}`,
    });
  }
  if (held !== undefined) {
    options.onStale?.(held);
    await store.remove(file);
  }
  // Somebody else may have been as quick: the file that is there then is theirs.
  if (!(await store.writeFile(file, content, false))) await take(store, lock, {});
}

async function readLock(store: RecordStore): Promise<Lock | undefined> {
  const text = await store.readFile(file);
  return text === undefined ? undefined : (JSON.parse(text.toString("utf8")) as Lock);
}
