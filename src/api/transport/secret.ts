import { exactJson } from "../../exact-json";
import { inspect } from "node:util";

/**
 * A value that must not be seen: prints as `***` in templates, JSON and `console.log`. Secrets are wrapped where they enter, so that nothing further in has to
 * recognise them. In the body of a call a `Secret` is sent in clear and shown as `***` in everything that is said about the call.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  static of(value: string | Secret): Secret {
    return value instanceof Secret ? value : new Secret(value);
  }

  /** The value in clear: only for the place that sends it. */
  reveal(): string {
    return this.#value;
  }

  get length(): number {
    return this.#value.length;
  }

  toString(): string {
    return "***";
  }

  toJSON(): string {
    return "***";
  }

  [inspect.custom](): string {
    return "Secret(***)";
  }
}

/** JSON with the secrets in clear: for the wire alone. */
export function wireJson(body: unknown): string {
  return exactJson(body, function (key, value) {
    const original = this[key];
    return original instanceof Secret ? original.reveal() : value;
  });
}

/** The secrets inside a body, in clear, so that an answer that repeats them can be cleaned. */
export function secretsIn(body: unknown, found: string[] = []): string[] {
  if (body instanceof Secret) found.push(body.reveal());
  else if (Array.isArray(body)) for (const item of body) secretsIn(item, found);
  else if (typeof body === "object" && body !== null && !(body instanceof Uint8Array)) {
    for (const [key, value] of Object.entries(body)) {
      if (typeof value === "string" && sensitiveFields.has(key)) found.push(value);
      else secretsIn(value, found);
    }
  }
  return found;
}

/** Fields of the REST API whose values are secrets, for bodies that were not built with `Secret`. */
export const sensitiveFields: ReadonlySet<string> = new Set([
  "string_value",
  "bytes_value",
  "token_value",
  "access_token",
  "refresh_token",
  "client_secret",
  "personal_access_token",
  "password",
  "token",
  "secret",
]);
