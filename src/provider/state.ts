import type { Block } from "../resources/shape/schema";
import { isObject, isZero, type DynamicObject } from "./unknown";

/**
 * Uses the plan's form of empty values in the new state. Null and empty collections are equal for
 * the provider, so this avoids false differences.
 */
export function settle(
  block: Block,
  state: DynamicObject,
  planned: Readonly<DynamicObject>,
): DynamicObject {
  for (const name in block.attributes) {
    const type = block.attributes[name]?.type;
    const now = state[name] ?? null;
    const before = planned[name] ?? null;
    if (typeof type === "object" && isZero(now) && isZero(before)) state[name] = before;
    else if (type === "string" && now === null && before === "") state[name] = "";
  }
  for (const name in block.blocks) {
    const nested = block.blocks[name];
    const now = state[name];
    const before = planned[name];
    if (
      nested === undefined ||
      !Array.isArray(now) ||
      !Array.isArray(before) ||
      now.length !== before.length
    )
      continue;
    now.forEach((item, i) => {
      const other = before[i];
      if (isObject(item) && isObject(other)) settle(nested.block, item, other);
    });
  }
  return state;
}
