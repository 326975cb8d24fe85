import type { Attributes, Value } from "../../resources/kind";
import { numberText } from "./numbers";

/** An expression that lakeform cannot evaluate, with the reason. */
export class Unresolved {
  constructor(
    readonly expression: string,
    readonly reason: string,
    /** True if Terraform fails, too. Then, `try()` continues with its next alternative. */
    readonly isFailure = false,
  ) {}
}

/**
 * A value that must not be shown. Only {@link reveal} returns it; any other output is
 * `(sensitive)`.
 */
export class Sensitive {
  readonly #value: Desired | undefined;
  /** @param value undefined if unknown here (no environment variable, no state) */
  constructor(value: Desired | undefined) {
    this.#value = value instanceof Sensitive ? value.reveal() : value;
  }
  reveal(): Desired | undefined {
    return this.#value;
  }
  toJSON(): string {
    return redacted;
  }
  toString(): string {
    return redacted;
  }
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return redacted;
  }
}

export const redacted = "(sensitive)";

/** A desired value: a Terraform value with the markers {@link Unresolved} and {@link Sensitive}. */
export type Desired =
  string | number | boolean | null | Desired[] | DesiredObject | Unresolved | Sensitive;
export interface DesiredObject {
  [field: string]: Desired;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Unresolved) &&
    !(value instanceof Sensitive)
  );
}

export function isDesiredObject(value: Desired | undefined): value is DesiredObject {
  return isObject(value);
}

/** The lists that are sets in Terraform. */
const sets = new WeakSet<readonly Desired[]>();

/** Marks a list as a set and returns it. */
export function markSet(elements: Desired[]): Desired[] {
  sets.add(elements);
  return elements;
}

export const isSet = (list: readonly Desired[]): boolean => sets.has(list);

/**
 * Returns keys and elements in the order in which Terraform iterates. The key of an element of a
 * set is the element itself.
 */
export function iterate(
  value: readonly Desired[] | DesiredObject,
): [key: Desired, element: Desired][] {
  if (!isList(value)) return sortedEntries(value);
  return value.map((element, index) => [isSet(value) ? element : index, element]);
}

const isList = (value: readonly Desired[] | DesiredObject): value is readonly Desired[] =>
  Array.isArray(value);

/** Returns the entries in the order of their keys, in which Terraform iterates. */
export function sortedEntries(value: DesiredObject): [key: string, value: Desired][] {
  return Object.keys(value)
    .sort()
    .map((key) => [key, value[key] ?? null]);
}

/**
 * True for null, undefined, "", 0, false, and containers of only these. Like the official provider,
 * lakeform does not distinguish them from an unset field.
 */
export function isZero(value: Desired | undefined): boolean {
  if (value === undefined || value === null || value === "" || value === 0 || value === false)
    return true;
  if (value instanceof Unresolved || value instanceof Sensitive) return false;
  if (typeof value !== "object") return false;
  if (Array.isArray(value)) return value.every(isZero);
  for (const key in value) if (!isZero(value[key])) return false;
  return true;
}

/** Converts parsed JSON, which cannot contain markers. */
export function fromJson(value: unknown): Desired {
  if (value === undefined || value === null) return null;
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean")
    return value;
  if (Array.isArray(value)) return value.map(fromJson);
  if (typeof value === "object")
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, fromJson(inner)]));
  throw new TypeError(`not a JSON value: ${typeof value}`);
}

/**
 * Converts the attributes of a state or plan, and drops zero values: a job's state shrinks from 22
 * KB to about 2. This is one pass because states are large. An object that is not in a list is a
 * map, so its empty entries are kept.
 * @param keep names of fields whose zero value must be kept, because they have another default
 */
export function prunedJson(value: unknown, keep?: ReadonlySet<string>): Desired {
  if (typeof value !== "object" || value === null) return fromJson(value);
  if (Array.isArray(value)) return value.map((item) => prunedJson(item, keep));
  const pruned: DesiredObject = {};
  for (const key in value) {
    const inner = (value as Record<string, unknown>)[key];
    if (
      inner === null ||
      ((inner === "" || inner === 0 || inner === false) && keep?.has(key) !== true)
    )
      continue;
    const prunedValue = isObject(inner) ? entriesOf(inner) : prunedJson(inner, keep);
    if (
      typeof prunedValue !== "object" ||
      !(isDesiredObject(prunedValue) ? Object.keys(prunedValue).length === 0 : isZero(prunedValue))
    )
      pruned[key] = prunedValue;
  }
  return pruned;
}

function entriesOf(map: Record<string, unknown>): DesiredObject {
  const pruned: DesiredObject = {};
  for (const key in map) if (map[key] !== null) pruned[key] = fromJson(map[key]);
  return pruned;
}

/**
 * Returns the scalar attributes without secrets. They suffice for names and links, and are cheap to
 * collect for thousands of resources.
 */
