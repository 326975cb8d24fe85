/**
 * Room `remote`: what the workspace has, read with GET only; equal reads are shared.
 * It comes after `desired`.
 */
import type { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { isApiError, isConnectionError } from "../../api/transport/errors";
import type { CallOptions, ReadClient } from "../../api/client";

/** Answers that many objects share: asked once in a run. Small ones only: pages of jobs are not kept. */
const shared = [
  "/api/2.0/secrets/scopes/list", "/api/2.0/secrets/list", "/api/2.0/secrets/acls/list", "/api/2.0/preview/scim/v2/Me",
  "/api/2.0/preview/sql/data_sources", "/api/2.0/token/list", "/api/2.0/workspace/list", "/api/2.1/unity-catalog/current-metastore-assignment",
]; // prettier-ignore

/** After so many calls in a row without any answer the workspace counts as gone. */
const goneAfter = 3;

/** The client does not repeat what ends with a 500, for it may have been done. A read changes nothing, and one that fails once in a while is no finding. */
const attempts = 8;
/** After so many reads that ended with a 500 each time, none is repeated until one has helped: that does not pass. */
const hopeless = 3;

/** Counts calls, asks shared lists once, and stops asking a workspace that has gone away. */
export class Access implements ReadClient {
  readonly host: string;
  calls = 0;
  #silent = 0;
  #hopeless = 0;
  readonly #ofCalls = new WeakSet();
  readonly #memo = new Map<string, Promise<unknown>>();

  constructor(private readonly api: ReadClient) {
    this.host = api.host;
  }

  /** Why nothing more is asked; undefined while the workspace answers. */
  gone: string | undefined;

  get(path: string, options?: CallOptions): Promise<unknown> {
    if (!shared.includes(path)) return this.#counted(() => this.api.get(path, options));
    const key = `${path} ${JSON.stringify(options?.query ?? {})}`;
    const known = this.#memo.get(key);
    if (known !== undefined) return known;
    const asked = this.#counted(() => this.api.get(path, options));
    this.#memo.set(key, asked);
    return asked;
  }

  head(path: string, options?: CallOptions): Promise<Readonly<Record<string, string>>> {
    return this.#counted(() => this.api.head(path, options));
  }

  download(path: string, options?: CallOptions): Promise<Readable> {
    return this.#counted(() => this.api.download(path, options));
  }

  async #counted<T>(work: () => Promise<T>): Promise<T> {
    this.calls += 1;
    try {
      const answer = await this.#repeated(work);
      this.#silent = 0;
      return answer;
    } catch (error) {
      if (isConnectionError(error)) {
        this.#silent += 1;
        if (this.#silent >= goneAfter) this.gone ??= error.message;
      } else this.#silent = 0;
      if (typeof error === "object" && error !== null) this.#ofCalls.add(error);
      throw error;
    }
  }

  /** Whether content broke off while it was read: its call had an answer, so the client did not repeat it. */
  brokeOff(error: unknown): boolean {
    return isConnectionError(error) && !this.#ofCalls.has(error);
  }

  async #repeated<T>(work: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const answer = await work();
        if (attempt > 1) this.#hopeless = 0;
        return answer;
      } catch (error) {
        if (!isApiError(error) || error.kind !== "internal") throw error;
        if (attempt >= attempts) this.#hopeless += 1;
        if (attempt >= attempts || this.#hopeless >= hopeless) throw error;
        await delay(Math.random() * Math.min(2000, 50 * 2 ** attempt));
      }
    }
  }
}

/** Runs the work for each item, so many at a time, in order of arrival. */
export async function forEachAtOnce<T>(items: readonly T[], limit: number, work: (item: T) => Promise<void>): Promise<void> {
  const waiting = items.values();
  const worker = async (): Promise<void> => {
    for (const item of waiting) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
