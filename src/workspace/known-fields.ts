import type { JsonObject, JsonValue } from "./errors";
import { shapes, type ShapeName } from "./shapes";

type Shape = ReadonlyMap<string, ShapeName | undefined>;

const shapeCache = new Map<ShapeName, Shape>();

function shapeOf(name: ShapeName): Shape {
  let shape = shapeCache.get(name);
  if (shape === undefined) {
    shape = new Map(
      shapes[name].split(" ").map((field) => {
        const [key = "", nested] = field.split(":");
        return [key, nested as ShapeName | undefined];
      }),
    );
    shapeCache.set(name, shape);
  }
  return shape;
}

/** Settings without unknown fields, and the paths of the unknown ones: `tasks[0].max_retrys`. */
export interface KnownFields {
  readonly values: JsonObject;
  readonly unknown: readonly string[];
}

/**
 * Drops unknown fields at every level, as the platform does (proto3 JSON ignores them).
 * @param extraFields further top-level request fields, in addition to those of the shape
 */
export function knownFields(
  body: JsonObject,
  shape: ShapeName,
  extraFields: readonly string[] = [],
): KnownFields {
  const unknown: string[] = [];
  const drop = (
    object: JsonObject,
    name: ShapeName,
    path: string,
    extraFields: readonly string[] = [],
  ): JsonObject => {
    const shapeFields = shapeOf(name);
    const knownValues: JsonObject = {};
    for (const [key, value] of Object.entries(object)) {
      if (!shapeFields.has(key) && !extraFields.includes(key)) unknown.push(`${path}${key}`);
      else knownValues[key] = dropNested(value, shapeFields.get(key), `${path}${key}`);
    }
    return knownValues;
  };
  const dropNested = (
    value: JsonValue | undefined,
    name: ShapeName | undefined,
    path: string,
  ): JsonValue | undefined => {
    if (name === undefined || typeof value !== "object" || value === null) return value;
    if (!Array.isArray(value)) return drop(value, name, `${path}.`);
    return value.map((item, index) =>
      typeof item === "object" && item !== null && !Array.isArray(item)
        ? drop(item, name, `${path}[${index}].`)
        : item,
    );
  };
  return { values: drop(body, shape, "", extraFields), unknown };
}
