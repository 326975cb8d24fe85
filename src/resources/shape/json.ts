/** Reads JSON of unknown form, and contains small functions that many kinds use. */
import { exactJson, isExact, parseExact } from "../../exact-json";
import type { Attributes, BackendDefault, Value } from "../kind";

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

export function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

export function number(value: unknown): number | undefined {
  // int64 values are strings in some responses.
  if (typeof value === "string" && /^-?\d+$/.test(value) && isExact(value)) return Number(value);
  return typeof value === "number" ? value : undefined;
}

/** Returns an exact integer, or a string of digits if a number cannot represent it. */
export function exactInteger(value: unknown): number | string | undefined {
  return typeof value === "string" && /^-?\d+$/.test(value) && !isExact(value)
    ? value
    : number(value);
}

/**
 * Converts an id from a number or string to a string, without losing digits.
 * @throws RangeError if there is none, so that it never becomes the id of another object
 */
export function idText(value: unknown, title: string): string {
  if (typeof value === "number" && Number.isInteger(value)) return String(value);
  if (typeof value === "string" && /^\d+$/.test(value)) return value;
  throw new RangeError(
    `the workspace's response has no readable ${title}: ${JSON.stringify(value) ?? "nothing"}`,
  );
}

/**
 * Returns the string in an attribute, or "" if it is absent, which the official provider treats
 * alike.
 */
export function str(attributes: Attributes, field: string): string {
  const value = attributes[field];
  return typeof value === "string" ? value : "";
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

/** Copies fields of a response to attributes, if their names on the wire are the same. */
export function values(source: Json, fields: readonly string[]): Attributes {
  const attributes: Attributes = {};
  for (const field of fields)
    if (source[field] !== undefined) attributes[field] = source[field] as Value;
  return attributes;
}

/** Returns the block in a list that is limited to one block, or undefined. */
export function block(attributes: Attributes, field: string): Attributes | undefined {
  const value = attributes[field];
  const first = Array.isArray(value) ? value[0] : undefined;
  return typeof first === "object" && first !== null && !Array.isArray(first) ? first : undefined;
}

/** Returns the blocks in a list. */
export function blocks(attributes: Attributes, field: string): readonly Attributes[] {
  const value = attributes[field];
  return Array.isArray(value)
    ? value.filter(
        (item): item is Attributes =>
          typeof item === "object" && item !== null && !Array.isArray(item),
      )
    : [];
}

/** Builds the shell command for one call, which is printed but never run. */
export function apiCommand(method: string, path: string, body?: unknown): string {
  const json = body === undefined ? "" : ` --json ${quote(exactJson(body))}`;
  return `lakeform api ${method} ${quote(path)}${json}`;
}

function quote(word: string): string {
  return /^[\w./:=?&-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Encodes each segment of a path for a URL, and keeps the slashes. */
export function encodePath(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}

/** Encodes a path for a link, and keeps it as readable as possible. */
export function linkPath(path: string): string {
  return encodePath(path).replaceAll("%40", "@");
}

/**
 * Removes the prefix /Workspace, because `/Workspace/Shared/x` and `/Shared/x` are the same object.
 */
export function workspacePath(path: string): string {
  const trimmed = path.length > 1 ? path.replace(/\/+$/, "") : path;
  return trimmed.startsWith("/Workspace/") ? trimmed.slice("/Workspace".length) : trimmed;
}

/** Whether two workspace paths name the same object. */
export const sameWorkspacePath = (a: Value, b: Value): boolean =>
  typeof a === "string" && typeof b === "string" && workspacePath(a) === workspacePath(b);

/** Rule for the object id of an object whose state id is its workspace path. */
export const objectIdRule: Readonly<Record<string, BackendDefault>> = {
  object_id: setByPlatform("the object id assigned by the platform"),
};

/** Rule for a value that the platform sets if the code does not; any value is accepted. */
export function acceptAny(reason: string): BackendDefault {
  return { reason, when: () => true };
}

/** Rule for a value that the platform sets if the code does not; only these are accepted. */
export function platformValue(reason: string, ...values: Value[]): BackendDefault {
  return {
    reason,
    when: (remote) => values.includes(remote),
    ...(values.length > 1 ? { acceptsSeveral: true as const } : {}),
  };
}

/** Rule for a value that only the platform sets and changes. */
export function setByPlatform(reason: string): BackendDefault {
  return { reason, when: () => true, follows: () => true };
}

/**
 * Rules for fields that only the platform sets, such as the time of the last change. Their changes
 * are not reported, because the field that a user changed is reported.
 */
export function platformFields(
  ...fields: readonly string[]
): Readonly<Record<string, BackendDefault>> {
  const rule = setByPlatform("set by the platform: who changed it, and when");
  return Object.fromEntries(fields.map((field) => [field, rule]));
}

export function parentOf(path: string): string {
  const index = path.lastIndexOf("/");
  return index <= 0 ? "/" : path.slice(0, index);
}

export const noRules = { keyed: {}, backendDefaults: {}, unverifiable: {}, configOnly: {} };

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
