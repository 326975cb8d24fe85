import { onAbort } from "./abort";
import type { Proxy } from "./proxies";
import type { Dispatcher, EnvHttpProxyAgent, Pool } from "undici";

/** The parts of undici that the client uses. */
export interface Http {
  /** For request or response bodies that are streams. */
  request(options: Dispatcher.RequestOptions): Promise<Dispatcher.ResponseData>;
  /** For all other bodies: see {@link readWhole}. */
  dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean;
  /** Closes all connections; calls in flight fail. */
  destroy(): Promise<void>;
  /** The proxies for calls; empty for a direct connection. */
  readonly proxies: readonly Proxy[];
}

/** A complete response, with its body as a string. */
export interface WholeAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/**
 * Makes a request and returns its complete response, with the body as a string. Avoids the stream
 * and the async resource that undici's `request` creates for each response: they take most of the
 * time of a small call.
 */
export function readWhole(
  http: Http,
  options: Dispatcher.DispatchOptions,
  signal: AbortSignal | undefined,
): Promise<WholeAnswer> {
  return new Promise((resolve, reject) =>
    http.dispatch(options, new WholeReader(resolve, reject, signal)),
  );
}

class WholeReader implements Dispatcher.DispatchHandler {
  readonly #chunks: Buffer[] = [];
  #status = 0;
  #headers: Readonly<Record<string, string>> = {};
  #release: (() => void) | undefined;

  constructor(
    private readonly resolve: (answer: WholeAnswer) => void,
    private readonly reject: (error: unknown) => void,
    private readonly signal: AbortSignal | undefined,
  ) {}

  onRequestStart(controller: Dispatcher.DispatchController): void {
    const { signal } = this;
    if (signal === undefined) return;
    const abort = (): void => controller.abort(signal.reason as Error);
    if (signal.aborted) return abort();
    this.#release = onAbort(signal, abort);
  }

  onResponseStart(
    _: Dispatcher.DispatchController,
    status: number,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): void {
    if (status < 200) return; // informational: the response follows
    this.#status = status;
    this.#headers = headers as Readonly<Record<string, string>>;
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    this.#release?.();
    const [first] = this.#chunks;
    const bytes =
      this.#chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.#chunks);
    const text = bytes.toString("utf8");
    this.resolve({
      status: this.#status,
      headers: this.#headers,
      text: text.startsWith("\uFEFF") ? text.slice(1) : text,
    });
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.#release?.();
    this.reject(error);
  }
}

type Undici = typeof import("undici");
type PoolClass = new (origin: string, options: Pool.Options) => Pool;
type Request = (
  this: Dispatcher,
  options: Dispatcher.RequestOptions,
) => Promise<Dispatcher.ResponseData>;

/** Creates a pool of connections to one origin. */
export function openPool(origin: string, options: Pool.Options): Http {
  const { PoolClass, request } = undiciParts();
  const pool = new PoolClass(origin, options);
  return {
    request: (call) => request.call(pool, call),
    dispatch: (options, handler) => pool.dispatch(options, handler),
    destroy: () => pool.destroy(),
    proxies: [],
  };
}

/**
 * Creates an agent that connects through the proxy in `options`, except to the hosts of `noProxy`.
 * @param proxies described in the errors of failed connections
 */
export function openProxyAgent(
  options: EnvHttpProxyAgent.Options,
  proxies: readonly Proxy[],
): Http {
  const agent = new (wholeUndici().EnvHttpProxyAgent)(options);
  return {
    request: (call) => agent.request(call),
    dispatch: (call, handler) => agent.dispatch(call, handler),
    destroy: () => agent.destroy(),
    proxies,
  };
}

let parts: { readonly PoolClass: PoolClass; readonly request: Request } | undefined;

/**
 * Loads the modules that the first client needs, which takes 25 ms. Called while the process waits
 * for something else.
 */
export function loadTransport(): void {
  undiciParts();
}

/**
 * Loads undici's pool and its `request` without the rest of the package (fetch, WebSocket, caches,
 * mocks). The complete package would add 180 ms and 9 MB to every command and each start of the
 * provider. The paths have been stable since undici 5; if a version moves them, the complete
 * package is loaded.
 */
function undiciParts(): { readonly PoolClass: PoolClass; readonly request: Request } {
  if (parts !== undefined) return parts;
  try {
    /* eslint-disable @typescript-eslint/no-require-imports -- files without types, loaded when the first client is made */
    const PoolClass = require("undici/lib/dispatcher/pool.js") as PoolClass;
    const request = require("undici/lib/api/api-request.js") as Request;
    /* eslint-enable @typescript-eslint/no-require-imports */
    parts = { PoolClass, request };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
    const { Pool } = wholeUndici();
    // eslint-disable-next-line @typescript-eslint/unbound-method -- called with a pool as `this`
    parts = { PoolClass: Pool, request: Pool.prototype.request };
  }
  return parts;
}

function wholeUndici(): Undici {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- only for a proxy
  return require("undici") as Undici;
}
