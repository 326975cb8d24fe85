/** Projects values from the full schema, which the provider uses, to the served schema. */
import type { Block } from "../resources/shape/schema";
import { isObject, Unknown, type Dynamic, type DynamicObject } from "./unknown";

/**
 * Returns only the fields of the served block.
 * @param lostPaths collects the paths (without indices) of values that the served schema lacks
 */
export function project(
  block: Block,
  served: Block,
  value: DynamicObject,
  lostPaths: Set<string>,
  prefix = "",
): DynamicObject {
  if (block === served) return value;
  const result: DynamicObject = {};
  for (const name in block.attributes) {
    if (served.attributes[name] !== undefined) result[name] = value[name] ?? null;
    else if ((value[name] ?? null) !== null) lostPaths.add(prefix + name);
  }
  for (const name in block.blocks) {
    const innerBlock = block.blocks[name]?.block;
    const servedBlock = served.blocks[name]?.block;
    const fieldValue = value[name] ?? null;
    if (innerBlock === undefined) continue;
    if (servedBlock !== undefined)
      result[name] = mapBlocks(fieldValue, (item) =>
        project(innerBlock, servedBlock, item, lostPaths, `${prefix}${name}.`),
      );
    else if (!isAbsent(fieldValue)) lostPaths.add(prefix + name);
  }
  return result;
}

function mapBlocks(value: Dynamic, change: (item: DynamicObject) => DynamicObject): Dynamic {
  if (isObject(value)) return change(value);
  return Array.isArray(value) ? value.map((item) => (isObject(item) ? change(item) : item)) : value;
}

const isAbsent = (value: Dynamic): boolean =>
  !(value instanceof Unknown) && (value === null || (Array.isArray(value) && value.length === 0));
