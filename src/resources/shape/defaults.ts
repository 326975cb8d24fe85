import type { Attributes, Value } from "../kind";
import type { Block } from "./schema";

/** A configuration in Terraform's shape with schema defaults, which the provider also sends. */
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
