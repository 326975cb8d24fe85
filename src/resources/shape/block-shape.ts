import type { Attributes, Value } from "../kind";
import { schemaOf, type Block } from "./schema";

/**
 * Converts a configuration to the form that Terraform passes to a provider: a single block may be
 * an object in JSON syntax, but a provider gets a list with one element. Attributes omitted in the
 * configuration stay absent.
 */
export function asTerraformShape(type: string, config: Attributes): Attributes {
  const schema = schemaOf(type);
  return schema === undefined ? config : shapeBlock(schema.block, config);
}

function shapeBlock(block: Block, config: Attributes): Attributes {
  const result: Attributes = {};
  for (const [name, value] of Object.entries(config)) {
    const nested = block.blocks[name];
    result[name] =
      nested === undefined || value === null
        ? value
        : shapeBlocks(nested.block, value, nested.nesting === "single");
  }
  return result;
}

function shapeBlocks(block: Block, value: Value, isSingle: boolean): Value {
  if (typeof value !== "object" || value === null) return value;
  if (isSingle) return Array.isArray(value) ? value : shapeBlock(block, value);
  const items = Array.isArray(value) ? value : [value];
  return items.map((item) =>
    typeof item === "object" && item !== null && !Array.isArray(item)
      ? shapeBlock(block, item)
      : item,
  );
}
