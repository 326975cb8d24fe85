/** The retry policy. Times in milliseconds. */
export interface RetryPolicy {
  /** Max attempts of a call, including the first. @default 10 */
  readonly attempts: number;
  /**
   * No attempt starts later than this after the first one.
   * @default 300,000 (five minutes, as in the official SDKs)
   */
  readonly budgetMs: number;
  /** Max wait before the first retry; doubles with each further retry. @default 500 */
  readonly baseMs: number;
  /** Max wait before any retry. @default 20,000 */
  readonly capMs: number;
}

export const defaultRetry: RetryPolicy = {
  attempts: 10,
  budgetMs: 300_000,
  baseMs: 500,
  capMs: 20_000,
};
/**
 * Max attempts of a call that ends in a rarely transient failure: nothing responds at the address, a
 * status 500, or a response that does not come from the API.
 */
export const attemptsWhenRefused = 4;

/**
 * Returns the wait before a retry: exponential backoff with full jitter, a random time between zero
 * and the doubled step.
 * @param retry 0 for the first
 */
export function backoffMs(policy: RetryPolicy, retry: number, random: () => number): number {
  return Math.floor(random() * Math.min(policy.capMs, policy.baseMs * 2 ** retry));
}

/**
 * Matches `Thu, 01 Jan 2026 00:00:07 GMT`. Needed because `Date.parse` also accepts other text: "-5"
 * is a day in 2001.
 */
const httpDate = /^[A-Za-z]{3,9},? .*\d{2}:\d{2}:\d{2}/;

/**
 * Parses `Retry-After` in seconds or as an HTTP date.
 * @param date the `Date` header of the same response. An HTTP date is compared with it rather than
 * with `now`, because the clocks of the two machines may differ by hours
 * @returns milliseconds; undefined if absent, invalid, or in the past
 */
export function retryAfterMs(
  header: string | undefined,
  now: number,
  date?: string,
): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  if (!httpDate.test(text)) return undefined;
  const sent = date !== undefined && httpDate.test(date) ? Date.parse(date) : NaN;
  const wait = Date.parse(text) - (Number.isNaN(sent) ? now : sent);
  return wait >= 0 ? wait : undefined;
}

/**
 * Limits the retries of a process: each retry costs one, each success returns half of one. A
 * workspace that fails one call in four still works; one that is down does not get retries from
 * every waiting call.
 */
export class RetryBudget {
  #left: number;

  constructor(readonly capacity: number = 500) {
    this.#left = capacity;
  }

  /** The number of retries that are still allowed. */
  get left(): number {
    return this.#left;
  }

  /** @returns false if no retry is allowed */
  take(): boolean {
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }

  /** Called after a successful attempt. */
  succeed(): void {
    if (this.#left < this.capacity) this.#left = Math.min(this.capacity, this.#left + 0.5);
  }
}
