import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { asBinary, open, type Database, type RootDatabase } from "lmdb";
import { defined } from "../defined";

/** A key: in lmdb's order (numbers before strings, arrays part by part). At most 1,900 bytes. */
export type Key = string | number | (string | number)[];

export interface Entry<T> {
  readonly key: Key;
  readonly value: T;
}

/** A range of keys: `prefix` is the head of an array key; `start` is included, `end` is not. */
export interface RangeOptions {
  readonly prefix?: (string | number)[];
  readonly start?: Key;
  readonly end?: Key;
  readonly reverse?: boolean;
  readonly limit?: number;
  readonly offset?: number;
}

/**
 * One family's objects. Reads are immediate; `put` and `remove` only work inside
 * {@link Store.write}.
 */
export interface Collection<T> {
  get(key: Key): T | undefined;
  has(key: Key): boolean;
  put(key: Key, value: T): void;
  remove(key: Key): void;
  /** A copy of the current matches: safe to write while iterating. */
  range(options?: RangeOptions): Entry<T>[];
  values(options?: RangeOptions): T[];
  count(options?: RangeOptions): number;
}

/** Above every string and number in lmdb's key order. */
const AFTER_ALL = "\uffff\uffff";

/** The largest first id: ids stay below 2^53, so that JavaScript clients can represent them. */
const FIRST_ID = 100_000_000_000_000;

/**
 * The workspace's state. A write runs alone, sees its own changes, and is undone completely if it
 * throws; its promise resolves when it is durable, and only then may it be acknowledged.
 */
export class Store {
  private readonly collections = new Map<string, LmdbCollection<unknown>>();
  private undo: (() => void)[] | undefined;
  private settled: (() => void)[] = [];
  /** Number of changes of each collection. */
  private readonly changes = new Map<string, number>();
  private readonly counters: Database<number, string>;
  private readonly lastIds = new Map<string, number>();

  private constructor(
    private readonly root: RootDatabase,
    /** The data folder. In memory mode a temporary folder, deleted with the store. */
    readonly folder: string,
    private readonly temporary: boolean,
  ) {
    this.counters = root.openDB<number, string>({ name: "counters", encoding: "json" });
  }

  /**
   * @param folder for the data; without one it is in a temporary folder, unsynced, and deleted at
   * `close`
   */
  static open(folder?: string): Store {
    const where = folder ?? fs.mkdtempSync(path.join(os.tmpdir(), "lakeform-workspace-"));
    fs.mkdirSync(where, { recursive: true });
    const root = open({
      path: path.join(where, "data.mdb"),
      maxDbs: 120,
      encoding: "json",
      ...(folder === undefined ? { noSync: true } : {}),
    });
    // The file contains secrets, and other users may be able to read the folder.
    fs.chmodSync(path.join(where, "data.mdb"), 0o600);
    return new Store(root, where, folder === undefined);
  }

  /** The collection of that name, created on first use. The caller guarantees `T`. */
  collection<T>(name: string): Collection<T> {
    let found = this.collections.get(name);
    if (found === undefined) {
      found = new LmdbCollection<unknown>(
        this.root.openDB<unknown, Key>({ name, encoding: "json" }),
        (step) => {
          if (this.undo === undefined) throw new Error(`a change to ${name} outside of a write`);
          this.undo.push(step);
          this.settled.push(() => this.changes.set(name, this.version(name) + 1));
        },
      );
      this.collections.set(name, found);
    }
    return found as Collection<unknown> as Collection<T>;
  }

  /**
   * Incremented by each durable write that changed the collection: cached results are valid while
   * it stays the same.
   */
  version(name: string): number {
    return this.changes.get(name) ?? 0;
  }

  /**
   * Runs `change` alone and atomically.
   * @returns its result, once it is durable. If it throws, nothing was changed.
   * @throws StorageError if the disk rejects the write
   */
  async write<R>(change: () => R): Promise<R> {
    let failure: { error: unknown } | undefined;
    const settled: (() => void)[] = [];
    const written = this.root.transaction(() => {
      this.undo = [];
      this.settled = settled;
      try {
        return change();
      } catch (error) {
        failure = { error };
        for (const step of this.undo.reverse()) step();
        return undefined;
      } finally {
        this.undo = undefined;
      }
    });
    const result = await written.catch(async (error: unknown) => {
      for (const step of settled) step();
      throw await storageError(error, this.folder);
    });
    for (const step of settled) step();
    if (failure !== undefined) throw failure.error;
    return result as R;
  }

