import type { JsonObject } from "./errors";

const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Returns values with one field of an update mask replaced by its value in the changes. A field
 * without a value there is removed.
 * @param path the names of the field, outermost first
 */
export function replaceMaskedField(
  values: JsonObject,
  changes: JsonObject,
  [name = "", ...subPath]: readonly string[],
): JsonObject {
  const [before, after] = [values[name], changes[name]];
  if (subPath.length > 0)
    return isObject(before) || isObject(after)
      ? {
          ...values,
          [name]: replaceMaskedField(
            isObject(before) ? before : {},
            isObject(after) ? after : {},
            subPath,
          ),
        }
      : values;
  const { [name]: _dropped, ...otherValues } = values;
  return after === undefined || after === null ? otherValues : { ...otherValues, [name]: after };
}
