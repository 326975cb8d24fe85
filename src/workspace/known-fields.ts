import type { JsonObject, JsonValue } from "./errors";
import { shapes, type ShapeName } from "./shapes";

type Shape = ReadonlyMap<string, ShapeName | undefined>;

const parsed = new Map<ShapeName, Shape>();

function shapeOf(name: ShapeName): Shape {
  let shape = parsed.get(name);
  if (shape === undefined) {
    shape = new Map(
      shapes[name].split(" ").map((field) => {
        const [key = "", nested] = field.split(":");
        return [key, nested as ShapeName | undefined];
      }),
    );
    parsed.set(name, shape);
  }
  return shape;
}

/** Settings without unknown fields, and the paths of the unknown ones: `tasks[0].max_retrys`. */
export interface Known {
  readonly values: JsonObject;
  readonly unknown: readonly string[];
}

/**
 * Drops unknown fields at every level, as the platform does (proto3 JSON ignores them).
 * @param also further top-level request fields, in addition to those of the shape
 */
export function knownFields(
  body: JsonObject,
  shape: ShapeName,
  also: readonly string[] = [],
): Known {
  const unknown: string[] = [];
  const drop = (
    object: JsonObject,
    name: ShapeName,
    path: string,
    more: readonly string[] = [],
  ): JsonObject => {
    const known = shapeOf(name);
    const kept: JsonObject = {};
    for (const [key, value] of Object.entries(object)) {
      if (!known.has(key) && !more.includes(key)) unknown.push(`${path}${key}`);
      else kept[key] = inner(value, known.get(key), `${path}${key}`);
    }
    return kept;
  };
  const inner = (
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
  return { values: drop(body, shape, "", also), unknown };
}
