/**
 * Converts nested attributes of the plugin framework, which are blocks in lakeform's schema, but
 * objects or lists in Terraform's messages and states.
 */
import type { Block } from "./schema";

const results = new WeakMap<Block, boolean>();

/** Whether a block has nested attributes, at any depth. */
function hasNested(block: Block): boolean {
  const cachedResult = results.get(block);
  if (cachedResult !== undefined) return cachedResult;
  const result = Object.values(block.blocks).some(
    (nested) => nested.attribute !== undefined || hasNested(nested.block),
  );
  results.set(block, result);
  return result;
}

const isPlain = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" &&
  value !== null &&
  [Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null);

/** Converts nested attributes to Terraform's form: an object or null, a list or null. */
export function withNested<Values extends Readonly<Record<string, unknown>>>(
  block: Block,
  value: Values,
): Values {
  if (!hasNested(block)) return value;
  const result: Record<string, unknown> = { ...value };
  for (const [name, { attribute, block: inner }] of Object.entries(block.blocks)) {
    const fieldValue = value[name] ?? null;
    if (!Array.isArray(fieldValue)) continue;
    const items = fieldValue.map((item: unknown) =>
      isPlain(item) ? withNested(inner, item) : item,
    );
    result[name] =
      attribute === undefined || (attribute !== "single" && items.length > 0)
        ? items
        : (items[0] ?? null);
  }
  return result as Values;
}
