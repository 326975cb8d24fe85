import type { Value } from "../../resources/kind";
import type { Desired, DesiredObject } from "../expressions/values";
import { Sensitive, Unresolved, isDesiredObject, isZero, plain } from "../expressions/values";
import type { FieldNode } from "./field-node";

/**
 * True if two values have the same meaning: a zero value equals null, a number or boolean equals
 * its string, and a block equals a list of one block. The resource type can add rules.
 */
export function isEqual(a: Desired | undefined, b: Desired | undefined, node: FieldNode): boolean {
  if (a instanceof Sensitive) return isEqual(a.reveal(), b, node);
  if (b instanceof Sensitive) return isEqual(a, b.reveal(), node);
  if (a instanceof Unresolved || b instanceof Unresolved) return false;
  if (isNothing(a, node) && isNothing(b, node)) return true;
  if (node.equivalent?.(asValue(a), asValue(b)) === true) return true;
  if (a === undefined || a === null || b === undefined || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) return areEqualLists(asList(a), asList(b), node);
  if (isDesiredObject(a) || isDesiredObject(b))
    return isDesiredObject(a) && isDesiredObject(b) && areEqualObjects(a, b, node);
  return a === b || String(a) === String(b);
}

function areEqualObjects(a: DesiredObject, b: DesiredObject, node: FieldNode): boolean {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((name) =>
    isEqual(a[name], b[name], node.child(name)),
  );
}

function areEqualLists(a: readonly Desired[], b: readonly Desired[], node: FieldNode): boolean {
  if (a.length !== b.length) return false;
  if (node.key === undefined) return a.every((item, index) => isEqual(item, b[index], node));
  const unmatched = [...b];
  return a.every((item) => {
    const index = unmatched.findIndex((other) => isEqual(item, other, node));
    if (index >= 0) unmatched.splice(index, 1);
    return index >= 0;
  });
}

/**
 * True for an empty value. An attribute with a zero value is empty; a map entry with an empty value
 * is a value.
 */
export function isNothing(value: Desired | undefined, node: FieldNode): boolean {
  if (value === undefined || value === null) return true;
  if (node.isEntry) return false;
  if (typeof value !== "object" || value instanceof Unresolved || value instanceof Sensitive)
    return isZero(value);
  if (Array.isArray(value)) return value.every((item) => isNothing(item, node));
  for (const name in value) if (!isNothing(value[name], node.child(name))) return false;
  return true;
}

export function asList(value: Desired | undefined): readonly Desired[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

/** Unwraps markers, because the rules' functions need plain values. */
export function asValue(value: Desired | undefined): Value {
  if (value === undefined || value === null) return null;
  return typeof value === "object" ? (plain({ value }).value ?? null) : value;
}
