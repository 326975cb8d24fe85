import type { Dispatcher, EnvHttpProxyAgent, Pool } from "undici";

/** What the client needs of undici. */
export interface Http {
  request(options: Dispatcher.RequestOptions): Promise<Dispatcher.ResponseData>;
  destroy(): Promise<void>;
}

type Undici = typeof import("undici");
type MakePool = new (origin: string, options: Pool.Options) => Pool;
type Request = (this: Dispatcher, options: Dispatcher.RequestOptions) => Promise<Dispatcher.ResponseData>;

/** A pool of connections to one origin. */
export function poolTo(origin: string, options: Pool.Options): Http {
  const { makePool, request } = undiciParts();
  const pool = new makePool(origin, options);
  return { request: (call) => request.call(pool, call), destroy: () => pool.destroy() };
}

/** Through a proxy, as the environment says. */
export function proxied(options: EnvHttpProxyAgent.Options): Http {
  return new (wholeUndici().EnvHttpProxyAgent)(options);
}

let parts: { readonly makePool: MakePool; readonly request: Request } | undefined;

/**
 * undici's pool and its `request`, without the rest of the package (fetch, WebSocket, caches, mocks): loading that too takes 180 ms and 9 MB more, in
 * every command and each start of the provider. The files have been where they are since undici 5; should a version move them, the whole package is loaded.
 */
function undiciParts(): { readonly makePool: MakePool; readonly request: Request } {
  if (parts !== undefined) return parts;
  try {
    /* eslint-disable @typescript-eslint/no-require-imports -- files without types, loaded when the first client is made */
    const makePool = require("undici/lib/dispatcher/pool.js") as MakePool;
    const request = require("undici/lib/api/api-request.js") as Request;
    /* eslint-enable @typescript-eslint/no-require-imports */
    parts = { makePool, request };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
    const { Pool } = wholeUndici();
    // eslint-disable-next-line @typescript-eslint/unbound-method -- called with a pool as `this`
    parts = { makePool: Pool, request: Pool.prototype.request };
  }
  return parts;
}

function wholeUndici(): Undici {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- only for a proxy
  return require("undici") as Undici;
}
