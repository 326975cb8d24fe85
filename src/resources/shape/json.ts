/** Reads unknown JSON, and has small helpers used by many kinds. */
import { exactJson, isExact, parseExact } from "../../exact-json";
import type { Attributes, BackendDefault, Value } from "../kind";

export type Json = Readonly<Record<string, unknown>>;

/** The answer as an object; any other answer (an empty body) becomes an empty object. */
export function object(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

export function objects(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.map(object) : [];
}

export function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

export function number(value: unknown): number | undefined {
  // int64 values are texts in some answers
  if (typeof value === "string" && /^-?\d+$/.test(value) && isExact(value)) return Number(value);
  return typeof value === "number" ? value : undefined;
}

/** A whole number, exact: its digits where a number would not keep them all. */
export function whole(value: unknown): number | string | undefined {
  return typeof value === "string" && /^-?\d+$/.test(value) && !isExact(value) ? value : number(value);
}

/** An id as text, exact, from a number or text. @throws RangeError if there is none: it must not become the id of another object */
export function idText(value: unknown, noun: string): string {
  if (typeof value === "number" && Number.isInteger(value)) return String(value);
  if (typeof value === "string" && /^\d+$/.test(value)) return value;
  throw new RangeError(`the workspace's answer has no readable ${noun}: ${JSON.stringify(value) ?? "nothing"}`);
}

/** The text of an attribute, "" if it is absent: zero and null are equal for the official provider. */
export function str(attributes: Attributes, field: string): string {
  const value = attributes[field];
  return typeof value === "string" ? value : "";
}

/** Drops absent and zero values, like the official provider's requests (`omitempty`). */
export function compact(body: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(body).filter(([, value]) => value !== undefined && value !== null && value !== "" && value !== false && value !== 0),
  );
}

/** JSON unchanged as attribute values: for objects whose wire names equal the Terraform names. */
export function values(source: Json, fields: readonly string[]): Attributes {
  const found: Attributes = {};
  for (const field of fields) if (source[field] !== undefined) found[field] = source[field] as Value;
  return found;
}

/** The one block of a list block limited to one, or undefined. */
export function block(attributes: Attributes, field: string): Attributes | undefined {
  const value = attributes[field];
  const first = Array.isArray(value) ? value[0] : undefined;
  return typeof first === "object" && first !== null && !Array.isArray(first) ? first : undefined;
}

export function blocks(attributes: Attributes, field: string): readonly Attributes[] {
  const value = attributes[field];
  return Array.isArray(value)
    ? value.filter((item): item is Attributes => typeof item === "object" && item !== null && !Array.isArray(item))
    : [];
}

/** The shell command for one call: printed, never run. */
export function apiCommand(method: string, path: string, body?: unknown): string {
  const json = body === undefined ? "" : ` --json ${quote(exactJson(body))}`;
  return `lakeform api ${method} ${quote(path)}${json}`;
}

function quote(word: string): string {
  return /^[\w./:=?&-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A path below `/Volumes` or elsewhere as a URL path: each part encoded, the slashes kept. */
export function encodePath(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}

/** A path in a link for people: readable if it can be. */
export function linkPath(path: string): string {
  return encodePath(path).replaceAll("%40", "@");
}

/** `/Workspace/Shared/x` and `/Shared/x` name the same object. */
export function workspacePath(path: string): string {
  const trimmed = path.length > 1 ? path.replace(/\/+$/, "") : path;
  return trimmed.startsWith("/Workspace/") ? trimmed.slice("/Workspace".length) : trimmed;
}

/** The id of the object at a workspace path: its identity is the path, and its content is compared. */
export const numberAtPath: Readonly<Record<string, BackendDefault>> = {
  object_id: setByPlatform("the object id assigned by the platform"),
};

/** A value that the platform alone sets and changes. */
export function setByPlatform(reason: string): BackendDefault {
  return { reason, when: () => true, follows: () => true };
}

/** Who made and changed an object, and when: a change shows in the field that changed. */
export function platformFields(...fields: readonly string[]): Readonly<Record<string, BackendDefault>> {
  const note = setByPlatform("set by the platform: who changed it, and when");
  return Object.fromEntries(fields.map((field) => [field, note]));
}

export function parentOf(path: string): string {
  const at = path.lastIndexOf("/");
  return at <= 0 ? "/" : path.slice(0, at);
}

export const noRules = { keyed: {}, backendDefaults: {}, unverifiable: {}, configOnly: {} };

/** Equivalent JSON texts, regardless of spaces and key order. */
export function sameJson(a: Value, b: Value): boolean {
  if (typeof a !== "string" || typeof b !== "string") return a === b;
  try {
    return canonical(parseExact(a)) === canonical(parseExact(b));
  } catch {
    return a === b; // not JSON: the API decides
  }
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([x], [y]) => (x < y ? -1 : 1)))
      : inner,
  );
}
