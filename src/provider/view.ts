/**
 * Caches what a Terraform process reads from the workspace. Equal reads, and lists with complete
 * objects, are requested only once. A write clears the cache.
 */
import type { CallOptions, Client, ReadClient } from "../api/client";
import { defined } from "../defined";
import type { Kind, ReadOptions, Remote } from "../resources/kind";
import { SharedResponses } from "../resources/families/shared-answers";
import { firstListed, wholeListOf } from "../resources/families/whole-lists";

export class View {
  /** The client for writes, and for the reads that belong to a write. It bypasses the cache. */
  readonly writer: Client;
  readonly #cachedReader: ReadClient;
  #responses = new SharedResponses();
  /** Lists by key; undefined if only one object of the list was read. */
  #lists = new Map<string, Promise<ReadonlyMap<string, Remote>> | undefined>();

  /** @param writer a client of the same workspace, whose calls complete on interrupt */
  constructor(
    readonly reader: ReadClient,
    writer: Client,
  ) {
    this.#cachedReader = {
      host: reader.host,
      get: (path, options) => this.#responses.get(path, options, () => reader.get(path, options)),
      head: (path, options) => reader.head(path, options),
      download: (path, options) => reader.download(path, options),
    };
    const clearingCache = async <T>(write: () => Promise<T>): Promise<T> => {
      this.#clear();
      try {
        return await write();
      } finally {
        this.#clear();
      }
    };
    this.writer = {
      host: writer.host,
      get: (path, options) => writer.get(path, options),
      head: (path, options) => writer.head(path, options),
      download: (path, options) => writer.download(path, options),
      post: (path: string, body?: unknown, options?: CallOptions) =>
        clearingCache(() => writer.post(path, body, options)),
      put: (path, body, options) => clearingCache(() => writer.put(path, body, options)),
      patch: (path, body, options) => clearingCache(() => writer.patch(path, body, options)),
      delete: (path, options) => clearingCache(() => writer.delete(path, options)),
      upload: (path, body, options) => clearingCache(() => writer.upload(path, body, options)),
    };
  }

  /**
   * Reads an object for a refresh. From the second object of a kind on, the object is taken from the
   * first page of the list, if the list has complete objects.
   */
  async read(kind: Kind, id: string, options: ReadOptions): Promise<Remote | undefined> {
    const readSingle = (): Promise<Remote | undefined> =>
      kind.read(this.#cachedReader, id, options);
    const listArguments = wholeListOf(kind, options.known);
    if (listArguments === undefined) return readSingle();
    const key = `${kind.type} ${listArguments.container ?? ""}`;
    if (!this.#lists.has(key)) {
      this.#lists.set(key, undefined);
      return readSingle();
    }
    const list =
      this.#lists.get(key) ??
      firstListed(this.#cachedReader, kind, {
        ...listArguments,
        calls: 1,
        ...defined({ signal: options.signal }),
      });
    this.#lists.set(key, list);
    // Read the object alone if it is not on the page, or if the caller cannot read the list.
    return (await list.catch(() => undefined))?.get(id) ?? readSingle();
  }

  /** Reads an object for an import, after which Terraform reads it again. */
  async import(kind: Kind, id: string, options: ReadOptions): Promise<Remote | undefined> {
    try {
      return await kind.read(this.#cachedReader, id, options);
    } finally {
      this.#clear();
    }
  }

  #clear(): void {
    this.#responses = new SharedResponses();
    this.#lists = new Map();
  }
}