  /**
   * Calls back when the current write is durable (or undone) and before it is acknowledged: to
   * clear caches of the old values. Call only inside `store.write`.
   */
  onSettled(callback: () => void): void {
    this.settled.push(callback);
  }

  /** The next id of a kind of object: never reused, below 2^53. Only inside {@link Store.write}. */
  nextId(kind: string): number {
    const next = (this.lastIds.get(kind) ?? this.counters.get(kind) ?? FIRST_ID) + 1;
    this.lastIds.set(kind, next);
    // A failed write does not undo this: an id may be skipped, but not reused.
    this.counters.putSync(kind, next);
    return next;
  }

  /** Waits for writes in flight. */
  async close(): Promise<void> {
    await this.root.flushed;
    await this.root.close();
    if (this.temporary) fs.rmSync(this.folder, { recursive: true, force: true });
  }
}

/**
 * The disk rejected a write: it is full or failing. The old data is intact, and later writes are
 * tried again.
 */
export class StorageError extends Error {}

/**
 * lmdb reports the cause in a promise of its own, and rejects another unreachable one: neither may
 * end the process.
 */
async function storageError(error: unknown, folder: string): Promise<unknown> {
  if (!isCommitFailure(error)) return error;
  const ignore = (reason: unknown): void => {
    if (!isCommitFailure(reason)) throw reason;
  };
  process.on("unhandledRejection", ignore);
  setImmediate(() => process.off("unhandledRejection", ignore));
  const cause: unknown = await error.commitError.catch((inner: unknown) => inner);
  return new StorageError(
    `cannot write to ${folder}: ${cause instanceof Error ? cause.message : String(cause)}`,
    { cause: error },
  );
}

function isCommitFailure(
  error: unknown,
): error is Error & { readonly commitError: Promise<unknown> } {
  return error instanceof Error && "commitError" in error && error.commitError instanceof Promise;
}

class LmdbCollection<T> implements Collection<T> {
  constructor(
    private readonly db: Database<T, Key>,
    private readonly remember: (step: () => void) => void,
  ) {}

  get(key: Key): T | undefined {
    return this.db.get(key);
  }

  has(key: Key): boolean {
    return this.db.doesExist(key);
  }

  put(key: Key, value: T): void {
    this.rememberValue(key);
    this.db.putSync(key, value);
  }

  remove(key: Key): void {
    this.rememberValue(key);
    this.db.removeSync(key);
  }

  private rememberValue(key: Key): void {
    // Use bytes: decoding a large value only to store it would take longer than the write.
    const before = this.db.getBinary(key);
    this.remember(() => {
      if (before === undefined) this.db.removeSync(key);
      else this.db.putSync(key, asBinary(before) as T);
    });
  }

  range(options: RangeOptions = {}): Entry<T>[] {
    return [...this.db.getRange(bounds(options))].map(({ key, value }) => ({ key, value }));
  }

  values(options: RangeOptions = {}): T[] {
    return [...this.db.getRange(bounds(options)).map(({ value }) => value)];
  }

  count(options: RangeOptions = {}): number {
    return this.db.getKeysCount(bounds(options));
  }
}

function bounds({ prefix, start, end, reverse = false, limit, offset }: RangeOptions): {
  start?: Key;
  end?: Key;
  exclusiveStart?: boolean;
  inclusiveEnd?: boolean;
  reverse: boolean;
  limit?: number;
  offset?: number;
} {
  const low = start ?? prefix;
  const high = end ?? (prefix === undefined ? undefined : [...prefix, AFTER_ALL]);
  // lmdb iterates from start to end: in reverse the two are swapped.
  const [from, to] = reverse ? [high, low] : [low, high];
  return {
    ...defined({ start: from, end: to }),
    // In reverse, lmdb's start is our end: it is excluded, and our start is included.
    ...(reverse ? { exclusiveStart: high !== undefined, inclusiveEnd: low !== undefined } : {}),
    reverse,
    ...defined({ limit, offset }),
  };
}
