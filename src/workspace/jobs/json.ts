import type { JsonObject, JsonValue } from "../errors";

/** Returns the value if it is an object. Values of an unexpected type count as absent. */
export function asObject(value: JsonValue | undefined): JsonObject | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
}

export const asArray = (value: JsonValue | undefined): JsonValue[] =>
  Array.isArray(value) ? value : [];

/** Returns the objects in the array at a field. Items of other types become `{}`. */
export const objectsAt = (value: JsonObject, field: string): JsonObject[] =>
  asArray(value[field]).map((item) => asObject(item) ?? {});

/** Returns the value if it is a string, else "". */
export const asText = (value: JsonValue | undefined): string =>
  typeof value === "string" ? value : "";

/** Returns the value as a number if it is one or a string that contains one; else the default. */
export function asNumber(value: JsonValue | undefined, defaultValue = 0): number {
  if (typeof value === "number" && Number.isFinite(value)) return value;
  if (typeof value === "string" && value.trim() !== "" && Number.isFinite(Number(value)))
    return Number(value);
  return defaultValue;
}

/**
 * Formats a value as the platform does: strings without quotes, an absent value as an empty string,
 * everything else as JSON.
 */
export function formatValue(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

export const clone = <T>(value: T): T => structuredClone(value);
