import type { Rules, Value } from "../../resources/kind";
import type { Desired } from "../expressions/values";
import { Sensitive, Unresolved, isDesiredObject, isZero, plain } from "../expressions/values";

/** Equal in meaning: zero ≡ null, numbers and booleans as texts, blocks as objects or lists of one, plus the kind's own rules. */
export function isEqual(a: Desired | undefined, b: Desired | undefined, field: string, rules: Rules): boolean {
  if (a instanceof Sensitive) return isEqual(a.reveal(), b, field, rules);
  if (b instanceof Sensitive) return isEqual(a, b.reveal(), field, rules);
  if (a instanceof Unresolved || b instanceof Unresolved) return false;
  if (isZero(a) && isZero(b)) return true;
  if (rules.equivalent?.[field]?.(asValue(a), asValue(b)) === true) return true;
  if (a === undefined || a === null || b === undefined || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) return sameLists(asList(a), asList(b), field, rules);
  if (isDesiredObject(a) || isDesiredObject(b)) return isDesiredObject(a) && isDesiredObject(b) && sameObjects(a, b, field, rules);
  return a === b || String(a) === String(b);
}

function sameObjects(a: Record<string, Desired>, b: Record<string, Desired>, field: string, rules: Rules): boolean {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((name) => isEqual(a[name], b[name], `${field}.${name}`, rules));
}

function sameLists(a: readonly Desired[], b: readonly Desired[], field: string, rules: Rules): boolean {
  if (a.length !== b.length) return false;
  if (rules.keyed[field] === undefined) return a.every((item, at) => isEqual(item, b[at], field, rules));
  const left = [...b];
  return a.every((item) => {
    const at = left.findIndex((other) => isEqual(item, other, field, rules));
    if (at >= 0) left.splice(at, 1);
    return at >= 0;
  });
}

export function asList(value: Desired | undefined): readonly Desired[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

/** For the kinds' own functions, which see plain values. */
export function asValue(value: Desired | undefined): Value {
  if (value === undefined || value === null) return null;
  return typeof value === "object" ? (plain({ value }).value ?? null) : value;
}
