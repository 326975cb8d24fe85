import type { Readable } from "node:stream";

/**
 * Query parameters. Nested names are dotted (`filter_by.is_pinned`); undefined values are omitted.
 */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

export interface CallOptions {
  /** Query parameters. Those with the value undefined are omitted. */
  readonly query?: Query;
  readonly signal?: AbortSignal;
  /**
   * Whether the call completes after an abort of `signal`. The first attempt is then always made,
   * and an attempt in flight completes; the abort ends only waits and prevents further attempts.
   * For calls that must not be interrupted halfway.
   */
  readonly finish?: boolean;
  /**
   * Whether the call is safe to repeat, because it has an idempotency token or sets a value. It is
   * then retried like GET.
   */
  readonly idempotent?: boolean;
  /** Additional request headers. */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * Parses the text of a successful response.
   * @default integers beyond 2^53 become strings
   */
  readonly parse?: (text: string) => unknown;
  /**
   * Timeout of the complete call with its retries, in milliseconds.
   * @default as long as the retry policy allows
   */
  readonly timeoutMs?: number;
  /**
   * For a call that must not happen twice and has no idempotency token. Called after an attempt
   * whose response was lost or ambiguous. Returns the response of the call, or undefined if the
   * call did not take effect; the call is then repeated.
   * @param status of the failed attempt; undefined if there was no response
   */
  readonly recover?: (status: number | undefined) => Promise<unknown>;
  /**
   * Whether the call removes an object: "does not exist" after a lost response then counts as
   * success. Always true for DELETE.
   */
  readonly removes?: boolean;
}

/**
 * A client that can only send GET and HEAD. The verifier uses it. Every call throws an ApiError if
 * the workspace returns an error, a ConnectionError without a complete response, and an AnswerError
 * if the response does not come from the REST API.
 */
export interface ReadClient {
  /** `https://host`, without a trailing slash. */
  readonly host: string;
  /** Returns the parsed response. */
  get(path: string, options?: CallOptions): Promise<unknown>;
  /** Returns the response headers, with names in lower case. */
  head(path: string, options?: CallOptions): Promise<Readonly<Record<string, string>>>;
  /** Returns the bytes of the response. */
  download(path: string, options?: CallOptions): Promise<Readable>;
}

/** A client for all methods. Its calls throw the same errors as those of {@link ReadClient}. */
export interface Client extends ReadClient {
  /** @param body is serialized to JSON, unless it is a Uint8Array, which already contains JSON */
  post(path: string, body?: unknown, options?: CallOptions): Promise<unknown>;
  put(path: string, body?: unknown, options?: CallOptions): Promise<unknown>;
  patch(path: string, body?: unknown, options?: CallOptions): Promise<unknown>;
  delete(path: string, options?: CallOptions): Promise<unknown>;
  /**
   * Sends raw bytes with PUT (files on volumes). The body is a function, so that a retry can start
   * again.
   */
  upload(path: string, body: () => Readable | Uint8Array, options?: CallOptions): Promise<void>;
}

/** Returns the same client, but its calls complete on interrupt. @see {@link CallOptions.finish} */
export function finishing(client: Client): Client {
  const withFinish = (options?: CallOptions): CallOptions => ({ ...options, finish: true });
  return {
    host: client.host,
    get: (path, options) => client.get(path, withFinish(options)),
    head: (path, options) => client.head(path, withFinish(options)),
    download: (path, options) => client.download(path, withFinish(options)),
    post: (path, body, options) => client.post(path, body, withFinish(options)),
    put: (path, body, options) => client.put(path, body, withFinish(options)),
    patch: (path, body, options) => client.patch(path, body, withFinish(options)),
    delete: (path, options) => client.delete(path, withFinish(options)),
    upload: (path, body, options) => client.upload(path, body, withFinish(options)),
  };
}
