/** Random values of fields and blocks, generated from the schema. */
import fc from "fast-check";
import type { Attribute, Block } from "../../src/resources/shape/schema";
import type { Json, JsonObject } from "./replay-format";

export const word = fc.stringMatching(/^[a-z][a-z0-9_]{2,9}$/);
/** Makes an object of each value. */
export const mapValue = (
  value: fc.Arbitrary<string>,
  makeObject: (text: string) => JsonObject,
): fc.Arbitrary<JsonObject> => value.map(makeObject);
/** Generates a map of one to three words. */
export const words = (keys: fc.Arbitrary<string> = word): fc.Arbitrary<JsonObject> =>
  fc.dictionary(keys, word, { minKeys: 1, maxKeys: 3, noNullPrototype: true });

/** Values that the schema cannot describe, by path. */
export type SpecialValues = Readonly<Record<string, fc.Arbitrary<Json>>>;

/** Removes undefined values. */
export function withoutUndefined(fields: Readonly<Record<string, Json | undefined>>): JsonObject {
  return Object.fromEntries(
    Object.entries(fields).filter((field): field is [string, Json] => field[1] !== undefined),
  );
}

function attributeOf(
  path: string,
  attribute: Attribute,
  specialValues: SpecialValues,
): fc.Arbitrary<Json> {
  const specialValue = specialValues[path];
  if (specialValue !== undefined) return specialValue;
  const { type } = attribute;
  if (type === "string")
    return path.includes("on_") ? word.map((name) => `${name}@example.com`) : word;
  if (type === "number") return fc.integer({ min: 1, max: 1000 });
  if (type === "bool") return fc.boolean();
  if (type[0] === "map") return words();
  const element = path.includes("email_notifications")
    ? word.map((name) => `${name}@example.com`)
    : word;
  return fc.uniqueArray(element, { minLength: 1, maxLength: 3 });
}

/** Generates the attributes of a configuration: the required ones always, the others sometimes. */
export function attributesOf(
  block: Block,
  prefix: string,
  special: SpecialValues,
  without: readonly string[] = [],
): Record<string, fc.Arbitrary<Json | undefined>> {
  const fields: Record<string, fc.Arbitrary<Json | undefined>> = {};
  for (const [name, attribute] of Object.entries(block.attributes)) {
    if (
      attribute.deprecated ||
      (attribute.computed && !attribute.optional) ||
      without.includes(name)
    )
      continue;
    const value = attributeOf(`${prefix}${name}`, attribute, special);
    fields[name] = attribute.required ? value : fc.option(value, { nil: undefined });
  }
  return fields;
}

/**
 * Generates a block of the schema with all required and some optional fields. The items of a list of
 * nested blocks are different.
 */
export function blockOf(
  path: string,
  block: Block,
  special: SpecialValues,
): fc.Arbitrary<JsonObject> {
  const fields = attributesOf(block, `${path}.`, special);
  for (const [name, nested] of Object.entries(block.blocks)) {
    if (nested.nesting !== "list" || name === "provider_config") continue;
    const item = blockOf(`${path}.${name}`, nested.block, special);
    const size = { minLength: nested.minItems ?? 0, maxLength: nested.maxItems ?? 2 };
    fields[name] = fc
      .uniqueArray(item, { ...size, selector: (item) => JSON.stringify(item) })
      .map((items) => (items.length === 0 ? undefined : items));
  }
  return fc.record(fields).map(withoutUndefined);
}
