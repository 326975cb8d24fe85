/**
 * Room `remote`: what the workspace has, read with GET only; equal reads are shared.
 * It may import from `desired`, and from the rooms before it.
 */
import type { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { isApiError, isConnectionError } from "../../api/transport/errors";
import type { CallOptions, ReadClient } from "../../api/client";
import { SharedAnswers } from "../../resources/families/shared-answers";

/**
 * Number of consecutive calls without a response after which the workspace counts as unreachable.
 */
const goneAfter = 3;

/**
 * The client does not retry a 500, because the call may have taken effect. A read changes nothing,
 * and an occasional failure is not a finding.
 */
const attempts = 8;
/**
 * After this many reads that kept failing with a 500, none is retried until one succeeds: the
 * problem is permanent.
 */
const hopeless = 3;

/** Counts calls, reads shared lists once, and stops calling an unreachable workspace. */
export class Access implements ReadClient {
  readonly host: string;
  calls = 0;
  #silent = 0;
  #hopeless = 0;
  readonly #ofCalls = new WeakSet();
  readonly #shared = new SharedAnswers();

  constructor(private readonly api: ReadClient) {
    this.host = api.host;
  }

  /** Why no more calls are made; undefined while the workspace responds. */
  gone: string | undefined;

  get(path: string, options?: CallOptions): Promise<unknown> {
    return this.#shared.get(path, options, () => this.#counted(() => this.api.get(path, options)));
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

  /**
   * Whether content was interrupted while it was read: its call had a response, so the client did
   * not retry it.
   */
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

/** Runs the work for each item with limited concurrency, in order of arrival. */
export async function forEachAtOnce<T>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const waiting = items.values();
  const worker = async (): Promise<void> => {
    for (const item of waiting) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
