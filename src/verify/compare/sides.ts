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
import type { FieldNode } from "../fields/field-node";
import type { FieldInfo } from "../fields/field-rules";
import type { Sides } from "./comparison";

/** To spread into an object that has values on some sides only. */
export const noSides = {
  desired: undefined,
  deployed: undefined,
  state: undefined,
  remote: undefined,
} as const;

/** Lists the fields that have a value. Most fields of most blocks have none. */
function writtenFields(block: DesiredObject | undefined): string[] {
  const names: string[] = [];
  for (const name in block) if (isWritten(block[name])) names.push(name);
  return names;
}

function isWritten(value: Desired | undefined): boolean {
  return value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0);
}

/**
 * Returns the fields to compare. A field that is empty on both sides is included only if the
 * provider has a default for it, or for tracing.
 */
export function comparedFields(
  node: FieldNode,
  desired: DesiredObject | undefined,
  remote: DesiredObject | undefined,
  isTraced: boolean,
): Iterable<string> {
  const names = writtenFields(desired);
  for (const name of writtenFields(remote))
    if (desired === undefined || !isWritten(desired[name])) names.push(name);
  if (desired !== undefined)
    for (const name of node.namesWithDefault) if (!names.includes(name)) names.push(name);
  if (!isTraced) return names;
  return new Set([
    ...names,
    ...Object.keys(desired ?? {}),
    ...Object.keys(remote ?? {}),
    ...(desired === undefined && remote === undefined ? [] : node.names),
  ]);
}

const plainObjects = new WeakMap<DesiredObject, Attributes>();

/** Like {@link plain}, but cached, because the rules query the same block field by field. */
export function plainOnce(value: DesiredObject): Attributes {
  const plainObject = plainObjects.get(value) ?? (isPlain(value) ? value : plain(value));
  plainObjects.set(value, plainObject);
  return plainObject;
}

export function objectOf(value: Desired | undefined): DesiredObject | undefined {
  return isDesiredObject(value) ? value : undefined;
}

/** Returns a block that occurs once: it may be an object or a list of one. */
export function firstObject(value: Desired | undefined): DesiredObject | undefined {
  return objectOf(Array.isArray(value) ? value[0] : value);
}

/** Also true for an empty block, like `continuous {}`. */
export function isPresentBlock(value: Desired | undefined): boolean {
  return firstObject(value) !== undefined;
}

export function shapeOf(
  info: FieldInfo | undefined,
  { desired, remote }: Sides,
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
  const items = [...asList(desired), ...asList(remote)];
  if (items.some(isDesiredObject))
    return Array.isArray(desired) || Array.isArray(remote) ? "blocks" : "map";
  return Array.isArray(desired) || Array.isArray(remote) ? "values" : "scalar";
}

/** Maps blocks by their key, or by position if the kind defines no key. */
export function byLabel(
  side: Desired | undefined,
  key: string | undefined,
): ReadonlyMap<string, DesiredObject> {
  const blocks = new Map<string, DesiredObject>();
  const items = asList(side);
  for (let position = 0; position < items.length; position += 1) {
    const item = items[position];
    if (!isDesiredObject(item)) continue;
    const name = key === undefined ? String(position) : blockKey(item, key, position);
    blocks.set(blocks.has(name) ? `${name}#${position}` : name, item);
  }
  return blocks;
}

function blockKey(item: Desired, key: string, position: number): string {
  const value = isDesiredObject(item) ? item[key] : undefined;
  return typeof value === "string" || typeof value === "number" ? String(value) : `#${position}`;
}

/** Names an element without a key by its values, for example `pandas==2.1`. */
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
