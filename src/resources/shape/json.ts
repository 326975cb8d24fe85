/** Reads JSON of unknown form. */
import { isExact, parseExact } from "../../exact-json";
import type { Attributes, Value } from "../kind";

export type Json = Readonly<Record<string, unknown>>;

/** Returns a value that is an object, or {} for any other value, such as an empty response. */
export function object(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Json)
    : {};
}

/** Returns the items of a list as objects; [] for any other value. */
export function objects(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.map(object) : [];
}

/** Returns a value that is a string, or undefined for any other value. */
export function optionalText(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** Returns a number; undefined for other values, and for integers that a number cannot represent. */
export function number(value: unknown): number | undefined {
  // int64 values are strings in some responses.
  if (typeof value === "string" && /^-?\d+$/.test(value) && isExact(value)) return Number(value);
  return typeof value === "number" ? value : undefined;
}

/** Returns a number, or a string of digits for an integer that a number cannot represent. */
export function exactInteger(value: unknown): number | string | undefined {
  return typeof value === "string" && /^-?\d+$/.test(value) && !isExact(value)
    ? value
    : number(value);
}

/**
 * Converts an id from a number or string to a string, without losing digits.
 * @throws RangeError if the value is not an id, because a wrong id could be that of another object
 */
export function idText(value: unknown, fieldName: string): string {
  if (typeof value === "number" && Number.isInteger(value)) return String(value);
  if (typeof value === "string" && /^\d+$/.test(value)) return value;
  throw new RangeError(
    `the workspace's response has no readable ${fieldName}: ${JSON.stringify(value) ?? "nothing"}`,
  );
}

/** Drops absent and zero values, like the official provider's requests (`omitempty`). */
export function compact(body: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(body).filter(
      ([, value]) =>
        value !== undefined && value !== null && value !== "" && value !== false && value !== 0,
    ),
  );
}

/** Copies fields that have the same name in the response and in the attributes. */
export function copyFields(source: Json, fields: readonly string[]): Attributes {
  const attributes: Attributes = {};
  for (const field of fields)
    if (source[field] !== undefined) attributes[field] = source[field] as Value;
  return attributes;
}

/** Whether two JSON strings are equivalent, regardless of whitespace and key order. */
export function sameJson(a: Value, b: Value): boolean {
  if (typeof a !== "string" || typeof b !== "string") return a === b;
  try {
    return canonical(parseExact(a)) === canonical(parseExact(b));
  } catch {
    return a === b; // Not JSON: the API rejects it.
  }
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([x], [y]) => (x < y ? -1 : 1)))
      : inner,
  );
}
