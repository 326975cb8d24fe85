import { createHash } from "node:crypto";

/** A JSON object with unknown fields. */
export type JsonObject = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);
export const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);
/** Returns the value if it is an object; otherwise an empty object. */
export const object = (value: unknown): JsonObject => (isObject(value) ? value : {});
/** Returns the value if it is a list; otherwise an empty list. */
export const list = (value: unknown): readonly unknown[] => (isList(value) ? value : []);
/** Returns the value if it is a string. */
export const text = (value: unknown): string | undefined =>
  typeof value === "string" ? value : undefined;

/**
 * True for values that Terraform and the platform treat as absent: undefined, null, an empty list
 * or an empty map. Empty strings, zero and false are values.
 */
export function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined) return true;
  if (Array.isArray(value)) return value.length === 0;
  return isObject(value) && Object.keys(value).length === 0;
}

/** Converts a value to JSON with sorted keys, so that equal values give equal strings. */
export function canonical(value: unknown): string {
  if (value === undefined) return "null";
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (isList(value)) return `[${value.map(canonical).join(",")}]`;
  let fields = "";
  for (const key of Object.keys(value).sort()) {
    const inner = (value as JsonObject)[key];
    if (inner !== undefined)
      fields += `${fields === "" ? "" : ","}${quoted(key)}:${canonical(inner)}`;
  }
  return `{${fields}}`;
}

/** Cache of quoted field names, which are the same in all resources. */
const quotedKeys = new Map<string, string>();

function quoted(key: string): string {
  const cached = quotedKeys.get(key);
  if (cached !== undefined) return cached;
  const result = JSON.stringify(key);
  if (quotedKeys.size < 10_000) quotedKeys.set(key, result);
  return result;
}

export const sha256 = (data: string | Uint8Array): string =>
  createHash("sha256").update(data).digest("hex");
