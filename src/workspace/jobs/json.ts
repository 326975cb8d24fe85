import type { JsonObject, JsonValue } from "../errors";

/** Reading stored JSON without trusting it: a wrong shape reads as absent. */
export function asObject(value: JsonValue | undefined): JsonObject | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
}

export const asArray = (value: JsonValue | undefined): JsonValue[] => (Array.isArray(value) ? value : []);

/** A text, or "" for what is none. */
export const text = (value: JsonValue | undefined): string => (typeof value === "string" ? value : "");

export function asNumber(value: JsonValue | undefined, byDefault = 0): number {
  if (typeof value === "number" && Number.isFinite(value)) return value;
  if (typeof value === "string" && value.trim() !== "" && Number.isFinite(Number(value))) return Number(value);
  return byDefault;
}

/** As the platform writes a value into a text: strings bare, everything else as JSON. */
export function show(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

export const clone = <T>(value: T): T => structuredClone(value);
