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

/** A call, as passed to a handler. */
export interface Call {
  readonly method: Method;
  /** The path as sent: percent-encoded, without the query. */
  readonly path: string;
  /** The API version in the path: "2.0", "2.1", …; "" outside `/api/`. */
  readonly version: string;
  /** Decoded path parameters; `*` is the rest of the path. */
  readonly params: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The caller. @throws on routes without authentication */
  readonly caller: Principal;
  /**
   * The fields of the request: query parameters and, except on streamed and multipart routes, those
   * of the JSON or form body, which takes precedence.
   */
  readonly input: Fields;
  /** The body as sent; empty on streamed routes. */
  readonly raw: Buffer;
  /** The body of a streamed route; undefined on others. */
  readonly stream: Readable | undefined;
  /** The parts of a multipart body in the order of arrival; undefined for other bodies. */
  readonly parts: AsyncIterable<Part> | undefined;
  /**
   * Reports unknown fields of the body, which were dropped, in the response headers and the
   * journal.
   */
  reportDropped(fields: readonly string[]): void;
}

/**
 * A part of a multipart body: the value of a field, or a file. A file must be read before the next
 * part is requested.
 */
export type Part =
  | { readonly name: string; readonly value: string }
  | { readonly name: string; readonly file: Readable; readonly filename: string };

/** A complete response. A handler that responds with JSON and status 200 can return an object. */
export class Raw {
  constructor(
    readonly status: number,
    readonly headers: Readonly<Record<string, string>>,
    readonly body?: string | Buffer | Readable,
  ) {}
}

/** Creates a JSON response with a status and, optionally, another content type. */
export const json = (status: number, body: object, contentType = "application/json"): Raw =>
  new Raw(status, { "content-type": contentType }, JSON.stringify(body));

export const JSON_TYPE = { "content-type": "application/json" };

/** Creates a response of status 200 from serialized JSON. */
export const jsonText = (text: string): Raw => new Raw(200, JSON_TYPE, text);

/**
 * The result of a handler: a {@link Raw} is sent as it is, another object as JSON with status 200,
 * undefined as `{}`.
 */
export type HandlerResult = object | undefined;
export type Handler = (call: Call) => HandlerResult | Promise<HandlerResult>;

export interface RouteOptions {
  /** Whether the route needs no token: well-known documents, the token endpoint, static pages. */
  readonly open?: boolean;
  /** Whether the route requires an admin. @throws 403 for other callers */
  readonly admin?: boolean;
  /** Whether the handler reads the body from `call.stream`. */
  readonly stream?: boolean;
  /** The largest body in bytes. @default 16 MiB */
  readonly bodyLimit?: number;
}

/**
 * The parts of the server that API families use. Each family registers its routes: `export const
 * fooRoutes = (app: WorkspaceApp): void => { app.get(["2.0"], "/foo/list", …) }`.
 */
export interface WorkspaceApp {
  readonly store: Store;
  readonly clock: Clock;
  readonly principals: Principals;
  readonly permissions: Permissions;
  readonly blobs: Blobs;
  /** The workspace id, a string of digits that is stored with the data. */
  readonly workspaceId: string;
  /** The workspace's address, `http://127.0.0.1:port`, once the server is listening. */
  host(): string;
  /**
   * Registers a route. With versions, the path is `/api/<version><path>` for each of them; without
   * versions, it is the path itself. `:name` and a final `*` are parameters.
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
  /**
   * Registers a route under `/_lakeform/` for admins, with which tests and the command control the
   * workspace.
   */
  control(method: Method, path: string, handler: Handler, options?: RouteOptions): void;
  /**
   * Registers a callback that runs before the server listens, in order of registration, and resumes
   * work that was interrupted when the process ended.
   */
  onStart(callback: () => void | Promise<void>): void;
  /** Registers a callback that runs at `close`, before the store closes. */
  onClose(callback: () => void | Promise<void>): void;
  /**
   * The handlers of the GET routes by complete path. The web pages call them to show API responses.
   */
  readonly readers: ReadonlyMap<string, Handler>;
  /** Services that one family offers to others, by name. */
  readonly services: Map<string, unknown>;
  /** Writes a line to the server's log. Never pass secrets. */
  log(line: string): void;
  /** The options for executing tasks. */
  readonly execution: ExecutionOptions;
  /** The `outcomes` option, which the run engine parses. */
  readonly outcomes: JsonObject | undefined;
}

export type { Fields };
