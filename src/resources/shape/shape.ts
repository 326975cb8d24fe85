/**
 * This folder converts between Terraform attributes and REST bodies, by the schema alone.
 * `scripts/import-order.cjs` lists what it may import.
 *
 * Most names are equal; a block limited to one is an object on the wire, any other block a list.
 * Differences (`task` ↔ `tasks`) are in {@link WireNames}.
 */
import { isExact, wholeNumber } from "../../exact-json";
import type { Attributes, Value } from "../kind";
import type { Attribute, Block, Type } from "./schema";
import { inSetOrder } from "./sdk-set";
import { object, type Json } from "./json";

export interface WireNames {
  /**
   * Wire names that differ from the Terraform name, by path without indices, or by `*.name` for all
   * levels.
   */
  readonly names?: Readonly<Record<string, string>>;
  /** Whether an attribute is sent even if it is zero. Required attributes always are. */
  readonly keepZero?: (path: string, parent: Attributes) => boolean;
  /** Fields that do not exist on the wire, by path or `*.name`. */
  readonly absent?: ReadonlySet<string>;
}

function wireName(shape: WireNames, path: string, name: string): string {
  return shape.names?.[path] ?? shape.names?.[`*.${name}`] ?? name;
}

/**
 * Whether a field does not exist on the wire. Only the provider uses `provider_config` and the
 * top-level field `api`.
 */
function isAbsent(shape: WireNames, path: string, name: string): boolean {
  if (name === "provider_config" || path === "api") return true;
  return shape.absent !== undefined && (shape.absent.has(path) || shape.absent.has(`*.${name}`));
}

/**
 * Builds the body of a request. Like the official provider (`omitempty`), it omits null values, and
 * zero values unless they are required or `keepZero` is true.
 */
export function toWire(
  block: Block,
  value: Attributes,
  shape: WireNames = {},
  prefix = "",
): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  for (const name in block.attributes) {
    const attribute = block.attributes[name];
    const fieldValue = value[name] ?? null;
    if (attribute === undefined || fieldValue === null || isAbsent(shape, prefix + name, name))
      continue;
    const keep = attribute.required === true || shape.keepZero?.(prefix + name, value) === true;
    if (keep || !isZeroValue(fieldValue))
      body[wireName(shape, prefix + name, name)] =
        attribute.type === "number" && typeof fieldValue === "string" && /^-?\d+$/.test(fieldValue)
          ? wholeNumber(fieldValue)
          : fieldValue;
  }
  for (const name in block.blocks) {
    const nested = block.blocks[name];
    const fieldValue = value[name];
    if (
      nested === undefined ||
      !Array.isArray(fieldValue) ||
      fieldValue.length === 0 ||
      isAbsent(shape, prefix + name, name)
    )
      continue;
    const inOrder = nested.nesting === "set" ? inSetOrder(nested.block, fieldValue) : fieldValue;
    const items = inOrder.map((item) =>
      toWire(nested.block, isAttributes(item) ? item : {}, shape, `${prefix}${name}.`),
    );
    body[wireName(shape, prefix + name, name)] =
      nested.maxItems === 1 || nested.single === true ? items[0] : items;
  }
  return body;
}

/**
 * The fields of a block by their wire names, computed once: lists of thousands of jobs contain each
 * block tens of thousands of times.
 */
interface BlockFields {
  /** Path of the block: "", `task.`. */
  readonly prefix: string;
  readonly fields: readonly Field[];
  /** The index of each field in `fields`. */
  readonly indexByWireName: ReadonlyMap<string, number>;
}

type Field = { readonly name: string; readonly wire: string } & (
  { readonly attribute: Attribute } | { readonly block: () => BlockFields }
);

const fieldsByShape = new WeakMap<WireNames, WeakMap<Block, BlockFields>>();
const sameNames: WireNames = {};

/**
 * Converts a response to Terraform's shape. The result has every top-level field that exists on the
 * wire: null, or an empty list of blocks, if the response lacks it. Nested blocks have only the
 * fields of the response.
 */
export function fromWire(
  block: Block,
  response: unknown,
  shape: WireNames = sameNames,
): Attributes {
  const fieldsByBlock = fieldsByShape.get(shape) ?? new WeakMap<Block, BlockFields>();
  fieldsByShape.set(shape, fieldsByBlock);
  const blockFields = fieldsByBlock.get(block) ?? fieldsOf(block, shape, "");
  fieldsByBlock.set(block, blockFields);
  const source = object(response);
  const result: Attributes = {};
  const unknown = new Set<string>();
  for (const field of blockFields.fields)
    result[field.name] = valueOf(field, source[field.wire], unknown);
  for (const wire in source)
    if (!blockFields.indexByWireName.has(wire) && !isAbsent(shape, wire, wire))
      addUnknown(unknown, wire, source[wire]);
  return unknown.size === 0
    ? result
    : Object.assign(result, { [unknownFields]: [...unknown].sort() });
}

/**
 * Key of the unknown fields. It is a symbol, which a spread copies and loops over field names skip.
 */
const unknownFields = Symbol("fields that the schema does not have");

/**
 * Returns the paths of fields in a response that the schema lacks. The code cannot set these
 * fields, and they are not compared.
 */
export function unknownIn(attributes: object): readonly string[] {
  return (attributes as { [unknownFields]?: readonly string[] })[unknownFields] ?? [];
}

/** Adds paths of fields that the schema does not have. */
export function withUnknown<T extends Attributes>(attributes: T, paths: readonly string[]): T {
  if (paths.length === 0) return attributes;
  return Object.assign(attributes, {
    [unknownFields]: [...new Set([...unknownIn(attributes), ...paths])].sort(),
  });
}

