import type { Readable } from "node:stream";
import type { Blobs } from "./blobs";
import type { Clock } from "./clock";
import type { JsonObject } from "./errors";
import type { ExecutionOptions } from "./execution/options";
import type { Fields } from "./fields";
import type { Permissions } from "./permissions";
import type { Principals } from "./principals";
import type { Principal } from "./principal-records";
import type { Store } from "./store";

export type Method = "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";

/** The call as passed to a handler. */
export interface Call {
  readonly method: Method;
  /** The path as sent, without the query, still percent-encoded. */
  readonly path: string;
  /** "2.0", "2.1", …: the API version in the path; "" outside `/api/`. */
  readonly version: string;
  /** Decoded path parameters; `*` is the rest of the path. */
  readonly params: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The caller. Throws on routes without auth. */
  readonly caller: Principal;
  /**
   * The query parameters, and the JSON body of all routes but multipart and streamed ones; the body
   * takes precedence.
   */
  readonly input: Fields;
  /** The body as sent; empty on streamed routes. */
  readonly raw: Buffer;
  /** The body of a streamed route. */
  readonly stream: Readable | undefined;
  /** The parts of a multipart body, as they arrive; undefined for other bodies. */
  readonly parts: AsyncIterable<Part> | undefined;
  /** Reports dropped unknown fields of the body: in the response headers and in the journal. */
  dropped(fields: readonly string[]): void;
}

/**
 * A part of a multipart body: a field's value, or a file that must be read before the next part
 * arrives.
 */
export type Part =
  | { readonly name: string; readonly value: string }
  | { readonly name: string; readonly file: Readable; readonly filename: string };

/** A response other than `200` with JSON. */
export class Raw {
  constructor(
    readonly status: number,
    readonly headers: Readonly<Record<string, string>>,
    readonly body?: string | Buffer | Readable,
  ) {}
}

/** A JSON response with a status other than 200, or its own content type. */
export const json = (status: number, body: object, contentType = "application/json"): Raw =>
  new Raw(status, { "content-type": contentType }, JSON.stringify(body));

const JSON_TYPE = { "content-type": "application/json" };

/** 200 with serialized JSON. */
export const jsonText = (text: string): Raw => new Raw(200, JSON_TYPE, text);

/** An object becomes 200 JSON; undefined becomes `{}`. */
export type Answer = object | undefined;
export type Handler = (call: Call) => Answer | Promise<Answer>;

export interface RouteOptions {
  /** Served without a token (well-known documents, the token endpoint, static pages). */
  readonly open?: boolean;
  /** Requires an admin. @throws 403 */
  readonly admin?: boolean;
  /** The body is not read: the handler gets `call.stream`. */
  readonly stream?: boolean;
  /** The largest body in bytes. @default 16 MiB */
  readonly bodyLimit?: number;
}

/**
 * Each family's file registers its routes with it: `export const fooRoutes = (app: WorkspaceApp):
 * void => { app.get(["2.0"], "/foo/list", …) }`.
 */
export interface WorkspaceApp {
  readonly store: Store;
  readonly clock: Clock;
  readonly principals: Principals;
  readonly permissions: Permissions;
  readonly blobs: Blobs;
  /** Digits; constant for the life of the data. */
  readonly workspaceId: string;
  /** `http://127.0.0.1:port`: known once the server listens. */
  host(): string;
  /**
   * A route. With versions: `/api/<version><path>` for each; without: the path itself. `:name` and
   * a final `*` are parameters.
   */
  route(
    method: Method,
    versions: readonly string[],
    path: string,
    handler: Handler,
    options?: RouteOptions,
  ): void;
  get(versions: readonly string[], path: string, handler: Handler, options?: RouteOptions): void;
  post(versions: readonly string[], path: string, handler: Handler, options?: RouteOptions): void;
  put(versions: readonly string[], path: string, handler: Handler, options?: RouteOptions): void;
  patch(versions: readonly string[], path: string, handler: Handler, options?: RouteOptions): void;
  delete(versions: readonly string[], path: string, handler: Handler, options?: RouteOptions): void;
  /** A route under `/_lakeform/`, for admins: lets tests and the command control the workspace. */
  control(method: Method, path: string, handler: Handler, options?: RouteOptions): void;
  /**
   * Called before the server listens, in order of registration: resumes work that was interrupted
   * by the end of the process.
   */
  onStart(callback: () => void | Promise<void>): void;
  /** Called at `close`, before the store closes. */
  onClose(callback: () => void | Promise<void>): void;
  /** The GET routes by their complete path: the web pages show API responses. */
  readonly readers: ReadonlyMap<string, Handler>;
  /** Services that one family offers to others; see {@link provide}. */
  readonly services: Map<string, unknown>;
  /** A line in the server's log. Never secrets. */
  log(line: string): void;
  /** The execution of tasks, if registered. */
  readonly execution: ExecutionOptions;
  /** The `outcomes` given at startup: parsed by the run engine. */
  readonly outcomes: JsonObject | undefined;
}

/** Used for requests without body fields. */
export type { Fields };
