import type { JsonValue } from "../errors";

const REPLACEMENT = "[REDACTED]";

/**
 * Redacts the values of secrets in a stream of text, even if a value is split between two chunks.
 */
export class Redactor {
  private pending = "";

  /** @param secrets the values to redact; may grow while the task reads more secrets */
  constructor(private readonly secrets: ReadonlySet<string>) {}

  /**
   * Adds a chunk. @returns the redacted text so far, without an ending that could be the start of a
   * secret
   */
  push(text: string): string {
    if (this.secrets.size === 0 && this.pending === "") return text;
    const redacted = redact(this.pending + text, this.secrets);
    const pendingLength = this.partialSecretLength(redacted);
    this.pending = pendingLength === 0 ? "" : redacted.slice(-pendingLength);
    return pendingLength === 0 ? redacted : redacted.slice(0, -pendingLength);
  }

  /** Returns the remaining text at the end of the stream. */
  flush(): string {
    const remaining = this.pending;
    this.pending = "";
    return remaining;
  }

  /** Returns the number of characters at the end that could be the start of a secret. */
  private partialSecretLength(text: string): number {
    let longest = 0;
    for (const secret of this.secrets)
      for (let length = Math.min(secret.length - 1, text.length); length > longest; length--)
        if (text.endsWith(secret.slice(0, length))) longest = length;
    return longest;
  }
}

export function redact(text: string, secrets: ReadonlySet<string>): string {
  let result = text;
  // Longest first: one secret may be part of another.
  for (const secret of [...secrets].sort((left, right) => right.length - left.length))
    if (secret !== "") result = result.replaceAll(secret, REPLACEMENT);
  return result;
}

/** Redacts every string in a value. */
export function redactValue(value: JsonValue, secrets: ReadonlySet<string>): JsonValue {
  if (typeof value === "string") return redact(value, secrets);
  if (Array.isArray(value)) return value.map((item) => redactValue(item, secrets));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      redact(name, secrets),
      redactValue(item ?? null, secrets),
    ]),
  );
}
