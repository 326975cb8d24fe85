/** A workspace stub that returns the responses of one recording, and records its requests. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createHash } from "node:crypto";
import type { Call, Json } from "./replay-format";

export interface StubRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body?: Json;
  readonly authorization?: string;
  readonly userAgent?: string;
}

export class Stub {
  private readonly server: Server;
  private openCalls: Call[] = [];
  private answeredCalls: Call[] = [];
  /** The requests since the last {@link expect}. */
  requests: StubRequest[] = [];

  constructor() {
    this.server = createServer((request, response) => {
      void this.handle(request, response);
    });
    this.server.keepAliveTimeout = 200_000;
  }

  async start(): Promise<void> {
    if (this.server.listening) return;
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
  }

  get host(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Sets the calls that the stub responds to, and clears {@link requests}. */
  expect(calls: readonly Call[]): void {
    this.openCalls = [...calls];
    this.answeredCalls = [];
    this.requests = [];
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const url = new URL(request.url ?? "/", "http://stub.local");
    const stubRequest: StubRequest = {
      method: request.method ?? "GET",
      path: decodeURIComponent(url.pathname),
      query: Object.fromEntries(url.searchParams),
      body: readBody(Buffer.concat(chunks), request.headers["content-type"]),
      authorization: request.headers.authorization,
      userAgent: request.headers["user-agent"],
    };
    this.requests.push(stubRequest);
    const recordedCall = this.callFor(stubRequest);
    response.statusCode = recordedCall?.status ?? 400;
    for (const [name, value] of Object.entries(recordedCall?.response_headers ?? {})) {
      if (
        !/^(date|connection|content-length|transfer-encoding)$/i.test(name) ||
        stubRequest.method === "HEAD"
      )
        response.setHeader(name, value);
    }
    const unexpected = {
      error_code: "UNEXPECTED_CALL",
      message: `the recording has no ${stubRequest.method} ${stubRequest.path}`,
    };
    response.end(
      stubRequest.method === "HEAD"
        ? undefined
        : bodyOf(recordedCall === undefined ? unexpected : recordedCall.response, response),
    );
  }

  /**
   * Finds the first unused call of the recording with the same method, path and query; a repeated
   * GET or HEAD gets its last response again.
   */
  private callFor(request: StubRequest): Call | undefined {
    const matches = (call: Call): boolean =>
      call.method === request.method &&
      decodeURIComponent(call.path) === request.path &&
      sameQuery(call.query ?? {}, request.query);
    const index = this.openCalls.findIndex(matches);
    if (index >= 0) {
      const [call] = this.openCalls.splice(index, 1);
      if (call !== undefined) this.answeredCalls.push(call);
      return call;
    }
    return request.method === "GET" || request.method === "HEAD"
      ? this.answeredCalls.findLast(matches)
      : undefined;
  }
}

function sameQuery(
  a: Readonly<Record<string, string>>,
  b: Readonly<Record<string, string>>,
): boolean {
  return (
    Object.keys(a).length === Object.keys(b).length &&
    Object.entries(a).every(([key, value]) => b[key] === value)
  );
}

/** Returns JSON unchanged, and other bytes in the format of the recordings. */
function readBody(bytes: Buffer, contentType: string | undefined): Json | undefined {
  if (bytes.length === 0) return undefined;
  if (contentType?.includes("json") === true || bytes[0] === 0x7b) {
    try {
      return JSON.parse(bytes.toString("utf8")) as Json;
    } catch {
      // The body is not JSON.
    }
  }
  return {
    $bytes: bytes.length,
    sha256: createHash("sha256").update(bytes).digest("hex"),
    text: bytes.toString("utf8").slice(0, 1024),
  };
}

function bodyOf(body: Json | undefined, response: ServerResponse): string {
  if (typeof body === "object" && body !== null && !Array.isArray(body) && "$bytes" in body)
    return typeof body.text === "string" ? body.text : "";
  if (body === undefined) return "";
  if (!response.hasHeader("content-type")) response.setHeader("content-type", "application/json");
  return JSON.stringify(body);
}
