import type { Value } from "../resources/kind";

/**
 * A value that is known only after the apply. There is only one instance, {@link UNKNOWN}: what
 * newer Terraform versions know about such a value (its refinements) is dropped.
 */
export class Unknown {
  readonly unknown = true;
}

export const UNKNOWN = new Unknown();

/** A value as Terraform sends it, which may contain unknowns. */
export type Dynamic = string | number | boolean | null | Unknown | Dynamic[] | DynamicObject;
export interface DynamicObject {
  [field: string]: Dynamic;
}

export function isObject(value: unknown): value is DynamicObject {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Unknown)
  );
}

export function hasUnknown(value: Dynamic | undefined): boolean {
  if (value instanceof Unknown) return true;
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value)) return value.some(hasUnknown);
  for (const field in value) if (hasUnknown(value[field])) return true;
  return false;
}

/**
 * Replaces unknown values by null, for a write (the backend then chooses the value) and for values
 * that a read did not return. A value without unknowns is returned itself, not a copy.
 */
export function withoutUnknown(value: Dynamic): Value {
  if (value instanceof Unknown) return null;
  if (typeof value !== "object" || value === null) return value;
  if (!hasUnknown(value)) return value as Value;
  if (Array.isArray(value)) return value.map(withoutUnknown);
  const result: Record<string, Value> = {};
  for (const field of Object.keys(value)) result[field] = withoutUnknown(value[field] ?? null);
  return result;
}

/**
 * Removes unknown fields, for the validation by a kind. Unknown list elements become null, so that
 * the other elements keep their positions.
 */
export function onlyKnown(value: DynamicObject): Record<string, Value> {
  const result: Record<string, Value> = {};
  for (const [field, inner] of Object.entries(value)) {
    if (inner instanceof Unknown) continue;
    result[field] = isObject(inner)
      ? onlyKnown(inner)
      : Array.isArray(inner)
        ? inner.map((item) => (isObject(item) ? onlyKnown(item) : withoutUnknown(item)))
        : inner;
  }
  return result;
}

/**
 * Whether a value is null, "", 0, false or an empty collection: the official provider cannot
 * distinguish these from "not set".
 */
export function isZero(value: Dynamic | undefined): boolean {
  if (value === undefined || value === null || value === "" || value === 0 || value === false)
    return true;
  if (Array.isArray(value)) return value.length === 0;
  return isObject(value) && Object.keys(value).length === 0;
}

/** Whether two values are equal. An unknown value equals only another unknown value. */
export function sameValue(a: Dynamic | undefined, b: Dynamic | undefined): boolean {
  if (a === b) return true;
  if (a instanceof Unknown || b instanceof Unknown) return false;
  if (Array.isArray(a))
    return Array.isArray(b) && a.length === b.length && a.every((item, i) => sameValue(item, b[i]));
  if (!isObject(a) || !isObject(b)) return (a ?? null) === (b ?? null);
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  for (const key of keys) if (!sameValue(a[key], b[key])) return false;
  return true;
}

/**
 * Whether two values are equal if null counts as zero at every level of blocks. Used to match the
 * elements of sets. A map entry with an empty value differs from an absent entry.
 */
export function sameButForZero(a: Dynamic | undefined, b: Dynamic | undefined): boolean {
  if (isZero(a) && isZero(b)) return true;
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, i) => sameButForZero(item, b[i]));
  if (!isObject(a) || !isObject(b)) return a === b;
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  for (const key of keys) if (!sameField(a[key] ?? null, b[key] ?? null)) return false;
  return true;
}

/**
 * Compares two fields. An object that is not in a list is a map, because blocks are always elements
 * of lists.
 */
function sameField(a: Dynamic, b: Dynamic): boolean {
  return isObject(a) || isObject(b)
    ? sameMap(isObject(a) ? a : {}, isObject(b) ? b : {})
    : sameButForZero(a, b);
}

function sameMap(a: DynamicObject, b: DynamicObject): boolean {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((key) =>
    sameValue(a[key], b[key]),
  );
}
