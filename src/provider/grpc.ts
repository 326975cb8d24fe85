/**
 * A gRPC server for calls with one request and one response; Terraform's protocol has no others.
 * @grpc/grpc-js with its dependencies was 29 % of the provider's code, which each process that
 * Terraform starts has to load.
 */
import http2 from "node:http2";
import type { Socket } from "node:net";

/** The status codes of gRPC that this server sends. */
const codes = { ok: 0, unimplemented: 12, internal: 13 } as const;

/**
 * Answers a call.
 * @returns the encoded response. An error becomes the call's status, with its message.
 */
export type CallHandler = (request: Buffer) => Promise<Uint8Array>;

/** Key and certificate of the server, and certificate of the only client, for mutual TLS. */
export interface Security {
  readonly key: string;
  readonly cert: string;
  readonly ca: string;
}

export class GrpcServer {
  readonly #server: http2.Http2Server | http2.Http2SecureServer;
  readonly #sessions = new Set<http2.Http2Session>();

  /** @param handlers the handlers by path, `/package.Service/Method` */
  constructor(
    private readonly handlers: ReadonlyMap<string, CallHandler>,
    security?: Security,
  ) {
    const options = {
      // A state can be larger than the default of 10 MB.
      maxSessionMemory: Number.MAX_SAFE_INTEGER,
      // An error message is sent in a header.
      maxSendHeaderBlockLength: Number.MAX_SAFE_INTEGER,
      settings: { initialWindowSize: windowSize },
    };
    this.#server =
      security === undefined
        ? http2.createServer(options)
        : http2.createSecureServer({
            ...options,
            ...security,
            requestCert: true,
            rejectUnauthorized: true,
          });
    this.#server.on("session", (session) => {
      session.setLocalWindowSize(windowSize);
      this.#sessions.add(session);
      session.on("close", () => this.#sessions.delete(session));
    });
    this.#server.on("stream", (stream: http2.ServerHttp2Stream, headers) => {
      this.#handleStream(stream, headers[":path"] ?? "");
    });
  }

  /** Serves a connection. */
  accept(socket: Socket): void {
    this.#server.emit("connection", socket);
  }

  /**
   * Accepts no further calls.
   * @param onClosed called once: when the calls in flight are answered, or after 200 ms if the
   * process still runs
   */
  close(onClosed: () => void): void {
    let isClosed = false;
    const finish = (): void => {
      if (isClosed) return;
      isClosed = true;
      clearTimeout(timeout);
      onClosed();
    };
    const timeout = setTimeout(finish, 200).unref();
    let openSessions = this.#sessions.size;
    for (const session of this.#sessions)
      session.close(() => (openSessions -= 1) === 0 && finish());
  }

  #handleStream(stream: http2.ServerHttp2Stream, path: string): void {
    // Ignore an error: the client has canceled the call or ended, so it does not need the response.
    stream.on("error", () => undefined);
    const handler = this.handlers.get(path);
    if (handler === undefined) {
      fail(stream, codes.unimplemented, `The server does not implement the method ${path}`);
      return;
    }
    const chunks: Buffer[] = [];
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("end", () => {
      const body = Buffer.concat(chunks);
      if (body.length < prefixSize || body.readUInt32BE(1) !== body.length - prefixSize)
        return fail(stream, codes.internal, `${path}: the request is not one message`);
      if (body[0] !== 0)
        return fail(stream, codes.unimplemented, `${path}: the request is compressed`);
      handler(body.subarray(prefixSize)).then(
        (response) => succeed(stream, response),
        (error: unknown) => {
          fail(stream, codes.internal, error instanceof Error ? error.message : String(error));
        },
      );
    });
  }
}

/** Larger than most messages, so that few of them wait for the receiver. */
const windowSize = 4 * 2 ** 20;
/**
 * Size of the prefix of a message: a byte that is 1 if the message is compressed, and the length.
 */
const prefixSize = 5;

const responseHeaders = { ":status": 200, "content-type": "application/grpc" };

function succeed(stream: http2.ServerHttp2Stream, response: Uint8Array): void {
  if (stream.destroyed) return;
  const body = Buffer.allocUnsafe(prefixSize + response.length);
  body[0] = 0;
  body.writeUInt32BE(response.length, 1);
  body.set(response, prefixSize);
  stream.respond(responseHeaders, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": String(codes.ok) }));
  stream.end(body);
}

function fail(stream: http2.ServerHttp2Stream, code: number, message: string): void {
  if (stream.destroyed) return;
  stream.respond(
    { ...responseHeaders, "grpc-status": String(code), "grpc-message": encodeURI(message) },
    { endStream: true },
  );
}
