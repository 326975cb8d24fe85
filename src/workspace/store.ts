import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { asBinary, open, type Database, type RootDatabase } from "lmdb";
import { defined } from "../defined";

/**
 * A key in lmdb's order: numbers before strings, arrays element by element. At most 1,900 bytes.
 */
export type Key = string | number | (string | number)[];

export interface Entry<T> {
  readonly key: Key;
  readonly value: T;
}

/**
 * A range of keys: `prefix` is the start of an array key, `start` is inclusive, `end` exclusive.
 */
export interface RangeOptions {
  readonly prefix?: (string | number)[];
  readonly start?: Key;
  readonly end?: Key;
  readonly reverse?: boolean;
  readonly limit?: number;
  readonly offset?: number;
}

/**
 * The objects of one API family. Reads are immediate; `put` and `remove` are only allowed inside
 * {@link Store.write}.
 */
export interface Collection<T> {
  get(key: Key): T | undefined;
  has(key: Key): boolean;
  put(key: Key, value: T): void;
  remove(key: Key): void;
  /** Returns a copy of the entries in the range, so that callers may write while iterating. */
  range(options?: RangeOptions): Entry<T>[];
  values(options?: RangeOptions): T[];
  count(options?: RangeOptions): number;
}

/** Sorts after every number and every string in lmdb's key order, which is that of UTF-8. */
const AFTER_ALL = "\u{10ffff}\u{10ffff}";

/**
 * The start of the ids, chosen so that they stay below 2^53 and JavaScript clients can represent
 * them.
 */
const FIRST_ID = 100_000_000_000_000;

/**
 * The workspace's state. Writes run one at a time, see their own changes, and are rolled back if
 * they throw. The promise of a write resolves when it is durable; acknowledge a request only then.
 */
export class Store {
  private readonly collections = new Map<string, LmdbCollection<unknown>>();
  private undo: (() => void)[] | undefined;
  private settledCallbacks: (() => void)[] = [];
  /** The versions of the collections; see {@link version}. */
  private readonly versions = new Map<string, number>();
  private readonly counters: Database<number, string>;
  private readonly lastIds = new Map<string, number>();

  private constructor(
    private readonly root: RootDatabase,
    /** The data folder. Without persistence: a temporary folder that is deleted with the store. */
    readonly folder: string,
    private readonly temporary: boolean,
  ) {
    this.counters = root.openDB<number, string>({ name: "counters", encoding: "json" });
  }

  /**
   * Opens the store.
   * @param folder the data folder; without one, the data is in a temporary folder, is not synced,
   * and is deleted at `close`
   */
  static open(folder?: string): Store {
    const dataFolder = folder ?? fs.mkdtempSync(path.join(os.tmpdir(), "lakeform-workspace-"));
    fs.mkdirSync(dataFolder, { recursive: true });
    const root = open({
      path: path.join(dataFolder, "data.mdb"),
      maxDbs: 120,
      encoding: "json",
      ...(folder === undefined ? { noSync: true } : {}),
    });
    // The file contains secrets, and other users may be able to read the folder.
    fs.chmodSync(path.join(dataFolder, "data.mdb"), 0o600);
    return new Store(root, dataFolder, folder === undefined);
  }

  /**
   * Returns the collection of that name, which is created on first use. The caller guarantees `T`.
   */
  collection<T>(name: string): Collection<T> {
    let collection = this.collections.get(name);
    if (collection === undefined) {
      collection = new LmdbCollection<unknown>(
        this.root.openDB<unknown, Key>({ name, encoding: "json" }),
        (step) => {
          if (this.undo === undefined) throw new Error(`a change to ${name} outside of a write`);
          this.undo.push(step);
          this.settledCallbacks.push(() => this.versions.set(name, this.version(name) + 1));
        },
      );
      this.collections.set(name, collection);
    }
    return collection as Collection<unknown> as Collection<T>;
  }

  /**
   * Returns a counter that increases when a write to the collection has become durable or was rolled
   * back: cached results are valid while it does not change.
   */
  version(name: string): number {
    return this.versions.get(name) ?? 0;
  }

  /**
   * Runs `change` atomically, one write at a time.
   * @returns the result, once it is durable; if it throws, nothing was changed
   * @throws StorageError if the disk rejects the write
   */
  async write<R>(change: () => R): Promise<R> {
    let failure: { error: unknown } | undefined;
    const callbacks: (() => void)[] = [];
    const transaction = this.root.transaction(() => {
      this.undo = [];
      this.settledCallbacks = callbacks;
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
    const result = await transaction.catch(async (error: unknown) => {
      for (const step of callbacks) step();
      throw await storageError(error, this.folder);
    });
    for (const step of callbacks) step();
    if (failure !== undefined) throw failure.error;
    return result as R;
  }

  /**
   * Registers a callback for the current write, called when it is durable or rolled back, and
   * before it is acknowledged. Used to clear caches. Call only inside `store.write`.
   */
  onSettled(callback: () => void): void {
    this.settledCallbacks.push(callback);
  }

  /**
   * Returns the next id for a kind of object; ids are never reused. Call only inside `store.write`.
   */
  nextId(kind: string): number {
    const next = (this.lastIds.get(kind) ?? this.counters.get(kind) ?? FIRST_ID) + 1;
    this.lastIds.set(kind, next);
    // A failed write does not roll this back: ids may be skipped, but are never reused.
    this.counters.putSync(kind, next);
    return next;
  }

  /** Closes the store after the writes in flight. Deletes its folder if it is temporary. */
  async close(): Promise<void> {
    await this.root.flushed;
    await this.root.close();
    if (this.temporary) fs.rmSync(this.folder, { recursive: true, force: true });
  }
}

/**
 * The disk rejected a write because it is full or failing. The old data is intact, and later writes
 * are attempted again.
 */
export class StorageError extends Error {}

/**
 * Returns the error to throw for a failed write. lmdb reports the cause in a separate promise and
 * rejects another one that is not accessible; neither must end the process.
 */
async function storageError(error: unknown, folder: string): Promise<unknown> {
  if (!isCommitFailure(error)) return error;
  const ignore = (reason: unknown): void => {
    if (!isCommitFailure(reason)) throw reason;
  };
  process.on("unhandledRejection", ignore);
  setImmediate(() => process.off("unhandledRejection", ignore));
  const cause: unknown = await error.commitError.catch((rejection: unknown) => rejection);
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
    private readonly recordUndo: (step: () => void) => void,
  ) {}

  get(key: Key): T | undefined {
    return this.db.get(key);
  }

  has(key: Key): boolean {
    return this.db.doesExist(key);
  }

  put(key: Key, value: T): void {
    this.recordOldValue(key);
    this.db.putSync(key, value);
  }

  remove(key: Key): void {
    this.recordOldValue(key);
    this.db.removeSync(key);
  }

  private recordOldValue(key: Key): void {
    // Reads bytes, because decoding a large value would take longer than the write.
    const oldBytes = this.db.getBinary(key);
    this.recordUndo(() => {
      if (oldBytes === undefined) this.db.removeSync(key);
      else this.db.putSync(key, asBinary(oldBytes) as T);
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
  // lmdb iterates from start to end, so the two are swapped for a reverse iteration.
  const [from, to] = reverse ? [high, low] : [low, high];
  return {
    ...defined({ start: from, end: to }),
    // In a reverse iteration, lmdb's start is our end, which is exclusive.
    ...(reverse ? { exclusiveStart: high !== undefined, inclusiveEnd: low !== undefined } : {}),
    reverse,
    ...defined({ limit, offset }),
  };
}
