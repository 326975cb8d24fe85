import { Readable } from "node:stream";
import multipart from "@fastify/multipart";
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { notImplemented, WorkspaceError } from "./errors";
import { HttpCall, collect, type CallData } from "./http-call";
import type { Exchange, Journal } from "./journal";
import type { Faults } from "./faults";
import type { Principals } from "./principals";
import type { Principal } from "./principal-records";
import { StorageError } from "./store";
import { Router, type RouteMatch } from "./router";
import { jsonText, JSON_TYPE, Raw, type Handler, type Method, type RouteOptions } from "./routes";

/** The default limit of a body; a larger one is rejected with 413. */
const BODY_LIMIT = 16 * 1024 * 1024;
/** The response header that lists unknown fields of the request. */
const DROPPED_HEADER = "x-lakeform-unknown-fields";

export interface HttpParts {
  readonly principals: Principals;
  readonly journal: Journal;
  readonly faults: Faults;
  readonly workspaceId: string;
  /** The workspace's clock, so that the `Date` of a response agrees with the times in it. */
  readonly now: () => number;
  /** The accepted values of the `Host` header. */
  readonly hosts: () => ReadonlySet<string>;
  readonly log: (line: string) => void;
  /** Runs before a handler. The returned function runs after a handler that did not fail. */
  readonly beforeHandler: (
    authorization: string | undefined,
    url: string,
  ) => Promise<(() => Promise<void>) | undefined> | undefined;
  readonly tls?: { readonly key: string; readonly cert: string };
}

declare module "fastify" {
  interface FastifyRequest {
    match: RouteMatch | undefined;
  }
}

type Outcome =
  | { readonly kind: "send" | "truncate"; readonly response: Raw }
  | { readonly kind: "drop"; readonly response: undefined };

/** Error codes of a disk that rejects a write: it is full, over quota, read-only or broken. */
const DISK_ERRORS = new Set(["ENOSPC", "EDQUOT", "EFBIG", "EROFS", "EIO"]);

/** The HTTP layer around the handlers: bodies, authentication, errors, faults and the journal. */
export class Http {
  readonly server: FastifyInstance;
  private readonly router = new Router();

