import { createHash, randomUUID } from "node:crypto";
import os from "node:os";
import { LakeformError } from "../errors";
import { identity, isRunning } from "../processes";
import { atInterrupt } from "../terraform/interrupt";
import type { RecordStore } from "./record";

export interface Lock {
  readonly id: string;
  readonly by: string;
  readonly since: string;
  readonly host: string;
  readonly pid: number;
  /** When the process started: tells it from a later one of the same number. */
  readonly started?: string;
  /** Tells claims apart that have the same id. */
  readonly nonce?: string;
}

/** A lock as it is in the workspace. */
interface Held extends Lock {
  /** Names these very bytes. */
  readonly mark: string;
  /** Cut short or edited: whose it is cannot be read. */
  readonly torn?: boolean;
}

export interface LockOptions {
  readonly breakLock?: string;
  readonly onStale?: (lock: Lock) => void;
  /** The lock could not be removed at the end. */
  readonly onLeft: (warning: string) => void;
}

/**
 * Holds the stack's lock (a file beside the deployment record) while `work` runs: two deploys of one stack never run at once, whatever machine they are on.
 * A lock of a process of this machine that is dead is taken over. Ctrl-C and SIGTERM release it, at any moment. A lock that cannot be removed at the end
 * is a warning: what was done is done.
 * @throws LakeformError LOCKED with who holds it and how to break it
 */
export async function withLock<T>(store: RecordStore, by: string, options: LockOptions, work: () => Promise<T>): Promise<T> {
  const lock: Lock = { id: randomUUID(), by, since: new Date().toISOString(), host: os.hostname(), ...identity(process.pid) };
  const taking = take(store, file, lock, options);
  const release = async (): Promise<void> => {
    // The answer to its creation may be lost, and the lock there nevertheless.
    await taking.catch(() => undefined);
    await releaseLock(store, lock, options.onLeft);
  };
  const callOff = atInterrupt(release);
  try {
    await taking;
    return await work();
  } finally {
    callOff();
    await release();
  }
}

/** Who holds the lock of a stack at this moment; undefined for a lock of a process of this machine that has ended. */
export async function lockHolder(store: RecordStore): Promise<Lock | undefined> {
  const held = await readLock(store, file);
  return held === undefined || isDead(held) ? undefined : held;
}

/** Held by this very process. */
export const isOurs = ({ host, pid }: Lock): boolean => host === os.hostname() && pid === process.pid;

export const describeLock = ({ by, host, since }: Lock): string => `${by} on ${host} since ${since}`;

const file = "lock.json";

/**
 * Of several processes that find the same dead lock, one may replace it: the one that creates the claim, a file named after the dead lock's bytes. It looks
 * once more whether the lock is still that one, and overwrites it. A claim is itself a lock, so one that a dead process left is taken over in the same way.
 */
async function take(store: RecordStore, name: string, lock: Lock, options: LockOptions): Promise<void> {
  for (;;) {
    if (await store.create(name, bytesOf(lock))) return;
    const held = await readLock(store, name);
    if (held === undefined) continue;
    // Whether the maker of a claim lives can be seen on its own machine only.
    const broken = options.breakLock === held.id && (name === file || held.host !== os.hostname());
    if (!isDead(held) && !broken) throw locked(store, name, held);
    const claim = `lock-claim-${held.mark}.json`;
    // A claim has the name that is broken, so that one that another machine left is broken together with the lock.
    const { breakLock, onLeft } = options;
    await take(
      store,
      claim,
      { ...lock, id: breakLock ?? randomUUID(), nonce: randomUUID() },
      { onLeft, ...(breakLock !== undefined && { breakLock }) },
    );
    try {
      if ((await readLock(store, name))?.mark !== held.mark) continue;
      await store.writeFile(name, bytesOf(lock));
      if ((await readLock(store, name))?.id !== lock.id) continue;
      options.onStale?.(held);
      return;
    } finally {
      await store.remove(claim).catch((error: unknown) => onLeft(`${store.folder}/${claim} could not be removed: ${messageOf(error)}`));
    }
  }
}

function locked(store: RecordStore, name: string, held: Held): LakeformError {
  return held.torn === true
    ? new LakeformError("LOCKED", "the lock of this stack cannot be read: it was edited or cut short", {
        value: `${store.folder}/${name}`,
        fix: `make sure that no other deploy of this stack is running, then: --break-lock ${held.id}`,
      })
    : new LakeformError("LOCKED", "another deploy of this stack holds the lock", {
        value: describeLock(held),
        fix: `wait for it; if that process is gone for good: --break-lock ${held.id}`,
      });
}

/** At the end, and at an interrupt: a short time, for nobody waits for it. */
const releaseTimeoutMs = 30_000;

async function releaseLock(store: RecordStore, lock: Lock, onLeft: LockOptions["onLeft"]): Promise<void> {
  try {
    if ((await readLock(store, file, releaseTimeoutMs))?.id === lock.id) await store.remove(file, releaseTimeoutMs);
  } catch (error) {
    onLeft(
      `the lock of this deploy could not be removed (${messageOf(error)}): ` +
        `the next deploy from this machine takes it over; from another machine: --break-lock ${lock.id}`,
    );
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
const bytesOf = (lock: Lock): Buffer => Buffer.from(JSON.stringify(lock));

function isDead(held: Held): boolean {
  return held.torn !== true && held.host === os.hostname() && !isRunning(held);
}

async function readLock(store: RecordStore, name: string, timeoutMs?: number): Promise<Held | undefined> {
  const bytes = await store.readFile(name, timeoutMs);
  if (bytes === undefined) return undefined;
  const mark = createHash("sha256").update(bytes).digest("hex").slice(0, 16);
  try {
    const lock = JSON.parse(bytes.toString("utf8")) as Partial<Lock> | null;
    if (typeof lock?.id === "string" && typeof lock.host === "string" && typeof lock.pid === "number") return { ...(lock as Lock), mark };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  return { id: `unreadable-${mark}`, by: "unknown", since: "", host: "", pid: 0, mark, torn: true };
}
