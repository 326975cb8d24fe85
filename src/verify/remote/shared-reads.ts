/**
 * This folder reads the workspace, with GET only, and shares equal reads. It imports only the
 * folders before it in `scripts/rooms.cjs`.
 */
import type { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { isApiError, isConnectionError } from "../../api/transport/errors";
import type { CallOptions, ReadClient } from "../../api/client";
import { SharedResponses } from "../../resources/families/shared-answers";

/**
 * Number of consecutive calls without a response after which the workspace counts as unreachable.
 */
const maxSilentCalls = 3;

/**
 * The client does not retry a 500, because the call may have taken effect. A read changes nothing,
 * and an occasional failure is not a finding.
 */
const maxAttempts = 8;
/**
 * After this many reads that kept failing with a 500, none is retried until one succeeds: the
 * problem is permanent.
 */
const maxPermanentFailures = 3;

/** Counts calls, reads shared lists once, and stops calling an unreachable workspace. */
export class Access implements ReadClient {
  readonly host: string;
  calls = 0;
  #silentCalls = 0;
  #permanentFailures = 0;
  readonly #callErrors = new WeakSet();
  readonly #shared = new SharedResponses();

  constructor(private readonly api: ReadClient) {
    this.host = api.host;
  }

  /** Why no more calls are made; undefined while the workspace responds. */
  unreachableReason: string | undefined;

  get(path: string, options?: CallOptions): Promise<unknown> {
    return this.#shared.get(path, options, () =>
      this.#countCall(() => this.api.get(path, options)),
    );
  }

  head(path: string, options?: CallOptions): Promise<Readonly<Record<string, string>>> {
    return this.#countCall(() => this.api.head(path, options));
  }

  download(path: string, options?: CallOptions): Promise<Readable> {
    return this.#countCall(() => this.api.download(path, options));
  }

  async #countCall<T>(call: () => Promise<T>): Promise<T> {
    this.calls += 1;
    try {
      const response = await this.#retryInternalErrors(call);
      this.#silentCalls = 0;
      return response;
    } catch (error) {
      if (isConnectionError(error)) {
        this.#silentCalls += 1;
        if (this.#silentCalls >= maxSilentCalls) this.unreachableReason ??= error.message;
      } else this.#silentCalls = 0;
      if (typeof error === "object" && error !== null) this.#callErrors.add(error);
      throw error;
    }
  }

  /**
   * Whether content was interrupted while it was read: its call had a response, so the client did
   * not retry it.
   */
  isInterruptedContent(error: unknown): boolean {
    return isConnectionError(error) && !this.#callErrors.has(error);
  }

  async #retryInternalErrors<T>(call: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const response = await call();
        if (attempt > 1) this.#permanentFailures = 0;
        return response;
      } catch (error) {
        if (!isApiError(error) || error.kind !== "internal") throw error;
        if (attempt >= maxAttempts) this.#permanentFailures += 1;
        if (attempt >= maxAttempts || this.#permanentFailures >= maxPermanentFailures) throw error;
        await delay(Math.random() * Math.min(2000, 50 * 2 ** attempt));
      }
    }
  }
}

/** Runs the work for each item with limited concurrency, in order of arrival. */
export async function forEachAtOnce<T>(
  items: readonly T[],
  limit: number,
  call: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  const worker = async (): Promise<void> => {
    for (const item of queue) await call(item);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