export function shallow(...objects: readonly (DesiredObject | undefined)[]): Attributes {
  const attributes: Attributes = {};
  for (const object of objects) {
    for (const key in object) {
      const value = object[key];
      if (typeof value === "string" || typeof value === "number" || typeof value === "boolean")
        attributes[key] = value;
    }
  }
  return attributes;
}

/**
 * Returns plain attributes, with secrets in clear text and without unresolved values. Only for the
 * resource types' functions and for healing, never for output.
 */
export function plain(value: DesiredObject): Attributes {
  const stripped = strip(value);
  return isPlainObject(stripped) ? stripped : {};
}

function isPlainObject(value: Value | undefined): value is Attributes {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** True for a value without markers; false for undefined. */
export function isPlain(value: Desired | undefined): value is Value {
  if (value === undefined || value === null || typeof value !== "object")
    return value !== undefined;
  if (value instanceof Unresolved || value instanceof Sensitive) return false;
  if (Array.isArray(value)) return value.every(isPlain);
  for (const key in value) if (!isPlain(value[key])) return false;
  return true;
}

function strip(value: Desired | undefined): Value | undefined {
  if (value instanceof Unresolved || value === undefined) return undefined;
  if (value instanceof Sensitive) return strip(value.reveal());
  if (Array.isArray(value))
    return value.map(strip).filter((inner): inner is Value => inner !== undefined);
  if (!isDesiredObject(value)) return value;
  const object: Attributes = {};
  for (const [key, inner] of Object.entries(value)) {
    const stripped = strip(inner);
    if (stripped !== undefined) object[key] = stripped;
  }
  return object;
}

/** Returns the first marker of a class inside a value. */
export function findMarker<T extends Unresolved | Sensitive>(
  value: Desired | undefined,
  kind: new (...args: never[]) => T,
): T | undefined {
  if (value instanceof kind) return value;
  if (
    value === undefined ||
    value === null ||
    typeof value !== "object" ||
    value instanceof Unresolved ||
    value instanceof Sensitive
  )
    return undefined;
  for (const inner of Array.isArray(value) ? value : Object.values(value)) {
    const marker = findMarker(inner, kind);
    if (marker !== undefined) return marker;
  }
  return undefined;
}

/** True if no part is unknown, so that writing the value restores everything in the code. */
export function isFullyKnown(value: Desired | undefined): boolean {
  if (value instanceof Unresolved) return false;
  if (value instanceof Sensitive)
    return value.reveal() !== undefined && isFullyKnown(value.reveal());
  if (Array.isArray(value)) return value.every(isFullyKnown);
  return !isDesiredObject(value) || Object.values(value).every(isFullyKnown);
}

/**
 * Returns an equal value that shares its equal parts with a model. This saves memory: three copies
 * of each unchanged job become one.
 */
export function sharedWith<T extends Desired>(model: Desired | undefined, value: T): T {
  return sharedParts(model, value) as T;
}

function sharedParts(model: Desired | undefined, value: Desired): Desired {
  if (
    value === model ||
    typeof value !== "object" ||
    value === null ||
    typeof model !== "object" ||
    model === null
  )
    return value;
  if (Array.isArray(value)) {
    if (!Array.isArray(model)) return value;
    const items = value.map((item, index) => sharedParts(model[index], item));
    if (items.length === model.length && items.every((item, index) => item === model[index]))
      return model;
    return items.every((item, index) => item === value[index]) ? value : items;
  }
  if (!isDesiredObject(value) || !isDesiredObject(model)) return value;
  let result = value;
  let sharedCount = 0;
  for (const key in value) {
    const inner = value[key] ?? null;
    const sharedValue = sharedParts(model[key], inner);
    if (sharedValue === model[key]) sharedCount += 1;
    if (sharedValue === inner) continue;
    if (result === value) result = { ...value };
    result[key] = sharedValue;
  }
  return sharedCount === Object.keys(value).length && sharedCount === Object.keys(model).length
    ? model
    : result;
}

/**
 * Resources read from the state. Their zero values are missing, so an expression may use single
 * attributes but not the whole resource.
 */
const wholeResources = new WeakSet();

/** Marks an object as a whole resource from the state. */
export function wholeResource(value: DesiredObject): DesiredObject {
  wholeResources.add(value);
  return value;
}

/** True for a whole resource from the state. */
export function isWholeResource(value: unknown): boolean {
  return wholeResources.has(Object(value) as object);
}

/** True if a value is, or contains, a whole resource from the state. */
export function containsWholeResource(value: Desired): boolean {
  if (typeof value !== "object" || value === null || value instanceof Unresolved) return false;
  if (value instanceof Sensitive) return containsWholeResource(value.reveal() ?? null);
  return wholeResources.has(value) || Object.values(value).some(containsWholeResource);
}

export function textOf(value: Desired): string {
  if (typeof value === "string") return value;
  if (value === null) return "";
  if (typeof value === "number") return numberText(value);
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
