import type { Authenticator } from "../transport/call";
import type { Secret } from "../transport/secret";

/** A token and its expiry. */
export interface AccessToken {
  readonly token: Secret;
  /** Milliseconds since the epoch; absent if the token does not expire. */
  readonly expiresAt?: number;
  /** Further headers that this authorization method needs. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Supplies tokens for an authorization method that is not built in. Called when there is no token,
 * or the current one is about to expire.
 */
export type TokenProvider = (signal?: AbortSignal) => Promise<AccessToken>;

/**
 * Sends the same authorization header with each call.
 * @param header the complete header, with the secret in clear text
 * @param secret hidden in messages
 */
export function fixedAuth(header: string, secret: Secret): Authenticator {
  const headers = { authorization: header };
  const secrets = [secret.reveal()];
  return { headers: () => headers, discard: () => false, secrets: () => secrets };
}

/**
 * Tokens are renewed this long before they expire, or a quarter of their lifetime before, if that is
 * shorter.
 */
const renewBeforeMs = 120_000;

/** Caches a token until shortly before it expires; concurrent callers share one refresh. */
export class RenewingAuth implements Authenticator {
  #current:
    | {
        readonly headers: Readonly<Record<string, string>>;
        readonly secret: string;
        readonly renewAt: number;
        readonly endsAt: number;
      }
    | undefined;
  #pending: Promise<Readonly<Record<string, string>>> | undefined;

  constructor(
    private readonly provider: TokenProvider,
    private readonly now: () => number = Date.now,
  ) {}

  headers(): Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>> {
    if (this.#current !== undefined && this.now() < this.#current.renewAt)
      return this.#current.headers;
    this.#pending ??= this.renew().finally(() => {
      this.#pending = undefined;
    });
    return this.#pending;
  }

  discard(headers: Readonly<Record<string, string>>): boolean {
    if (this.#current?.headers === headers) this.#current = undefined;
    return true;
  }

  secrets(): readonly string[] {
    return this.#current === undefined ? [] : [this.#current.secret];
  }

  private async renew(): Promise<Readonly<Record<string, string>>> {
    const previous = this.#current;
    let accessToken: AccessToken;
    try {
      accessToken = await this.provider();
    } catch (error) {
      // A brief outage of the token endpoint must not fail calls while the current token is valid.
      if (previous !== undefined && previous === this.#current && this.now() < previous.endsAt)
        return previous.headers;
      throw error;
    }
    const secret = accessToken.token.reveal();
    const headers = { authorization: `Bearer ${secret}`, ...accessToken.headers };
    const lifetimeMs =
      accessToken.expiresAt === undefined ? Infinity : accessToken.expiresAt - this.now();
    this.#current = {
      headers,
      secret,
      renewAt: this.now() + lifetimeMs - Math.min(renewBeforeMs, lifetimeMs / 4 || 0),
      endsAt: this.now() + lifetimeMs,
    };
    return headers;
  }
}
