/**
 * Values that the official provider rejects before any request: enum values, numbers out of range,
 * addresses.
 */
import type { Attributes, Problem, Value } from "../kind";
import { isAttributes } from "./shape";

/** The allowed strings, or a function that returns the problem with a value. */
export type Allowed = readonly string[] | ((value: Value) => string | undefined);

/**
 * Reports values that are not allowed.
 * @param table the allowed values by path without indices
 */
export function valueProblems(
  config: Attributes,
  table: Readonly<Record<string, Allowed>>,
): readonly Problem[] {
  return Object.entries(table).flatMap(([path, allowed]) =>
    valuesAt(config, path.split("."), "").flatMap(([valuePath, value]) => {
      const problem = typeof allowed === "function" ? allowed(value) : notOneOf(value, allowed);
      return problem === undefined
        ? []
        : [{ path: valuePath, message: `${valuePath}: ${problem}` }];
    }),
  );
}

export const atLeast = (limit: number): Allowed => {
  return (value) =>
    typeof value === "number" && value < limit
      ? `at least ${limit} is required, got ${value}`
      : undefined;
};

export const notBlank: Allowed = (value) =>
  typeof value === "string" && value.trim() === "" ? "must not be blank" : undefined;

/** Allows URLs with one of these schemes. */
export function address(...schemes: readonly string[]): Allowed {
  return (value) => {
    if (typeof value !== "string") return undefined;
    const scheme = /^([a-z][a-z0-9+.-]*):\/\/[^/]+/i.exec(value)?.[1]?.toLowerCase() ?? "";
    return schemes.includes(scheme)
      ? undefined
      : `an address with ${schemes.join(" or ")} is required, got ${JSON.stringify(value)}`;
  };
}

function notOneOf(value: Value, allowed: readonly string[]): string | undefined {
  if (typeof value !== "string" || allowed.includes(value)) return undefined;
  return `one of ${allowed.map((word) => `"${word}"`).join(" ")} is required, got ${JSON.stringify(value)}`;
}

/** Returns the values at a path, each with its path with indices. Null values are skipped. */
function valuesAt(
  parent: Attributes,
  [name = "", ...rest]: readonly string[],
  pathPrefix: string,
): readonly (readonly [string, Value])[] {
  const value = parent[name];
  if (value === undefined || value === null) return [];
  if (rest.length === 0) return [[pathPrefix + name, value]];
  const items = Array.isArray(value) ? value : [];
  return items.flatMap((item, i) =>
    isAttributes(item) ? valuesAt(item, rest, `${pathPrefix}${name}.${i}.`) : [],
  );
}
