import type { JsonObject, JsonValue } from "../errors";

/** Reads stored JSON defensively: a wrong type counts as absent. */
export function asObject(value: JsonValue | undefined): JsonObject | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
}

export const asArray = (value: JsonValue | undefined): JsonValue[] =>
  Array.isArray(value) ? value : [];

/** A string, or "" for any other type. */
export const text = (value: JsonValue | undefined): string =>
  typeof value === "string" ? value : "";

export function asNumber(value: JsonValue | undefined, byDefault = 0): number {
  if (typeof value === "number" && Number.isFinite(value)) return value;
  if (typeof value === "string" && value.trim() !== "" && Number.isFinite(Number(value)))
    return Number(value);
  return byDefault;
}

/** Formats a value inside a string like the platform: strings bare, everything else as JSON. */
export function show(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

export const clone = <T>(value: T): T => structuredClone(value);
