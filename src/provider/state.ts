import type { Block } from "../resources/shape/schema";
import { isObject, isZero, type DynamicObject } from "./unknown";

/**
 * Replaces empty values of the new state with the plan's empty values: null, or an empty collection or
 * string. They are equal for the provider, but Terraform would show a difference.
 */
export function useEmptyValuesOfPlan(
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
      if (isObject(item) && isObject(plannedItem))
        useEmptyValuesOfPlan(nested.block, item, plannedItem);
    });
  }
  return state;
}
