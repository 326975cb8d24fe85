import { createHash } from "node:crypto";
import type { JsonValue } from "./errors";

/** A served call. Its bodies are stored as sent and redacted only when they are shown. */
export interface Exchange {
  readonly method: string;
  readonly url: string;
  /** The pattern of the route. */
  readonly route: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly caller: string | undefined;
  /** Unknown fields of the body. */
  readonly dropped: readonly string[];
  readonly body: Buffer | undefined;
  /** The response status; 0 if the connection was dropped. */
  readonly status: number;
  readonly response: string | undefined;
  readonly started: number;
}

/** An entry of the journal. */
export interface JournalEntry {
  readonly sequence: number;
  /** The system time in milliseconds since 1970. */
  readonly time: number;
  readonly duration_ms: number;
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly route: string;
  readonly caller: string | null;
  /** Unknown fields of the body, which were dropped. */
  readonly unknown_fields: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly body: JsonValue;
  readonly status: number;
  readonly response: JsonValue;
}

interface Kept extends Exchange {
  readonly sequence: number;
  readonly ended: number;
}

/** Names of fields that always contain a secret. */
const SECRET_FIELDS = new Set([
  "string_value", "bytes_value", "token", "token_value", "access_token", "refresh_token", "personal_access_token", "client_secret", "secret", "password", "client_assertion", "subject_token", "csrf",
]); // prettier-ignore
const CONTENT_FIELDS = new Set(["content", "contents", "data"]);
const SECRET_HEADERS = new Set(["authorization", "cookie", "proxy-authorization"]);
const MAX_KEPT_BODY = 256 * 1024;
const MAX_KEPT = 64 * 1024 * 1024;

const weight = (kept: Kept): number => (kept.body?.length ?? 0) + (kept.response?.length ?? 0);

/**
 * The last calls, newest last. Secrets are redacted on output; the unredacted bodies are only kept
 * in memory.
 */
export class Journal {
  private readonly ring: (Kept | undefined)[] = [];
  private next = 0;
  /** The index of the oldest kept call. */
  private first = 0;
  private bytes = 0;
  private listener: ((entry: JournalEntry) => void) | undefined;

  constructor(private readonly capacity = 10_000) {}

  add(exchange: Exchange): void {
    const { method, url, route, headers, caller, dropped, body, status, response, started } =
      exchange;
    // Runs for every call, so the fields are copied by name: a spread is several times slower.
    const kept: Kept = {
      method,
      url,
      route,
      headers,
      caller,
      dropped,
      body:
        body !== undefined && body.length > MAX_KEPT_BODY
          ? Buffer.from(`"<${body.length} bytes>"`)
          : body,
      status,
      response:
        response !== undefined && response.length > MAX_KEPT_BODY
          ? `"<${response.length} characters>"`
          : response,
      started,
      sequence: this.next,
      ended: Date.now(),
    };
    this.bytes += weight(kept);
    if (this.next - this.first >= this.capacity) this.drop();
    this.ring[this.next % this.capacity] = kept;
    this.next++;
    while (this.bytes > MAX_KEPT && this.first < this.next - 1) this.drop();
    this.listener?.(shown(kept));
  }

  private drop(): void {
    const slot = this.first % this.capacity;
    const kept = this.ring[slot];
    if (kept !== undefined) this.bytes -= weight(kept);
    this.ring[slot] = undefined;
    this.first++;
  }

  /** Registers a listener for new entries, redacted. The journal file uses it. */
  onEntry(listener: (entry: JournalEntry) => void): void {
    this.listener = listener;
  }

  /** @param after returns only entries with a larger sequence number */
  entries({
    after = -1,
    limit = 1000,
    method,
    path,
  }: { after?: number; limit?: number; method?: string; path?: string } = {}): JournalEntry[] {
    const found: JournalEntry[] = [];
    for (
      let sequence = Math.max(after + 1, this.first);
      sequence < this.next && found.length < limit;
      sequence++
    ) {
      const kept = this.ring[sequence % this.capacity];
      if (kept === undefined) continue;
      if (method !== undefined && kept.method !== method) continue;
      if (path !== undefined && !kept.url.startsWith(path)) continue;
      found.push(shown(kept));
    }
    return found;
  }

  clear(): void {
    this.ring.length = 0;
    this.first = this.next;
    this.bytes = 0;
  }

  /** The sequence number of the oldest call that is still kept. */
  get oldest(): number {
    return this.first;
  }

  /** The sequence number of the next call. */
  get size(): number {
    return this.next;
  }
}

function shown(kept: Kept): JournalEntry {
  const [path = "", query = ""] = kept.url.split("?", 2);
  return {
    sequence: kept.sequence,
    time: kept.started,
    duration_ms: kept.ended - kept.started,
    method: kept.method,
    path,
    query: Object.fromEntries(
      [...new URLSearchParams(query)].map(([name, value]) => [
        name,
        SECRET_FIELDS.has(name) ? "**REDACTED**" : value,
      ]),
    ),
    route: kept.route,
    caller: kept.caller ?? null,
    unknown_fields: kept.dropped,
    headers: Object.fromEntries(
      Object.entries(kept.headers).map(([name, value]) => [
        name,
        SECRET_HEADERS.has(name) ? "**REDACTED**" : String(value),
      ]),
    ),
    body: bodyShown(kept.body, path, kept.headers["content-type"]),
    status: kept.status,
    response:
      kept.response === undefined
        ? null
        : bodyShown(Buffer.from(kept.response), path, "application/json"),
  };
}

function bodyShown(
  body: Buffer | undefined,
  path: string,
  type: string | string[] | undefined,
): JsonValue {
  if (body === undefined || body.length === 0) return null;
  if (String(type ?? "").startsWith("application/x-www-form-urlencoded") && body[0] !== 0x7b)
    return redact(Object.fromEntries(new URLSearchParams(body.toString("utf8"))), path);
  try {
    return redact(JSON.parse(body.toString("utf8")) as JsonValue, path);
  } catch {
    return digest(body);
  }
}

const digest = (bytes: Buffer | string): string =>
  `<${bytes.length} bytes, sha256 ${createHash("sha256").update(bytes).digest("hex").slice(0, 16)}>`;

function redact(value: JsonValue, path: string): JsonValue {
  if (Array.isArray(value)) return value.map((item) => redact(item, path));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => {
      if (item === undefined || item === null) return [name, null];
      if (SECRET_FIELDS.has(name) && typeof item === "string") return [name, "**REDACTED**"];
      if (name === "value" && path.endsWith("/secrets/get")) return [name, "**REDACTED**"];
      if (CONTENT_FIELDS.has(name) && typeof item === "string" && item.length > 200)
        return [name, digest(item)];
      return [name, redact(item, path)];
    }),
  );
}
