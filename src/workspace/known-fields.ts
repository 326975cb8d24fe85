import type { JsonObject, JsonValue } from "./errors";
import { fieldSchemas, type SchemaName } from "./field-schemas";

/** The fields of an object, with the schema of those that contain objects. */
type SchemaFields = ReadonlyMap<string, SchemaName | undefined>;

const schemaCache = new Map<SchemaName, SchemaFields>();

function fieldsOf(name: SchemaName): SchemaFields {
  let fields = schemaCache.get(name);
  if (fields === undefined) {
    fields = new Map(
      fieldSchemas[name].split(" ").map((field) => {
        const [key = "", nested] = field.split(":");
        return [key, nested as SchemaName | undefined];
      }),
    );
    schemaCache.set(name, fields);
  }
  return fields;
}

/** Settings without unknown fields, and the paths of the unknown ones: `tasks[0].max_retrys`. */
export interface KnownFields {
  readonly values: JsonObject;
  readonly unknown: readonly string[];
}

/**
 * Drops unknown fields at every level, as the platform does (proto3 JSON ignores them).
 * @param extraFields further top-level request fields, in addition to those of the schema
 */
export function knownFields(
  body: JsonObject,
  schemaName: SchemaName,
  extraFields: readonly string[] = [],
): KnownFields {
  const unknown: string[] = [];
  const drop = (
    object: JsonObject,
    name: SchemaName,
    path: string,
    extraFields: readonly string[] = [],
  ): JsonObject => {
    const schemaFields = fieldsOf(name);
    const knownValues: JsonObject = {};
    for (const [key, value] of Object.entries(object)) {
      if (!schemaFields.has(key) && !extraFields.includes(key)) unknown.push(`${path}${key}`);
      else knownValues[key] = dropNested(value, schemaFields.get(key), `${path}${key}`);
    }
    return knownValues;
  };
  const dropNested = (
    value: JsonValue | undefined,
    name: SchemaName | undefined,
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
  return { values: drop(body, schemaName, "", extraFields), unknown };
}
