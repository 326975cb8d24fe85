/** Projects values from the full schema, which the provider uses, to the served schema. */
import type { Block } from "../resources/shape/schema";
import { isObject, Unknown, type Dynamic, type DynamicObject } from "./unknown";

/** @param lost collects the paths (without indices) of values that the served schema lacks */
export function project(
  block: Block,
  served: Block,
  value: DynamicObject,
  lost: Set<string>,
  prefix = "",
): DynamicObject {
  if (block === served) return value;
  const result: DynamicObject = {};
  for (const name in block.attributes) {
    if (served.attributes[name] !== undefined) result[name] = value[name] ?? null;
    else if ((value[name] ?? null) !== null) lost.add(prefix + name);
  }
  for (const name in block.blocks) {
    const inner = block.blocks[name]?.block;
    const shown = served.blocks[name]?.block;
    const fieldValue = value[name] ?? null;
    if (inner === undefined) continue;
    if (shown !== undefined)
      result[name] = items(fieldValue, (item) =>
        project(inner, shown, item, lost, `${prefix}${name}.`),
      );
    else if (!isNothing(fieldValue)) lost.add(prefix + name);
  }
  return result;
}

function items(value: Dynamic, change: (item: DynamicObject) => DynamicObject): Dynamic {
  if (isObject(value)) return change(value);
  return Array.isArray(value) ? value.map((item) => (isObject(item) ? change(item) : item)) : value;
}

const isNothing = (value: Dynamic): boolean =>
  !(value instanceof Unknown) && (value === null || (Array.isArray(value) && value.length === 0));