/** Adds the path of a field that the schema does not have, unless the field is null. */
function addUnknown(unknown: Set<string>, path: string, value: unknown): void {
  if (value !== null && value !== undefined) unknown.add(path);
}

function fieldsOf(block: Block, shape: WireNames, prefix: string): BlockFields {
  const isPresent = ([name]: [string, unknown]): boolean => !isAbsent(shape, prefix + name, name);
  const fieldNames = (name: string): { name: string; wire: string } => ({
    name,
    wire: wireName(shape, prefix + name, name),
  });
  const blocks = Object.entries(block.blocks)
    .filter(isPresent)
    .filter(([, nested]) => nested.nesting !== "single");
  const attributes = Object.entries(block.attributes).filter(isPresent);
  const fields: Field[] = [
    ...attributes.map(([name, attribute]) => ({ ...fieldNames(name), attribute })),
    ...blocks.map(([name, nested]) => ({
      ...fieldNames(name),
      block: memoize(() => fieldsOf(nested.block, shape, `${prefix}${name}.`)),
    })),
  ];
  return {
    prefix,
    fields,
    indexByWireName: new Map(fields.map(({ wire }, index) => [wire, index])),
  };
}

function memoize<T>(compute: () => T): () => T {
  let result: T | undefined;
  return () => (result ??= compute());
}

function valueOf(field: Field, response: unknown, unknown: Set<string>): Value {
  if ("attribute" in field) return attributeValue(field.attribute, response);
  if (response === undefined || response === null) return [];
  const blockFields = field.block();
  return (Array.isArray(response) ? response : [response]).map((item) =>
    readFields(blockFields, object(item), unknown),
  );
}

/**
 * Returns only the fields of the response, in the schema's order: a task uses few of its sixty
 * fields.
 */
function readFields(
  { prefix, fields, indexByWireName }: BlockFields,
  source: Json,
  unknown: Set<string>,
): Attributes {
  const presentIndexes: number[] = [];
  for (const wire in source) {
    const index = indexByWireName.get(wire);
    if (index === undefined) addUnknown(unknown, prefix + wire, source[wire]);
    else if (source[wire] !== null) presentIndexes.push(index);
  }
  const result: Attributes = {};
  for (const index of presentIndexes.sort((a, b) => a - b)) {
    const field = fields[index];
    if (field !== undefined) result[field.name] = valueOf(field, source[field.wire], unknown);
  }
  return result;
}

function attributeValue(attribute: Attribute, response: unknown): Value {
  if (response === undefined || response === null) return null;
  if (typeof attribute.type === "object" && attribute.type[0] === "object")
    return objectValue(attribute.type, response);
  if (
    typeof attribute.type === "object" &&
    attribute.type[0] === "list" &&
    typeof attribute.type[1] === "object"
  ) {
    const items = Array.isArray(response) ? response : [response];
    return items.map((item) => objectValue(attribute.type[1] as Type, item));
  }
  // int64 values are strings in some responses.
  if (attribute.type === "number" && typeof response === "string" && response !== "")
    return exactNumber(response);
  if (attribute.type === "string" && typeof response !== "string")
    return typeof response === "object"
      ? JSON.stringify(response)
      : `${response as number | boolean}`;
  return response as Value;
}

/** Converts a string to a number, unless it is an integer that a number cannot represent. */
export function exactNumber(text: string): number | string {
  return isExact(text) || !/^-?\d+$/.test(text) ? Number(text) : text;
}

/** Converts a value by its type. Each object gets every field of its type, null if absent. */
function objectValue(type: Type, response: unknown): Value {
  if (typeof type === "string") return (response ?? null) as Value;
  if (type[0] === "object") {
    return Object.fromEntries(
      Object.entries(type[1]).map(([name, inner]) => [
        name,
        objectValue(inner, object(response)[name]),
      ]),
    );
  }
  const element = type[1];
  if (type[0] === "map")
    return response === undefined || response === null ? null : (response as Value);
  const items: unknown[] = Array.isArray(response)
    ? response
    : response === undefined || response === null
      ? []
      : [response];
  return items.map((item) => objectValue(element, item));
}

/** Whether a value is null, "", 0, false or an empty collection. */
export function isZeroValue(value: Value | undefined): boolean {
  if (value === undefined || value === null || value === "" || value === 0 || value === false)
    return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

export function isAttributes(value: Value | undefined): value is Attributes {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Sorts the items of a list from the workspace by key, in the order of the list in Terraform's
 * state. New items are at the end. So the plan of an unchanged configuration is empty, even if
 * the order in the workspace differs.
 */
export function inOrderOf(
  items: Value | undefined,
  known: Value | undefined,
  key: string,
): Value[] {
  const list = Array.isArray(items) ? items : [];
  const order = new Map(
    (Array.isArray(known) ? known : []).map((item, i) => [
      isAttributes(item) ? item[key] : undefined,
      i,
    ]),
  );
  const orderOf = (item: Value): number =>
    isAttributes(item) ? (order.get(item[key]) ?? order.size) : order.size;
  return list
    .map((item, i) => ({ item, i, position: orderOf(item) }))
    .sort((a, b) => a.position - b.position || a.i - b.i)
    .map(({ item }) => item);
}

/** Whether two names are equal. Names are case-insensitive. */
export const sameName = (a: Value, b: Value): boolean =>
  typeof a === "string" && typeof b === "string" && a.toLowerCase() === b.toLowerCase();
