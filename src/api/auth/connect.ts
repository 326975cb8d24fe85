/**
 * This folder resolves the workspace and its credentials, and opens a client.
 * `scripts/import-order.cjs` lists what it may import.
 */
import fs from "node:fs";
import { Readable } from "node:stream";
import { rootCertificates } from "node:tls";
import { setTimeout as delay } from "node:timers/promises";
import { defined } from "../../defined";
import type { Answer } from "../transport/answer";
import type { Authenticator } from "../transport/call";
import { fixedAuth, RenewingAuth, type TokenProvider } from "./auth";
import { call, type Request, type Wiring } from "../transport/call";
import type { CallOptions, Client, ReadClient } from "../client";
import { classifyConnection, connectionError } from "../transport/connection-errors";
import {
  parseHost,
  resolveCredentials,
  type CredentialOptions,
  type Credentials,
} from "./credentials";
import type { AttemptReport } from "../transport/diagnostics";
import { openPool, openProxyAgent, type Http } from "../transport/http";
import { proxiesOf } from "../transport/proxies";
import { outageLimit } from "../transport/outage";
import { sharedLimiter, type RateLimiter } from "../transport/rate-limiter";
import { azureTokens, oauthTokens, type HttpTo } from "./oauth";
import { defaultRetry, RetryBudget, type RetryPolicy } from "../transport/retry";
import { Secret } from "../transport/secret";

export interface ConnectOptions extends CredentialOptions {
  /** Resolved credentials. If set, the authorization options are ignored. */
  readonly credentials?: Credentials;
  /** A custom token source; needs `host`. */
  readonly tokenProvider?: TokenProvider;
  /** Settings that replace those of the default retry policy. */
  readonly retry?: Partial<RetryPolicy>;
  /**
   * Calls per second, shared by all clients of this process; 0 = no limit.
   * @default DATABRICKS_RATE_LIMIT, else 15, and no limit for a workspace on this machine
   */
  readonly rateLimit?: number;
  /** Max connections, and so max concurrent calls. @default 16 */
  readonly concurrency?: number;
  /**
   * Timeout of one attempt in milliseconds, for the headers and for each pause in the body.
   * @default 65,000
   */
  readonly attemptTimeoutMs?: number;
  /** PEM of an additional certificate authority to trust. */
  readonly ca?: string;
  /** @default "lakeform" */
  readonly userAgent?: string;
  /** Called for each attempt, with the data of the diagnostics channel `lakeform:api:attempt`. */
  readonly onAttempt?: (report: AttemptReport) => void;
  /** Limits the retries of all clients that share it. @default one budget for the process */
  readonly budget?: RetryBudget;
  /** Returns a number from 0 to 1 for the jitter of retry delays. @default Math.random */
  readonly random?: () => number;
  /**
   * Called when a call fails. Returns values to hide in the workspace's error message, in addition
   * to the secrets of the call itself.
   */
  readonly secrets?: () => Iterable<string>;
  /** Aborts every call of this client, for example at the program's deadline. */
  readonly signal?: AbortSignal;
}

/**
 * The result of `connect`: a client that can also return complete responses, and that can be
 * closed.
 */
export interface Connection extends Client {
  /** Makes any call, and also returns the status and headers of the response. */
  exchange(request: Request): Promise<Answer>;
  /** The authorization method: `pat`, `oauth-m2m`, …, `provider`. */
  readonly authType: string;
  /**
   * Closes the connections; calls in flight fail. Idle connections do not keep a process alive, so
   * this is for tests and long-lived programs.
   */
  close(): Promise<void>;
}

const processBudget = new RetryBudget();

/**
 * Returns a client of one workspace. Does not connect until the first call.
 * @throws LakeformError as {@link resolveCredentials}, or only `BAD_HOST` if a token provider and a
 * host are set
 */
export function connect(options: ConnectOptions = {}): Connection {
  const workspace =
    options.credentials ??
    (options.tokenProvider === undefined
      ? resolveCredentials(options)
      : parseHost(options.host ?? resolveCredentials(options).host));
  const httpByOrigin = new Map<string, Http>();
  const httpTo = (origin: string): Http => {
    const http = httpByOrigin.get(origin) ?? openHttp(origin, options);
    httpByOrigin.set(origin, http);
    return http;
  };
  const wiring: Wiring = {
    host: workspace.host,
    schemeAssumed: workspace.schemeAssumed,
    http: httpTo(workspace.host),
    auth:
      options.tokenProvider === undefined
        ? authenticatorFor(workspace as Credentials, httpTo)
        : new RenewingAuth(options.tokenProvider),
    limiter: limiterOf(workspace.host, options),
    retry: { ...defaultRetry, ...options.retry },
    budget: options.budget ?? processBudget,
    attemptTimeoutMs: options.attemptTimeoutMs ?? 65_000,
    outageMs: outageLimit(options.env ?? process.env),
    userAgent: options.userAgent ?? "lakeform",
    onAttempt: options.onAttempt,
    now: Date.now,
    random: options.random ?? Math.random,
    sleep,
    signal: options.signal,
    secrets: options.secrets,
  };
  return new RestConnection(
    wiring,
    options.tokenProvider === undefined ? (workspace as Credentials).authType : "provider",
    () => Promise.all([...httpByOrigin.values()].map((http) => http.destroy())),
  );
}

class RestConnection implements Connection {
  readonly host: string;
  readonly #wiring: Wiring;
  readonly #close: () => Promise<unknown>;

  constructor(
    wiring: Wiring,
    readonly authType: string,
    close: () => Promise<unknown>,
  ) {
    this.host = wiring.host;
    this.#wiring = wiring;
    this.#close = close;
  }

