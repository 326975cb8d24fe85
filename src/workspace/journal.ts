import { createHash } from "node:crypto";
import type { JsonValue } from "./errors";

/** A served call. Its bodies are not redacted. */
export interface Exchange {
  readonly method: string;
  readonly url: string;
  /** The pattern of the route; the URL if no route matches. */
  readonly route: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly caller: string | undefined;
  /** Unknown fields of the body. */
  readonly droppedFields: readonly string[];
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

interface RecordedCall extends Exchange {
  readonly sequence: number;
  readonly ended: number;
}

/** Names of fields whose strings are redacted in every request and response. */
const SECRET_FIELDS = new Set([
  "string_value",
  "bytes_value",
  "token",
  "token_value",
  "access_token",
  "refresh_token",
  "personal_access_token",
  "client_secret",
  "secret",
  "password",
  "client_assertion",
  "subject_token",
  "csrf",
  // Notification destinations, webhooks and recipients.
  "oauth_token",
  "integration_key",
  "auth_secret",
  "authorization",
  "recipient_profile_str",
  "sharing_code",
  // Credentials and connections of Unity Catalog.
  "private_key",
  "secret_access_key",
  "personalAccessToken",
  "pem_private_key",
  "bearer_token",
]);
/** The `url` of a notification destination, such as a Slack webhook, works without a token. */
const SECRET_URLS = /\/notification-destinations(\/|$)/;
const CONTENT_FIELDS = new Set(["content", "contents", "data"]);
const SECRET_HEADERS = new Set(["authorization", "cookie", "proxy-authorization"]);
/** In bytes for a request, and in characters for a response, which is a string. */
const MAX_BODY_SIZE = 256 * 1024;
const MAX_TOTAL_SIZE = 64 * 1024 * 1024;

const bodySize = (call: RecordedCall): number =>
  (call.body?.length ?? 0) + (call.response?.length ?? 0);

/**
 * The last calls, newest last. Secrets are redacted when entries are returned; the unredacted bodies
 * are only kept in memory. A body of more than 256 Ki bytes, or a response of more than 256 Ki
 * characters, is replaced by its size.
 */
export class Journal {
  private readonly ring: (RecordedCall | undefined)[] = [];
  private next = 0;
  /** The sequence number of the oldest call in the ring. */
  private first = 0;
  private size = 0;
  private listener: ((entry: JournalEntry) => void) | undefined;

  constructor(private readonly capacity = 10_000) {}

  add(exchange: Exchange): void {
    const { method, url, route, headers, caller, droppedFields, body, status, response, started } =
      exchange;
    // Runs for every call, so the fields are copied by name: a spread is several times slower.
    const call: RecordedCall = {
      method,
      url,
      route,
      headers,
      caller,
      droppedFields,
      body:
        body !== undefined && body.length > MAX_BODY_SIZE
          ? Buffer.from(`"<${body.length} bytes>"`)
          : body,
      status,
      response:
        response !== undefined && response.length > MAX_BODY_SIZE
          ? `"<${response.length} characters>"`
          : response,
      started,
      sequence: this.next,
      ended: Date.now(),
    };
    this.size += bodySize(call);
    if (this.next - this.first >= this.capacity) this.drop();
    this.ring[this.next % this.capacity] = call;
    this.next++;
    while (this.size > MAX_TOTAL_SIZE && this.first < this.next - 1) this.drop();
    this.listener?.(toEntry(call));
  }

  private drop(): void {
    const slot = this.first % this.capacity;
    const call = this.ring[slot];
    if (call !== undefined) this.size -= bodySize(call);
    this.ring[slot] = undefined;
    this.first++;
  }

  /** Sets the listener for new entries, which are redacted. The journal file uses it. */
  onEntry(listener: (entry: JournalEntry) => void): void {
    this.listener = listener;
  }

  /**
   * Returns the oldest entries that match, redacted.
   * @param after a sequence number: only later entries are returned
   * @param path the start of the path
   */
  entries({
    after = -1,
    limit = 1000,
    method,
    path,
  }: { after?: number; limit?: number; method?: string; path?: string } = {}): JournalEntry[] {
    const matches: JournalEntry[] = [];
    for (
      let sequence = Math.max(after + 1, this.first);
      sequence < this.next && matches.length < limit;
      sequence++
    ) {
      const call = this.ring[sequence % this.capacity];
      if (call === undefined) continue;
      if (method !== undefined && call.method !== method) continue;
      if (path !== undefined && !call.url.startsWith(path)) continue;
      matches.push(toEntry(call));
    }
    return matches;
  }

  clear(): void {
    this.ring.length = 0;
    this.first = this.next;
    this.size = 0;
  }

  /** The sequence number of the oldest call in the journal. */
  get oldest(): number {
    return this.first;
  }

  /** The sequence number of the next call. */
  get nextSequence(): number {
    return this.next;
  }
}

function toEntry(call: RecordedCall): JournalEntry {
  const [path = "", query = ""] = call.url.split("?", 2);
  return {
    sequence: call.sequence,
    time: call.started,
    duration_ms: call.ended - call.started,
    method: call.method,
    path,
    query: Object.fromEntries(
      [...new URLSearchParams(query)].map(([name, value]) => [
        name,
        SECRET_FIELDS.has(name) ? "**REDACTED**" : value,
      ]),
    ),
    route: call.route,
    caller: call.caller ?? null,
    unknown_fields: call.droppedFields,
    headers: Object.fromEntries(
      Object.entries(call.headers).map(([name, value]) => [
        name,
        SECRET_HEADERS.has(name) ? "**REDACTED**" : String(value),
      ]),
    ),
    body: redactedBody(call.body, path, call.headers["content-type"]),
    status: call.status,
    response:
      call.response === undefined
        ? null
        : redactedBody(Buffer.from(call.response), path, "application/json"),
  };
}

function redactedBody(
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
    return digestOf(body);
  }
}

const digestOf = (bytes: Buffer): string =>
  `<${bytes.length} bytes, sha256 ${createHash("sha256").update(bytes).digest("hex").slice(0, 16)}>`;

function redact(value: JsonValue, path: string): JsonValue {
  if (Array.isArray(value)) return value.map((item) => redact(item, path));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => {
      if (item === undefined || item === null) return [name, null];
      if (SECRET_FIELDS.has(name) && typeof item === "string") return [name, "**REDACTED**"];
      if (name === "value" && path.endsWith("/secrets/get")) return [name, "**REDACTED**"];
      if (name === "url" && SECRET_URLS.test(path)) return [name, "**REDACTED**"];
      if (CONTENT_FIELDS.has(name) && typeof item === "string" && item.length > 200)
        return [name, digestOf(Buffer.from(item))];
      return [name, redact(item, path)];
    }),
  );
}
