/**
 * This folder reads the workspace, with GET and HEAD only, and shares equal reads.
 * `scripts/import-order.cjs` lists what it may import.
 */
import type { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { isApiError, isConnectionError } from "../../api/transport/errors";
import type { CallOptions, ReadClient } from "../../api/client";
import { SharedResponses } from "../../resources/families/shared-answers";
import type { Answers, KnownAnswer } from "./answers";

/**
 * Number of consecutive calls without a response after which the workspace counts as unreachable.
 */
const maxSilentCalls = 3;

/**
 * The maximum attempts for a read that fails with a 500. The client does not retry these, because a
 * call may have taken effect, but a read changes nothing.
 */
const maxAttempts = 8;
/**
 * After this many reads that failed in all attempts, failed reads are not retried any more, because
 * the problem seems to be permanent. A retry that is already waiting and succeeds resets the count.
 */
const maxPermanentFailures = 3;

/**
 * Counts calls, reads shared lists once, and detects an unreachable workspace. Callers then make no
 * more calls.
 */
export class Access implements ReadClient {
  readonly host: string;
  calls = 0;
  #silentCalls = 0;
  #permanentFailures = 0;
  readonly #callErrors = new WeakSet();
  readonly #shared = new SharedResponses();

  /** @param answers keeps digests of the answers */
  constructor(
    private readonly api: ReadClient,
    readonly answers?: Answers,
  ) {
    this.host = api.host;
  }

  /** Why no more calls should be made; undefined while the workspace responds. */
  unreachableReason: string | undefined;

  get(path: string, options?: CallOptions): Promise<unknown> {
    return this.#shared.get(
      path,
      options,
      () =>
        this.answers?.take(path, options) ??
        this.#countCall(() => (this.answers ?? this.api).get(path, options)),
    );
  }

  /** Makes known calls again, until an answer is different. @returns whether all are the same */
  async areSame(known: readonly KnownAnswer[], concurrency: number): Promise<boolean> {
    const { answers } = this;
    let same = answers !== undefined;
    await forEachConcurrently(known, concurrency, async (answer) => {
      if (!same || answers === undefined) return;
      try {
        if (!(await this.#countCall(() => answers.isSame(answer)))) same = false;
      } catch (error) {
        answers.fail(answer, error);
        same = false;
      }
    });
    return same;
  }

  head(path: string, options?: CallOptions): Promise<Readonly<Record<string, string>>> {
    this.answers?.miss();
    return this.#countCall(() => this.api.head(path, options));
  }

  download(path: string, options?: CallOptions): Promise<Readable> {
    this.answers?.miss();
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
   * True if a download was interrupted after its response had started. The client does not retry
   * these.
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

/** Calls the function for each item, with limited concurrency. */
export async function forEachConcurrently<T>(
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