  exchange(request: Request): Promise<Answer> {
    return call(this.#wiring, request);
  }

  async get(path: string, options?: CallOptions): Promise<unknown> {
    return (await call(this.#wiring, { ...options, method: "GET", path })).body;
  }

  async head(path: string, options?: CallOptions): Promise<Readonly<Record<string, string>>> {
    return (await call(this.#wiring, { ...options, method: "HEAD", path })).headers;
  }

  async download(path: string, options?: CallOptions): Promise<Readable> {
    const { body } = await call(this.#wiring, { ...options, method: "GET", path, as: "stream" });
    if (!(body instanceof Readable)) return Readable.from([]);
    const wiring = this.#wiring;
    const { host } = wiring;
    return Readable.from(
      (async function* () {
        try {
          yield* body as AsyncIterable<Buffer>;
        } catch (error) {
          if (options?.signal?.aborted === true) throw error;
          throw connectionError(
            { method: "GET", path, host, history: [] },
            classifyConnection(error, wiring),
          );
        }
      })(),
    );
  }

  async post(path: string, body?: unknown, options?: CallOptions): Promise<unknown> {
    return (await call(this.#wiring, { ...options, method: "POST", path, body: body ?? {} })).body;
  }

  async put(path: string, body?: unknown, options?: CallOptions): Promise<unknown> {
    return (await call(this.#wiring, { ...options, method: "PUT", path, body: body ?? {} })).body;
  }

  async patch(path: string, body?: unknown, options?: CallOptions): Promise<unknown> {
    return (await call(this.#wiring, { ...options, method: "PATCH", path, body: body ?? {} })).body;
  }

  async delete(path: string, options?: CallOptions): Promise<unknown> {
    return (await call(this.#wiring, { ...options, method: "DELETE", path })).body;
  }

  async upload(
    path: string,
    body: () => Readable | Uint8Array,
    options?: CallOptions,
  ): Promise<void> {
    await call(this.#wiring, { ...options, method: "PUT", path, raw: body });
  }

  async close(): Promise<void> {
    await this.#close();
  }
}

/** A client that cannot write: it can send only GET and HEAD, even after a type cast. */
export function readOnly(client: ReadClient): ReadClient {
  return Object.freeze({
    host: client.host,
    get: (path: string, options?: CallOptions) => client.get(path, options),
    head: (path: string, options?: CallOptions) => client.head(path, options),
    download: (path: string, options?: CallOptions) => client.download(path, options),
  });
}

function authenticatorFor(credentials: Credentials, httpTo: HttpTo): Authenticator {
  const { token, username, password } = credentials;
  switch (credentials.authType) {
    case "pat":
      return fixedAuth(`Bearer ${token?.reveal() ?? ""}`, token ?? new Secret(""));
    case "basic": {
      const pair = Buffer.from(`${username ?? ""}:${password?.reveal() ?? ""}`).toString("base64");
      return fixedAuth(`Basic ${pair}`, password ?? new Secret(""));
    }
    case "oauth-m2m":
      return new RenewingAuth(oauthTokens(credentials, httpTo));
    case "azure-client-secret":
      return new RenewingAuth(azureTokens(credentials, httpTo));
  }
}

export const isLoopback = (host: string): boolean => {
  const name = new URL(host).hostname;
  return name === "localhost" || name === "[::1]" || name.startsWith("127.");
};

/** Returns the rate limiter of a host; undefined if its calls are not limited. */
export function limiterOf(host: string, options: ConnectOptions): RateLimiter | undefined {
  const fromEnv = Number((options.env ?? process.env)["DATABRICKS_RATE_LIMIT"] ?? "");
  // A local workspace has no platform limit.
  const rate = options.rateLimit ?? (fromEnv > 0 ? fromEnv : isLoopback(host) ? 0 : 15);
  return rate > 0 ? sharedLimiter(host, rate) : undefined;
}

/** Opens a pool of connections to an origin, or an agent of the proxy in the environment. */
function openHttp(origin: string, options: ConnectOptions): Http {
  const env = options.env ?? process.env;
  const { https, http } = proxiesOf(env);
  const common = {
    connections: options.concurrency ?? 16,
    keepAliveTimeout: 60_000,
    ...trustOptions(options, env),
  };
  const originProxy = new URL(origin).protocol === "https:" ? (https ?? http) : http;
  if (originProxy === undefined || isLoopback(origin)) return openPool(origin, common);
  const noProxy = env["NO_PROXY"] ?? env["no_proxy"] ?? "";
  return openProxyAgent(
    { ...common, ...defined({ httpsProxy: https?.uri, httpProxy: http?.uri }), noProxy },
    [originProxy],
  );
}

/**
 * Returns the connect options that trust additional certificate authorities: `ca`, and those of
 * NODE_EXTRA_CA_CERTS in `env`. Node itself reads that variable only when it starts, so a value
 * that was set later (for a local workspace with TLS) is read here.
 */
function trustOptions(
  options: ConnectOptions,
  env: NodeJS.ProcessEnv,
): { readonly connect?: { readonly ca: string[] } } {
  const file = env["NODE_EXTRA_CA_CERTS"];
  const addedLater =
    file !== undefined && file !== "" && file !== process.env["NODE_EXTRA_CA_CERTS"]
      ? [fs.readFileSync(file, "utf8")]
      : [];
  const certificates = options.ca === undefined ? addedLater : [options.ca, ...addedLater];
  return certificates.length === 0
    ? {}
    : { connect: { ca: [...rootCertificates, ...certificates] } };
}

/** Waits. Returns early, without an error, if the signal aborts: the caller checks the signal. */
async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    if (signal?.aborted !== true) throw error;
  }
}
