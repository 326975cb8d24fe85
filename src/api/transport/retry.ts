/** The retry policy. Times in milliseconds. */
export interface RetryPolicy {
  /** Attempts of one call, the first included. @default 10 */
  readonly attempts: number;
  /**
   * No attempt starts later than this after the first one.
   * @default 300,000 (five minutes, as the official SDKs)
   */
  readonly budgetMs: number;
  /** The longest wait before the first retry; doubles with each further one. @default 500 */
  readonly baseMs: number;
  /** @default 20,000 */
  readonly capMs: number;
}

export const defaultRetry: RetryPolicy = {
  attempts: 10,
  budgetMs: 300_000,
  baseMs: 500,
  capMs: 20_000,
};
/** Connection refused or unknown host: rarely transient, so reported early. */
export const attemptsWhenRefused = 4;

/**
 * Exponential backoff with full jitter: a random wait between zero and the doubled step.
 * @param retry 0 for the first
 */
export function backoffMs(policy: RetryPolicy, retry: number, random: () => number): number {
  return Math.floor(random() * Math.min(policy.capMs, policy.baseMs * 2 ** retry));
}

/**
 * `Retry-After` in seconds or as an HTTP date.
 * @returns milliseconds, undefined when absent or not understood
 */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/**
 * The retries that a whole process may make: each retry costs one, each success returns half a one.
 * A workspace that fails one call in four still works; one that is down is not hammered by every
 * waiting call.
 */
export class RetryBudget {
  #left: number;

  constructor(readonly capacity: number = 500) {
    this.#left = capacity;
  }

  get left(): number {
    return this.#left;
  }

  take(): boolean {
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }

  succeed(): void {
    if (this.#left < this.capacity) this.#left = Math.min(this.capacity, this.#left + 0.5);
  }
}
