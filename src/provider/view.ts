/**
 * What one Terraform process reads of the workspace: equal reads, and lists with whole objects, are requested once. A write starts
 * over.
 */
import type { CallOptions, Client, ReadClient } from "../api/client";
import { defined } from "../defined";
import type { Kind, ReadOptions, Remote } from "../resources/kind";
import { SharedAnswers } from "../resources/families/shared-answers";
import { firstListed, wholeListOf } from "../resources/families/whole-lists";

export class View {
  readonly writer: Client;
  readonly #sharing: ReadClient;
  #answers = new SharedAnswers();
  /** Undefined: one object of the list has been read. */
  #lists = new Map<string, Promise<ReadonlyMap<string, Remote>> | undefined>();

  /** @param writer the same client, for operations that must not stop halfway */
  constructor(
    readonly reader: ReadClient,
    writer: Client,
  ) {
    this.#sharing = {
      host: reader.host,
      get: (path, options) => this.#answers.get(path, options, () => reader.get(path, options)),
      head: (path, options) => reader.head(path, options),
      download: (path, options) => reader.download(path, options),
    };
    const changing = async <T>(write: () => Promise<T>): Promise<T> => {
      this.#startOver();
      try {
        return await write();
      } finally {
        this.#startOver();
      }
    };
    this.writer = {
      host: writer.host,
      get: (path, options) => writer.get(path, options),
      head: (path, options) => writer.head(path, options),
      download: (path, options) => writer.download(path, options),
      post: (path: string, body?: unknown, options?: CallOptions) => changing(() => writer.post(path, body, options)),
      put: (path, body, options) => changing(() => writer.put(path, body, options)),
      patch: (path, body, options) => changing(() => writer.patch(path, body, options)),
      delete: (path, options) => changing(() => writer.delete(path, options)),
      upload: (path, body, options) => changing(() => writer.upload(path, body, options)),
    };
  }

  /** The object, as a refresh reads it: from the second object on from the first page of its list, if that has whole objects. */
  async read(kind: Kind, id: string, options: ReadOptions): Promise<Remote | undefined> {
    const alone = (): Promise<Remote | undefined> => kind.read(this.#sharing, id, options);
    const place = wholeListOf(kind, options.known);
    if (place === undefined) return alone();
    const key = `${kind.type} ${place.within ?? ""}`;
    if (!this.#lists.has(key)) {
      this.#lists.set(key, undefined);
      return alone();
    }
    const list = this.#lists.get(key) ?? firstListed(this.#sharing, kind, { ...place, calls: 1, ...defined({ signal: options.signal }) });
    this.#lists.set(key, list);
    // Not listed, or the caller may read the object and not the list.
    return (await list.catch(() => undefined))?.get(id) ?? alone();
  }

  /** The object as an import reads it: Terraform reads it again. */
  async import(kind: Kind, id: string, options: ReadOptions): Promise<Remote | undefined> {
    try {
      return await kind.read(this.#sharing, id, options);
    } finally {
      this.#startOver();
    }
  }

  #startOver(): void {
    this.#answers = new SharedAnswers();
    this.#lists = new Map();
  }
}
