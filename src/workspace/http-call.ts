/** The implementation of {@link Call} for a request of fastify, and helpers to read its body. */
import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import type { FastifyRequest } from "fastify";
import { WorkspaceError, type JsonObject, type JsonValue } from "./errors";
import { Fields } from "./fields";
import type { Principal } from "./principal-records";
import type { Call, Method, Part } from "./routes";

/**
 * Max depth of a body; a deeper one is rejected with 400, because bodies are processed recursively.
 */
const MAX_DEPTH = 100;

/** Data about a call that is collected while it is served. */
export interface CallData {
  caller: Principal | undefined;
  /** Unknown fields of the body. */
  dropped: readonly string[];
}

export class HttpCall implements Call {
  readonly path: string;
  private parsedInput: Fields | undefined;

  constructor(
    private readonly request: FastifyRequest,
    readonly method: Method,
    private readonly callData: CallData,
  ) {
    const { url } = request;
    const queryStart = url.indexOf("?");
    this.path = queryStart === -1 ? url : url.slice(0, queryStart);
  }

  get version(): string {
    return /^\/api\/(\d\.\d)\//.exec(this.path)?.[1] ?? "";
  }

  get params(): Readonly<Record<string, string>> {
    return this.request.match?.params ?? {};
  }

  get headers(): Call["headers"] {
    return this.request.headers;
  }

  get caller(): Principal {
    const { caller } = this.callData;
    if (caller === undefined) throw new Error(`${this.path} is served without a caller`);
    return caller;
  }

  reportDropped(fields: readonly string[]): void {
    this.callData.dropped = [...this.callData.dropped, ...fields];
  }

  get raw(): Buffer {
    return Buffer.isBuffer(this.request.body) ? this.request.body : Buffer.alloc(0);
  }

  get stream(): Readable | undefined {
    const { body } = this.request;
    return body instanceof Readable ? body : undefined;
  }

  get parts(): AsyncIterable<Part> | undefined {
    return this.request.isMultipart() ? partsOf(this.request) : undefined;
  }

  get input(): Fields {
    return (this.parsedInput ??= new Fields(this.parseInput()));
  }

  private parseInput(): JsonObject {
    const values: JsonObject = Object.assign(
      Object.create(null) as JsonObject,
      this.request.query as JsonObject,
    );
    const body = this.raw;
    const type = this.request.headers["content-type"] ?? "";
    if (body.length === 0 || type.startsWith("multipart/")) return values;
    if (type.startsWith("application/x-www-form-urlencoded") && body[0] !== 0x7b) {
      for (const [name, value] of new URLSearchParams(body.toString("utf8"))) values[name] = value;
      return values;
    }
    const parsed = parseJson(body);
    if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed))
      throw new WorkspaceError(
        "MALFORMED_REQUEST",
        "Could not parse request object: Expected a JSON object",
      );
    return Object.assign(values, parsed);
  }
}

async function* partsOf(request: FastifyRequest): AsyncIterable<Part> {
  try {
    for await (const part of request.parts()) {
      if (part.type === "file")
        yield { name: part.fieldname, file: part.file, filename: part.filename };
      else yield { name: part.fieldname, value: String(part.value) };
    }
  } catch (error) {
    if (error instanceof WorkspaceError) throw error;
    throw new WorkspaceError(
      "MALFORMED_REQUEST",
      `Could not parse the multipart body: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** Parses a JSON body. @throws 400 MALFORMED_REQUEST for invalid JSON or excessive depth */
export function parseJson(body: Buffer): JsonValue {
  let depth = 0;
  let inString = false;
  if (body.length > MAX_DEPTH)
    for (let index = 0; index < body.length; index++) {
      const byte = body[index];
      if (inString) {
        if (byte === 0x5c) index++;
        else if (byte === 0x22) inString = false;
      } else if (byte === 0x22) inString = true;
      else if (byte === 0x7b || byte === 0x5b) {
        if (++depth > MAX_DEPTH)
          throw new WorkspaceError(
            "MALFORMED_REQUEST",
            `Could not parse request object: nested deeper than ${MAX_DEPTH} levels`,
          );
      } else if (byte === 0x7d || byte === 0x5d) depth--;
    }
  try {
    return JSON.parse(body.toString("utf8")) as JsonValue;
  } catch {
    throw new WorkspaceError(
      "MALFORMED_REQUEST",
      "Could not parse request object: the body is not valid JSON",
    );
  }
}

/** Reads a complete body. @throws 413 if it is larger than `limit` */
export function collect(stream: Readable | IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    stream.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) {
        chunks.length = 0;
        stream.removeAllListeners("data");
        stream.resume();
        reject(
          new WorkspaceError(
            "REQUEST_SIZE_EXCEEDED",
            `The request body is larger than ${limit} bytes`,
          ),
        );
      } else chunks.push(chunk);
    });
    stream.on("end", () =>
      resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)),
    );
    stream.on("error", reject);
  });
}
