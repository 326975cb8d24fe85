/** Computes with values that may contain markers: unresolved and sensitive values. */
import type { Desired } from "./values";
import { Sensitive, Unresolved } from "./values";

/**
 * Applies a computation to values. An unresolved value at any depth makes the result unresolved, a
 * sensitive one makes it sensitive.
 */
export function withMarkers(
  values: readonly Desired[],
  compute: (values: Desired[]) => Desired,
): Desired {
  if (!values.some(containsSensitive)) {
    const unknown = firstUnresolved(values);
    return unknown ?? compute([...values]);
  }
  const revealed = values.map(reveal);
  if (revealed.some((value) => value === undefined))
    return firstUnresolved(values) ?? new Sensitive(undefined);
  const plaintextValues = revealed.map((value) => value ?? null);
  // A sensitive value may contain an unresolved one.
  const result = firstUnresolved(plaintextValues) ?? compute(plaintextValues);
  return result instanceof Unresolved ? result : new Sensitive(result);
}

/** Like {@link withMarkers}, but checks only the values themselves, not the values inside them. */
export function withOuterMarkers(
  values: readonly Desired[],
  compute: (values: readonly Desired[]) => Desired,
): Desired {
  const unknown = values.find((value) => value instanceof Unresolved);
  if (unknown !== undefined) return unknown;
  return values.some((value) => value instanceof Sensitive)
    ? withMarkers(values, compute)
    : compute(values);
}

function firstUnresolved(values: readonly Desired[]): Unresolved | undefined {
  return values.map(findUnresolved).find((value) => value !== undefined);
}

function containsSensitive(value: Desired): boolean {
  if (value instanceof Sensitive) return true;
  return (
    typeof value === "object" &&
    value !== null &&
    !(value instanceof Unresolved) &&
    Object.values(value).some(containsSensitive)
  );
}

/**
 * Returns the value with all sensitive parts revealed.
 * @returns undefined if a part is unknown
 */
function reveal(value: Desired): Desired | undefined {
  if (value instanceof Sensitive) {
    const inner = value.reveal();
    return inner === undefined ? undefined : reveal(inner);
  }
  if (
    value === null ||
    typeof value !== "object" ||
    value instanceof Unresolved ||
    !containsSensitive(value)
  )
    return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, reveal(inner)] as const);
  if (entries.some(([, inner]) => inner === undefined)) return undefined;
  if (Array.isArray(value)) return entries.map(([, inner]) => inner ?? null);
  return Object.fromEntries(entries.map(([key, inner]) => [key, inner ?? null]));
}

export function findUnresolved(value: Desired): Unresolved | undefined {
  if (value instanceof Unresolved) return value;
  if (value === null || typeof value !== "object" || value instanceof Sensitive) return undefined;
  return Object.values(value)
    .map(findUnresolved)
    .find((inner) => inner !== undefined);
}
