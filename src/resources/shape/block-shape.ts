import type { Attributes, Value } from "../kind";
import { schemaOf, type Block } from "./schema";

/**
 * Converts a configuration to the form that Terraform passes to a provider: a single block may be
 * an object in JSON syntax, but a provider gets a list with one element. Attributes omitted in the
 * configuration stay absent.
 */
export function asTerraformShape(type: string, config: Attributes): Attributes {
  const schema = schemaOf(type);
  return schema === undefined ? config : shaped(schema.block, config);
}

function shaped(block: Block, config: Attributes): Attributes {
  const out: Attributes = {};
  for (const [name, value] of Object.entries(config)) {
    const nested = block.blocks[name];
    out[name] =
      nested === undefined || value === null
        ? value
        : blocks(nested.block, value, nested.nesting === "single");
  }
  return out;
}

function blocks(block: Block, value: Value, single: boolean): Value {
  if (typeof value !== "object" || value === null) return value;
  if (single) return Array.isArray(value) ? value : shaped(block, value);
  const items = Array.isArray(value) ? value : [value];
  return items.map((item) =>
    typeof item === "object" && item !== null && !Array.isArray(item) ? shaped(block, item) : item,
  );
}
