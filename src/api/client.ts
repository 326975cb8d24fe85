import type { Readable } from "node:stream";

/**
 * Query parameters; nested names are dotted (`filter_by.is_pinned`), absent values are left out.
 */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

export interface CallOptions {
  readonly query?: Query;
  readonly signal?: AbortSignal;
  /**
   * An abort of `signal` stops only waits and further attempts: the first attempt is always made,
   * and an attempt in flight is finished. For calls that must not be interrupted halfway.
   */
  readonly finish?: boolean;
  /**
   * True when the call is safe to repeat (it carries an idempotency token, or sets a value): it is
   * then retried like GET.
   */
  readonly idempotent?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * The whole call, its retries included. Milliseconds.
   * @default as long as the retry policy allows
   */
  readonly timeoutMs?: number;
  /**
   * For a call that must not happen twice and has no idempotency token: called after an attempt
   * whose answer was lost or ambiguous. It returns the answer of the call, or undefined when the
   * call did not take effect; then the call is repeated.
   * @param status of the failed attempt; undefined when no answer came
   */
  readonly recover?: (status: number | undefined) => Promise<unknown>;
  /**
   * The call removes something: "does not exist" after a lost answer counts as success. Always true
   * for DELETE.
   */
  readonly removes?: boolean;
}

/** The client that cannot write: only GET and HEAD. The verifier gets this one. */
export interface ReadClient {
  /** `https://host`, without a trailing slash. */
  readonly host: string;
  /**
   * @throws ApiError when the workspace returns an error, ConnectionError when it does not respond
   */
  get(path: string, options?: CallOptions): Promise<unknown>;
  /** Response headers, names in lower case. */
  head(path: string, options?: CallOptions): Promise<Readonly<Record<string, string>>>;
  /** The bytes of the response. */
  download(path: string, options?: CallOptions): Promise<Readable>;
}

export interface Client extends ReadClient {
  /** @param body becomes JSON; a Uint8Array is JSON already */
  post(path: string, body?: unknown, options?: CallOptions): Promise<unknown>;
  put(path: string, body?: unknown, options?: CallOptions): Promise<unknown>;
  patch(path: string, body?: unknown, options?: CallOptions): Promise<unknown>;
  delete(path: string, options?: CallOptions): Promise<unknown>;
  /** PUT of raw bytes (files on volumes). A function, so that a retry can start again. */
  upload(path: string, body: () => Readable | Uint8Array, options?: CallOptions): Promise<void>;
}

/** The same client, but its calls are finished on interrupt. @see {@link CallOptions.finish} */
export function finishing(client: Client): Client {
  const whole = (options?: CallOptions): CallOptions => ({ ...options, finish: true });
  return {
    host: client.host,
    get: (path, options) => client.get(path, whole(options)),
    head: (path, options) => client.head(path, whole(options)),
    download: (path, options) => client.download(path, whole(options)),
    post: (path, body, options) => client.post(path, body, whole(options)),
    put: (path, body, options) => client.put(path, body, whole(options)),
    patch: (path, body, options) => client.patch(path, body, whole(options)),
    delete: (path, options) => client.delete(path, whole(options)),
    upload: (path, body, options) => client.upload(path, body, whole(options)),
  };
}
