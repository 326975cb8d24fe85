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
    const newValue = state[name] ?? null;
    const plannedValue = planned[name] ?? null;
    if (typeof type === "object" && isZero(newValue) && isZero(plannedValue))
      state[name] = plannedValue;
    else if (type === "string" && newValue === null && plannedValue === "") state[name] = "";
  }
  for (const name in block.blocks) {
    const nested = block.blocks[name];
    const newValue = state[name];
    const plannedValue = planned[name];
    if (
      nested === undefined ||
      !Array.isArray(newValue) ||
      !Array.isArray(plannedValue) ||
      newValue.length !== plannedValue.length
    )
      continue;
    newValue.forEach((item, i) => {
      const plannedItem = plannedValue[i];
      if (isObject(item) && isObject(plannedItem)) settle(nested.block, item, plannedItem);
    });
  }
  return state;
}
