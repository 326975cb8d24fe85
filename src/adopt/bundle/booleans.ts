import type { Attributes, Value } from "../../resources/kind";
import type { Block } from "../../resources/shape/schema";

/** The words for booleans in a bundle. They can also be capitalized or in upper case. */
const words: ReadonlyMap<string, boolean> = new Map([
  ...["true", "yes", "y", "on"].map((word) => [word, true] as const),
  ...["false", "no", "n", "off"].map((word) => [word, false] as const),
]);

/**
 * Converts the words for booleans in boolean fields, as `databricks bundle deploy` does. The value
 * of a variable from the command line or the environment is always text.
 */
export function withBooleans(block: Block, attributes: Attributes): Attributes {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => {
      if (block.attributes[name]?.type === "bool") return [name, asBoolean(value)];
      const nested = block.blocks[name]?.block;
      return nested === undefined || !Array.isArray(value)
        ? [name, value]
        : [name, value.map((item) => (isAttributes(item) ? withBooleans(nested, item) : item))];
    }),
  );
}

function asBoolean(value: Value): Value {
  if (typeof value !== "string" || !/^([a-z]+|[A-Z][a-z]*|[A-Z]+)$/.test(value)) return value;
  return words.get(value.toLowerCase()) ?? value;
}

function isAttributes(value: Value): value is Attributes {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
