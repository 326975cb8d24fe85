import type { Json } from "../model";
import { isList, isObject, type JsonObject } from "../plan/json";
import { sensitiveTree, type SensitiveTree } from "../../verify/fields/field-rules";

/** Stands for an unknown value while plans are compared. {@link show} replaces it by a marker. */
export class Unknown {
  constructor(readonly origin: Origin = {}) {}
}
/**
 * The expression in the code that a value comes from. `after` names the stacks that must be applied
 * before the value is known.
 */
export interface Origin {
  readonly from?: string;
  readonly after?: string;
}
/** Wraps a sensitive value while plans are compared. It can be compared, but not read. */
export class Sensitive {
  readonly #value: unknown;
  constructor(
    value: unknown,
    readonly from?: string,
  ) {
    this.#value = value;
  }
  equals(other: Sensitive): boolean {
    return JSON.stringify(this.#value) === JSON.stringify(other.#value);
  }
  get isEmpty(): boolean {
    return this.#value === null || this.#value === undefined;
  }
}

/**
 * Wraps unknown and sensitive values of a plan.
 * @param unknown,sensitive Terraform's parallel trees of `true`
 */
export function annotate(
  value: unknown,
  unknown: unknown,
  sensitive: unknown,
  type: string,
): unknown {
  // Also wrap the fields that lakeform's schema marks as sensitive: an old provider schema or an
  // edited plan may not mark them.
  const wrapped =
    hasMark(unknown) || hasMark(sensitive) ? wrap(value, unknown, sensitive) : (value ?? null);
  return wrapSensitiveFields(wrapped, sensitiveTree(type));
}

/** A value of a plan before or after the change, and Terraform's trees of `true` for it. */
interface MarkedValue {
  readonly value: unknown;
  readonly unknown?: unknown;
  readonly sensitive: unknown;
}

/**
 * Wraps both values of a change. A value that only one side marks as sensitive is hidden in both,
 * as in Terraform's own plans: the other side often has the same value.
 */
export function annotateBoth(
  type: string,
  before: MarkedValue,
  after: MarkedValue,
): { readonly before: unknown; readonly after: unknown } {
  const annotateSide = ({ value, unknown, sensitive }: MarkedValue): unknown =>
    annotate(value, unknown, sensitive, type);
  if (JSON.stringify(before.sensitive) === JSON.stringify(after.sensitive))
    return { before: annotateSide(before), after: annotateSide(after) };
  const marks = mergeMarks(before.sensitive, after.sensitive);
  const withMarks = (side: MarkedValue): MarkedValue => ({
    ...side,
    sensitive: marksFor(side.value, marks),
  });
  return { before: annotateSide(withMarks(before)), after: annotateSide(withMarks(after)) };
}

/**
 * Returns the marks of both trees. The marks of all elements of a list are merged into one element,
 * because an element can have another position on the other side.
 */
function mergeMarks(a: unknown, b: unknown): unknown {
  if (a === true || b === true) return true;
  if (isList(a) || isList(b)) {
    const elements = [...(isList(a) ? a : []), ...(isList(b) ? b : [])];
    return elements.length === 0 ? [] : [elements.reduce(mergeMarks, false)];
  }
  const [marksA, marksB] = [isObject(a) ? a : {}, isObject(b) ? b : {}];
  return Object.fromEntries(
    [...new Set([...Object.keys(marksA), ...Object.keys(marksB)])].map((key) => [
      key,
      mergeMarks(marksA[key], marksB[key]),
    ]),
  );
}

/** Applies merged marks to every element of the lists in a value. */
function marksFor(value: unknown, marks: unknown): unknown {
  if (marks === true) return true;
  if (isList(value) && isList(marks)) return value.map((element) => marksFor(element, marks[0]));
  if (!isObject(value) || !isObject(marks)) return false;
  return Object.fromEntries(
    Object.keys(marks).map((key) => [key, marksFor(value[key], marks[key])]),
  );
}

/**
 * True if a tree contains a mark. Terraform's trees have the structure of the values, and most have
 * no mark.
 */
function hasMark(tree: unknown): boolean {
  if (typeof tree !== "object" || tree === null) return tree === true;
  for (const key in tree) if (hasMark((tree as JsonObject)[key])) return true;
  return false;
}

/**
 * Wraps the fields that lakeform's schema marks as sensitive. Shares subtrees without them instead
 * of copying them.
 */
function wrapSensitiveFields(value: unknown, tree: SensitiveTree): unknown {
  if (isList(value)) {
    const items = value.map((item) => wrapSensitiveFields(item, tree));
    return items.every((item, index) => item === value[index]) ? value : items;
  }
  if (!isObject(value) || value instanceof Unknown || value instanceof Sensitive) return value;
  let result: Record<string, unknown> | undefined;
  for (const step in tree) {
    const [inner, subtree] = [value[step], tree[step]];
    if (
      inner === null ||
      inner === undefined ||
      inner instanceof Sensitive ||
      subtree === undefined
    )
      continue;
    const wrapped =
      subtree === true
        ? new Sensitive(inner instanceof Unknown ? { $unknown: true } : inner)
        : wrapSensitiveFields(inner, subtree);
    if (wrapped !== inner) (result ??= { ...value })[step] = wrapped;
  }
  return result ?? value;
}

function wrap(value: unknown, unknown: unknown, sensitive: unknown): unknown {
  // Sensitive takes precedence over unknown, so that the review shows that the value is secret.
  if (sensitive === true) return new Sensitive(unknown === true ? { $unknown: true } : value);
  if (unknown === true) return new Unknown();
  if (isList(value) || isList(unknown)) {
    const values = isList(value) ? value : [];
    const unknowns = isList(unknown) ? unknown : [];
    const marks = isList(sensitive) ? sensitive : [];
    if (unknowns.length === 0 && marks.length === 0) return value;
    const items = Array.from({ length: Math.max(values.length, unknowns.length) }, (_, index) =>
      wrap(values[index], unknowns[index], marks[index]),
    );
    return isList(value) &&
      items.length === value.length &&
      items.every((item, index) => item === value[index])
      ? value
      : items;
  }
  if (isObject(value) || isObject(unknown)) {
    const values = isObject(value) ? value : {};
    const unknowns = isObject(unknown) ? unknown : {};
    const marks = isObject(sensitive) ? sensitive : {};
    let copy: Record<string, unknown> | undefined;
    const wrapKey = (key: string): void => {
      const inner = wrap(values[key], unknowns[key], marks[key]);
      if (inner !== values[key]) (copy ??= { ...values })[key] = inner;
    };
    for (const key in marks) if (key in values) wrapKey(key);
    for (const key in unknowns) if (!(key in marks) || !(key in values)) wrapKey(key);
    return copy ?? value ?? null;
  }
  return value ?? null;
}

/**
 * Converts a wrapped tree to plain JSON. Hidden values become markers. Nulls and empty lists inside
 * objects are dropped.
 */
export function show(value: unknown, origin: Origin = {}): Json {
  if (value instanceof Unknown) return { $lakeform: "unknown", ...origin, ...value.origin };
  if (value instanceof Sensitive)
    return { $lakeform: "sensitive", ...fromField(value.from ?? origin.from) };
  if (isList(value)) return value.map((element) => show(element));
  if (isObject(value)) {
    const entries: Record<string, Json> = {};
    for (const [key, inner] of Object.entries(value)) {
      if (inner === null || inner === undefined || (isList(inner) && inner.length === 0)) continue;
      entries[key] = show(inner);
    }
    return entries;
  }
  return value === undefined ? null : (value as Json);
}

const fromField = (expression: string | undefined): { from?: string } =>
  expression === undefined ? {} : { from: expression };
