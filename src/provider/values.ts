/**
 * Encodes values as msgpack with an extension for unknown values, and decodes msgpack or JSON to
 * values that conform to the schema.
 */
import { parseExact } from "../exact-json";
import { withNested } from "../resources/shape/nested-attributes";
import { exactNumber } from "../resources/shape/shape";
import { decode, Encoder, ExtensionCodec } from "@msgpack/msgpack";
import type { Attribute, Block, NestedBlock, Type } from "../resources/shape/schema";
import { isObject, Unknown, UNKNOWN, type Dynamic, type DynamicObject } from "./unknown";

/** A value in one of Terraform's two encodings, msgpack or JSON. */
export interface DynamicValue {
  readonly msgpack?: Uint8Array | null;
  readonly json?: Uint8Array | null;
}

const extensionCodec = new ExtensionCodec();
for (const type of [0, 12]) {
  // 0 is "unknown", 12 is "unknown with refinements", which are not used here.
  extensionCodec.register({
    type,
    encode: (value) => (type === 0 && value instanceof Unknown ? new Uint8Array([0]) : null),
    decode: () => UNKNOWN,
  });
}
const encoder = new Encoder({ extensionCodec, ignoreUndefined: true });

/** @returns undefined if there is no object: no value, or null */
export function decodeValue(
  block: Block,
  value: DynamicValue | null | undefined,
): DynamicObject | undefined {
  const decodedValue = decodeAny(value);
  return isObject(decodedValue) ? conform(block, decodedValue) : undefined;
}

function decodeAny(value: DynamicValue | null | undefined): unknown {
  if (value?.msgpack && value.msgpack.length > 0)
    return decode(value.msgpack, { extensionCodec, useBigInt64: true });
  if (value?.json && value.json.length > 0)
    return parseExact(Buffer.from(value.json).toString("utf8"));
  return undefined;
}

/**
 * Encodes an object; undefined means that there is no object.
 * @param block the schema, if it has nested attributes, which are not lists on the wire
 */
export function encodeValue(
  value: DynamicObject | undefined,
  block?: Block,
): { msgpack: Uint8Array } {
  return {
    msgpack: encoder.encode(
      value === undefined ? null : block === undefined ? value : withNested(block, value),
    ),
  };
}

/** Decodes a state from the state file. Drops attributes that are no longer in the schema. */
export function decodeState(block: Block, json: Uint8Array): DynamicObject | undefined {
  const state = parseExact(Buffer.from(json).toString("utf8"));
  return isObject(state) ? conform(block, state) : undefined;
}

/**
 * Returns exactly the attributes and blocks of the schema, because Terraform rejects a missing key.
 * Numeric strings in number attributes become numbers.
 */
export function conform(block: Block, value: Readonly<Record<string, unknown>>): DynamicObject {
  const result: DynamicObject = {};
  for (const name in block.attributes) {
    const attribute = block.attributes[name];
    if (attribute !== undefined) result[name] = conformAttribute(attribute, value[name]);
  }
  for (const name in block.blocks) {
    const nested = block.blocks[name];
    if (nested !== undefined) result[name] = conformBlock(nested, value[name]);
  }
  return result;
}

function conformAttribute({ type }: Attribute, value: unknown): Dynamic {
  if (value === undefined || value === null) return null;
  if (type === "number" && typeof value === "string") return exactNumber(value);
  if (typeof value === "bigint") return exactNumber(String(value));
  return (hasObjects(type) ? conformObjects(type, value) : value) as Dynamic;
}

const hasObjects = (type: Type): boolean =>
  Array.isArray(type) && (type[0] === "object" || hasObjects(type[1] as Type));

/**
 * Gives an object exactly the fields of its type, because other provider versions have different
 * ones.
 */
function conformObjects(type: Type, value: unknown): unknown {
  if (typeof type === "string" || value === null || value instanceof Unknown) return value ?? null;
  if (type[0] !== "object") {
    if (Array.isArray(value)) return value.map((item: unknown) => conformObjects(type[1], item));
    if (type[0] !== "map" || !isObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, conformObjects(type[1], item)]),
    );
  }
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(type[1]).map(([field, inner]) => [
      field,
      conformObjects(inner, value[field] ?? null),
    ]),
  );
}

function conformBlock(nested: NestedBlock, value: unknown): Dynamic {
  if (value instanceof Unknown) return value;
  if (nested.nesting === "single") return isObject(value) ? conform(nested.block, value) : null;
  if (nested.attribute === "single" && isObject(value)) return [conform(nested.block, value)];
  if (!Array.isArray(value)) return [];
  return value.map((item: unknown) =>
    isObject(item)
      ? conform(nested.block, item)
      : item instanceof Unknown
        ? item
        : conform(nested.block, {}),
  );
}
