/** A workspace stub that responds as in one recording, and records its requests. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createHash } from "node:crypto";
import type { Call, Json } from "./replay-format";

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body?: Json;
  readonly authorization?: string;
  readonly userAgent?: string;
}

export class Stub {
  private readonly server: Server;
  private waiting: Call[] = [];
  private answered: Call[] = [];
  /** The requests since the last {@link expect}. */
  asked: Asked[] = [];

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

  expect(calls: readonly Call[]): void {
    this.waiting = [...calls];
    this.answered = [];
    this.asked = [];
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const url = new URL(request.url ?? "/", "http://stub.local");
    const asked: Asked = {
      method: request.method ?? "GET",
      path: decodeURIComponent(url.pathname),
      query: Object.fromEntries(url.searchParams),
      body: readBody(Buffer.concat(chunks), request.headers["content-type"]),
      authorization: request.headers.authorization,
      userAgent: request.headers["user-agent"],
    };
    this.asked.push(asked);
    const answer = this.answerTo(asked);
    response.statusCode = answer?.status ?? 400;
    for (const [name, value] of Object.entries(answer?.response_headers ?? {})) {
      if (
        !/^(date|connection|content-length|transfer-encoding)$/i.test(name) ||
        asked.method === "HEAD"
      )
        response.setHeader(name, value);
    }
    const unexpected = {
      error_code: "UNEXPECTED_CALL",
      message: `the recording has no ${asked.method} ${asked.path}`,
    };
    response.end(
      asked.method === "HEAD"
        ? undefined
        : bodyOf(answer === undefined ? unexpected : answer.response, response),
    );
  }

  /**
   * Finds the first unused call of the recording with the same request; a repeated request gets its
   * last response again.
   */
  private answerTo(asked: Asked): Call | undefined {
    const isAsked = (call: Call): boolean =>
      call.method === asked.method &&
      decodeURIComponent(call.path) === asked.path &&
      sameQuery(call.query ?? {}, asked.query);
    const at = this.waiting.findIndex(isAsked);
    if (at >= 0) {
      const [found] = this.waiting.splice(at, 1);
      if (found !== undefined) this.answered.push(found);
      return found;
    }
    return asked.method === "GET" || asked.method === "HEAD"
      ? this.answered.findLast(isAsked)
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

function bodyOf(answer: Json | undefined, response: ServerResponse): string {
  if (typeof answer === "object" && answer !== null && !Array.isArray(answer) && "$bytes" in answer)
    return typeof answer.text === "string" ? answer.text : "";
  if (answer === undefined) return "";
  if (!response.hasHeader("content-type")) response.setHeader("content-type", "application/json");
  return JSON.stringify(answer);
}
