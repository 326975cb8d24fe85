/** Accessors for the sides of a comparison: blocks, keys, labels. */
import type { Attributes } from "../../resources/kind";
import {
  Sensitive,
  Unresolved,
  isDesiredObject,
  isPlain,
  isZero,
  plain,
  type Desired,
  type DesiredObject,
} from "../expressions/values";
import { asList } from "../fields/equal";
import type { FieldInfo } from "../fields/field-rules";
import type { Sides } from "./comparison";

/** The fields that have a value: most fields of most blocks do not. */
export function writtenFields(block: DesiredObject | undefined): string[] {
  const names: string[] = [];
  for (const name in block) if (isWritten(block[name])) names.push(name);
  return names;
}

export function isWritten(value: Desired | undefined): boolean {
  return value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0);
}

const plainObjects = new WeakMap<DesiredObject, Attributes>();

/** Cached, because the same block is queried field by field. */
export function plainOnce(value: DesiredObject): Attributes {
  const plainObject = plainObjects.get(value) ?? (isPlain(value) ? value : plain(value));
  plainObjects.set(value, plainObject);
  return plainObject;
}

export function objectOf(value: Desired | undefined): DesiredObject | undefined {
  return isDesiredObject(value) ? value : undefined;
}

/** A block that occurs once: an object, or a list of one. */
export function firstObject(value: Desired | undefined): DesiredObject | undefined {
  return objectOf(Array.isArray(value) ? value[0] : value);
}

/** `continuous {}`: present, but empty. */
export function isPresentBlock(value: Desired | undefined): boolean {
  return firstObject(value) !== undefined;
}

export function shapeOf(
  info: FieldInfo | undefined,
  { d, r }: Sides,
): "block" | "blocks" | "map" | "values" | "scalar" {
  switch (info?.is) {
    case "block":
      return "block";
    case "blocks":
    case "blockSet":
      return "blocks";
    case "map":
      return "map";
    case "list":
    case "set":
      return "values";
    case "scalar":
      return "scalar";
    case undefined:
  }
  const items = [...asList(d), ...asList(r)];
  if (items.some(isDesiredObject)) return Array.isArray(d) || Array.isArray(r) ? "blocks" : "map";
  return Array.isArray(d) || Array.isArray(r) ? "values" : "scalar";
}

/** Blocks by their key, or by position if the kind defines no key. */
export function byLabel(
  side: Desired | undefined,
  key: string | undefined,
): ReadonlyMap<string, DesiredObject> {
  const blocks = new Map<string, DesiredObject>();
  const items = asList(side);
  for (let position = 0; position < items.length; position += 1) {
    const item = items[position];
    if (!isDesiredObject(item)) continue;
    const name = key === undefined ? String(position) : keyOf(item, key, position);
    blocks.set(blocks.has(name) ? `${name}#${position}` : name, item);
  }
  return blocks;
}

export function keyOf(item: Desired, key: string, position: number): string {
  const value = isDesiredObject(item) ? item[key] : undefined;
  return typeof value === "string" || typeof value === "number" ? String(value) : `#${position}`;
}

/** `pandas==2.1` for an element without a key: its values. */
export function labelOf(item: Desired): string {
  if (item instanceof Sensitive || item instanceof Unresolved || item === null) return "…";
  if (typeof item !== "object") return String(item);
  const leaves = (value: Desired): string[] => {
    if (
      value === null ||
      value instanceof Sensitive ||
      value instanceof Unresolved ||
      isZero(value)
    )
      return [];
    return typeof value === "object" ? Object.values(value).flatMap(leaves) : [String(value)];
  };
  return leaves(item).join(" ");
}
