import type { Attributes, Value } from "../kind";
import type { Block } from "./schema";

/** Adds the defaults of the schema to a configuration, because the provider sends them, too. */
export function withDefaults(block: Block, config: Attributes): Attributes {
  const result: Attributes = { ...config };
  for (const [name, attribute] of Object.entries(block.attributes))
    if (attribute.default !== undefined) result[name] ??= attribute.default;
  for (const [name, nested] of Object.entries(block.blocks)) {
    const value = result[name];
    if (value === undefined || value === null || nested.nesting === "single") continue;
    result[name] = (Array.isArray(value) ? value : [value]).map((item): Value =>
      typeof item === "object" && item !== null && !Array.isArray(item)
        ? withDefaults(nested.block, item)
        : item,
    );
  }
  return result;
}