  constructor(private readonly parts: HttpParts) {
    this.server = fastify({
      logger: false,
      exposeHeadRoutes: false,
      forceCloseConnections: true,
      // The official SDKs keep idle connections for 180 s, and do not retry a POST on a closed one.
      keepAliveTimeout: 200_000,
      // No route has a schema, and compiling schemas would take a quarter of the startup time.
      schemaController: {
        compilersFactory: { buildValidator: noSchemas, buildSerializer: noSchemas },
      },
      // eslint-disable-next-line lakeform/no-unknown-spread-keys -- `https` selects another overload
      ...(parts.tls === undefined ? {} : { https: { ...parts.tls } }),
      frameworkErrors: (error, _request, reply) => {
        void this.sendError(reply, new WorkspaceError("BAD_REQUEST", error.message));
      },
      clientErrorHandler: (_error, socket) => {
        if (socket.writable)
          socket.end("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        else socket.destroy();
      },
    });
    // The parameters of a GET may be in its body (Apache Airflow sends them there).
    this.server.addHttpMethod("GET", { hasBody: true, overrideExisting: true });
    this.server.removeAllContentTypeParsers();
    void this.server.register(multipart, {
      limits: { fieldSize: 16 * 1024 * 1024, fileSize: Infinity, files: 10, fields: 100 },
      throwFileSizeLimit: false,
    });
    this.server.decorateRequest("match", undefined);
    // Before the body is read, because the route decides how.
    this.server.addHook("onRequest", (request, _reply, done) => {
      request.match = this.router.find(request.method, request.url);
      done();
    });
    this.server.addContentTypeParser("*", (request, payload, done) => {
      const { stream, bodyLimit = BODY_LIMIT } = request.match?.route.options ?? {};
      if (stream === true) done(null, payload);
      else
        collect(payload, bodyLimit).then(
          (body) => done(null, body),
          (error: unknown) => done(error instanceof Error ? error : new Error(String(error))),
        );
    });
    this.server.setErrorHandler((error, request, reply) => {
      const workspaceError = error instanceof WorkspaceError ? error : toWorkspaceError(error);
      if (workspaceError.status === 413) void reply.header("connection", "close");
      this.record(request, {
        status: workspaceError.status,
        caller: undefined,
        droppedFields: [],
        body: undefined,
        response: JSON.stringify(workspaceError.body()),
        started: Date.now(),
      });
      return this.sendError(reply, workspaceError);
    });
    const respond = (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
      const { handler, options } = request.match?.route ?? {
        handler: notFound(parts),
        options: { open: !isApi(request.url) },
      };
      return this.serve(request, reply, handler, options);
    };
    this.server.all("*", respond);
    // For methods that fastify does not support.
    this.server.setNotFoundHandler(respond);
  }

  route(method: Method, path: string, handler: Handler, options: RouteOptions = {}): void {
    this.router.add(method, { path, handler, options });
  }

  private async serve(
    request: FastifyRequest,
    reply: FastifyReply,
    handler: Handler,
    options: RouteOptions,
  ): Promise<FastifyReply> {
    const started = Date.now();
    const callData: CallData = { caller: undefined, dropped: [] };
    const outcome = await this.respondWithFaults(request, handler, options, callData);
    const text =
      outcome.response !== undefined && typeof outcome.response.body === "string"
        ? outcome.response.body
        : undefined;
    this.record(request, {
      status: outcome.kind === "drop" ? 0 : outcome.response.status,
      caller: callData.caller,
      droppedFields: callData.dropped,
      body: request.body,
      response: text,
      started,
    });
    if (outcome.kind === "send")
      return reply
        .code(outcome.response.status)
        .header("date", new Date(this.parts.now()).toUTCString())
        .header("x-databricks-org-id", this.parts.workspaceId)
        .headers(droppedHeader(callData.dropped))
        .headers(outcome.response.headers)
        .send(outcome.response.body);
    reply.hijack();
    if (outcome.kind === "drop") request.raw.socket.destroy();
    else await truncate(reply, outcome.response, this.parts.workspaceId);
    return reply;
  }

  /** Returns the response, which a fault may replace. */
  private async respondWithFaults(
    request: FastifyRequest,
    handler: Handler,
    options: RouteOptions,
    callData: CallData,
  ): Promise<Outcome> {
    const { faults } = this.parts;
    const method = request.method as Method;
    if (!faults.active)
      return {
        kind: "send",
        response: await this.respond(request, method, handler, options, callData),
      };
    const fault = faults.match(method, request.url);
    const replacement = await fault?.before();
    if (replacement === "drop") return { kind: "drop", response: undefined };
    const kind = fault?.truncates === true ? "truncate" : "send";
    if (replacement !== undefined) return { kind, response: replacement };
    const actualResponse = await this.respond(request, method, handler, options, callData);
    const lateFault = await fault?.after();
    if (lateFault === "drop") return { kind: "drop", response: undefined };
    // Responses are stored by caller, so that a stale response never contains another caller's data.
    const cacheKey = `${callData.caller?.name ?? ""} ${request.url}`;
    const response = lateFault ?? fault?.stale(cacheKey, actualResponse) ?? actualResponse;
    if (method === "GET") faults.storeResponse(cacheKey, actualResponse);
    return { kind, response };
  }

  /** Authenticates the call, runs the handler, and converts exceptions to responses. */
  private async respond(
    request: FastifyRequest,
    method: Method,
    handler: Handler,
    options: RouteOptions,
    callData: CallData,
  ): Promise<Raw> {
    try {
      this.requireOwnHost(request.headers.host);
      if (options.open !== true)
        callData.caller = this.parts.principals.authenticate(request.headers.authorization);
      if (options.admin === true && callData.caller?.admin !== true)
        throw new WorkspaceError("PERMISSION_DENIED", "Only workspace admins can use this API.");
      const afterHandler = await this.parts.beforeHandler(
        request.headers.authorization,
        request.url,
      );
      const result = await handler(new HttpCall(request, method, callData));
      await afterHandler?.();
      return result instanceof Raw
        ? result
        : jsonText(result === undefined ? "{}" : JSON.stringify(result));
    } catch (error) {
      const workspaceError =
        error instanceof WorkspaceError ? error : this.internalError(error, method, request.url);
      const challenge: Record<string, string> =
        workspaceError.status === 401
          ? { "www-authenticate": 'Bearer realm="DatabricksRealm"' }
          : {};
      return new Raw(
        workspaceError.status,
        { ...JSON_TYPE, ...challenge, ...workspaceError.options.headers },
        JSON.stringify(workspaceError.body()),
      );
    }
  }

  /** @throws 421 if the Host header is absent or names another server */
  private requireOwnHost(host: string | undefined): void {
    const hosts = this.parts.hosts();
    if (host !== undefined && hosts.has(host.toLowerCase())) return;
    const allowed = [...hosts].join(", ");
    const message = `The request is for the host '${(host ?? "").slice(0, 200)}', and this server is ${allowed}. Allow another name with --allow-host.`;
    throw new WorkspaceError("BAD_REQUEST", message, { status: 421 });
  }

  private sendError(reply: FastifyReply, error: WorkspaceError): FastifyReply {
    return reply
      .code(error.status)
      .header("content-type", "application/json")
      .header("x-databricks-org-id", this.parts.workspaceId)
      .send(JSON.stringify(error.body()));
  }

  private internalError(error: unknown, method: string, url: string): WorkspaceError {
    if (
      error instanceof StorageError ||
      DISK_ERRORS.has((error as NodeJS.ErrnoException | null)?.code ?? "")
    ) {
      const message = `the local workspace could not store this: ${(error as Error).message}; is the disk full? The call had no effect`;
      this.parts.log(`DISK ${method} ${url.split("?")[0] ?? ""}: ${message}`);
      return new WorkspaceError("INTERNAL_ERROR", message);
    }
    this.parts.log(
      `BUG ${method} ${url.split("?")[0] ?? ""}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
    return new WorkspaceError(
      "INTERNAL_ERROR",
      "the local workspace failed: this is a bug in lakeform, see the workspace's log",
    );
  }

  private record(
    request: FastifyRequest,
    exchange: Omit<Exchange, "method" | "url" | "route" | "headers" | "caller" | "body"> & {
      caller: Principal | undefined;
      body: unknown;
    },
  ): void {
    this.parts.journal.add({
      method: request.method,
      url: request.url,
      route: request.match?.route.path ?? request.url,
      headers: request.headers,
      caller: exchange.caller?.name,
      droppedFields: exchange.droppedFields,
      body: Buffer.isBuffer(exchange.body) ? exchange.body : undefined,
      status: exchange.status,
      response: exchange.response,
      started: exchange.started,
    });
  }
}

/** Max number of field names in the header. */
const MAX_DROPPED_IN_HEADER = 20;

/**
 * Returns the header with the dropped fields, or no header if there are none. Field names with
 * unusual characters are percent-encoded.
 */
function droppedHeader(fields: readonly string[]): Record<string, string> {
  if (fields.length === 0) return {};
  const names = fields.slice(0, MAX_DROPPED_IN_HEADER).map((field) => {
    const shortName = field.slice(0, 200);
    return /^[\w.[\]-]+$/.test(shortName) ? shortName : encodeURIComponent(shortName);
  });
  const ending =
    fields.length > MAX_DROPPED_IN_HEADER
      ? [`and ${fields.length - MAX_DROPPED_IN_HEADER} more`]
      : [];
  return { [DROPPED_HEADER]: [...names, ...ending].join(", ") };
}

const noSchemas = (): never => {
  throw new Error("routes of the workspace have no schemas");
};

const isApi = (url: string): boolean => url.startsWith("/api/") || url.startsWith("/_lakeform/");

const notFound =
  (parts: HttpParts): Handler =>
  (call) => {
    if (!call.path.startsWith("/api/"))
      throw new WorkspaceError(
        "ENDPOINT_NOT_FOUND",
        `No API found for '${call.method} ${call.path}'`,
      );
    parts.log(`not implemented: ${call.method} ${call.path}`);
    throw notImplemented(call);
  };

/** Converts an error that fastify reports for an invalid request to the platform's format. */
function toWorkspaceError(error: unknown): WorkspaceError {
  const { statusCode, message } = error as { statusCode?: number; message?: string };
  return new WorkspaceError(
    statusCode === 413 ? "REQUEST_SIZE_EXCEEDED" : "BAD_REQUEST",
    message ?? "bad request",
  );
}

/**
 * Sends the headers with the complete length, but only half of the body. Of a stream, only the
 * first chunk is used.
 */
async function truncate(
  reply: FastifyReply,
  { status, headers, body = "" }: Raw,
  workspaceId: string,
): Promise<void> {
  let bytes = body instanceof Readable ? Buffer.alloc(0) : Buffer.from(body);
  if (body instanceof Readable)
    for await (const chunk of body) {
      bytes = Buffer.from(chunk as Buffer);
      break;
    }
  reply.raw.writeHead(status, {
    ...headers,
    "content-length": bytes.length,
    "x-databricks-org-id": workspaceId,
  });
  reply.raw.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () =>
    reply.raw.socket?.destroy(),
  );
}
