import { onAbort } from "./abort";

/**
 * A token bucket with a rate per second and a capacity of one second. A 429 halves the rate; each
 * second without a 429 raises it by a tenth of the configured rate until it is restored.
 */
export class RateLimiter {
  #tokens: number;
  #rate: number;
  #lastRefill: number;
  #waiting: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(
    readonly perSecond: number,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.#rate = perSecond;
    this.#tokens = Math.max(1, perSecond);
    this.#lastRefill = now();
  }

  /** The current rate: lower than `perSecond` after a 429. */
  get rate(): number {
    return this.#rate;
  }

  /** Takes a token, if one is available and no call waits for one. */
  tryTake(): boolean {
    this.refill();
    if (this.#waiting.length > 0 || this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /**
   * Waits for a token, first come first served. Also resolves if the signal aborts, but without a
   * token.
   */
  wait(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const leaveQueue = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(proceed), 1);
        resolve();
      };
      const release = signal && onAbort(signal, leaveQueue);
      const proceed = (): void => {
        release?.();
        resolve();
      };
      this.#waiting.push(proceed);
      this.schedule();
    });
  }

  /** Halves the rate after a 429, down to one call per second, and discards the tokens. */
  slowDown(): void {
    this.refill();
    this.#rate = Math.max(Math.min(1, this.perSecond), this.#rate / 2);
    this.#tokens = Math.min(this.#tokens, 0);
  }

  private refill(): void {
    const now = this.now();
    const seconds = (now - this.#lastRefill) / 1000;
    if (seconds <= 0) return;
    this.#lastRefill = now;
    this.#rate = Math.min(this.perSecond, this.#rate + (seconds * this.perSecond) / 10);
    this.#tokens = Math.min(Math.max(1, this.#rate), this.#tokens + seconds * this.#rate);
  }

  private schedule(): void {
    if (this.#timer !== undefined || this.#waiting.length === 0) return;
    const missing = Math.max(0, 1 - this.#tokens);
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        this.refill();
        while (this.#tokens >= 1 && this.#waiting.length > 0) {
          this.#tokens -= 1;
          this.#waiting.shift()?.();
        }
        this.schedule();
      },
      Math.max(1, (missing / this.#rate) * 1000),
    );
  }
}

const shared = new Map<string, RateLimiter>();

/** Returns the limiter that all clients of this process with the same host and rate share. */
export function sharedLimiter(host: string, perSecond: number): RateLimiter {
  const key = `${host} ${perSecond}`;
  let limiter = shared.get(key);
  if (limiter === undefined) shared.set(key, (limiter = new RateLimiter(perSecond)));
  return limiter;
}
