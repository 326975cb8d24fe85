import { exactJson } from "../../exact-json";
import { inspect } from "node:util";

/**
 * A secret value. It prints as `***` in templates, JSON and `console.log`. Secrets are wrapped
 * where they enter, so that later code does not have to recognise them. In a request body a
 * `Secret` is sent in clear text, and shown as `***` in errors and diagnostics.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  static of(value: string | Secret): Secret {
    return value instanceof Secret ? value : new Secret(value);
  }

  /** Returns the value in clear text: only for the code that sends it. */
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

/** Serializes a body to JSON, with the secrets in clear text: only for a request. */
export function wireJson(body: unknown): string {
  return exactJson(body, function (key, value) {
    const original = this[key];
    return original instanceof Secret ? original.reveal() : value;
  });
}

/**
 * Returns the secrets inside a request body in clear text, to hide them in error messages that
 * repeat them.
 */
export function secretsIn(body: unknown, secrets: string[] = []): string[] {
  if (body instanceof Secret) secrets.push(body.reveal());
  else if (Array.isArray(body)) for (const item of body) secretsIn(item, secrets);
  else if (typeof body === "object" && body !== null && !(body instanceof Uint8Array)) {
    for (const [key, value] of Object.entries(body)) {
      if (typeof value === "string" && sensitiveFields.has(key)) secrets.push(value);
      else secretsIn(value, secrets);
    }
  }
  return secrets;
}

/**
 * Fields of the REST API whose values are secrets, for bodies that were not built with `Secret`.
 */
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
