/**
 * Sorts the elements of a set like the official provider, whose SDK sorts them by a hash. The API
 * accepts any order, but with this one the requests of both providers are identical.
 */
import { crc32 } from "node:zlib";
import type { Value } from "../kind";
import type { Block, NestedBlock, Type } from "./schema";

/**
 * Sorts the elements of a set by their hash. The SDK compares hashes as decimal strings.
 * @param element the type of an element
 */
export function inSetOrder<T extends Value>(element: Type | Block, items: readonly T[]): T[] {
  return items
    .map((item) => ({
      item,
      key: String(
        crc32(
          typeof element === "object" && "attributes" in element
            ? blockText(element, item)
            : valueText(element, item),
        ),
      ),
    }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ item }) => item);
}

/** Builds the string to hash, with every configurable field by name. */
function blockText(block: Block, value: Value): string {
  const attributes =
    typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
  return [...Object.keys(block.attributes), ...Object.keys(block.blocks)]
    .sort()
    .map((name) => {
      const [attribute, nested] = [block.attributes[name], block.blocks[name]];
      if (nested !== undefined) return `${name}:${nestedText(nested, attributes[name] ?? null)}`;
      if (attribute === undefined || (attribute.optional !== true && attribute.required !== true))
        return "";
      return `${name}:${valueText(attribute.type, attributes[name] ?? null)}`;
    })
    .join("");
}

function nestedText({ nesting, block }: NestedBlock, value: Value): string {
  const items = (nesting === "set" ? inSetOrder(block, listOf(value)) : listOf(value)).map(
    (item) => `<${blockText(block, item)}>;`,
  );
  return nesting === "set" ? `{${items.join("")}};` : `(${items.join("")});`;
}

function valueText(type: Type, value: Value): string {
  if (type === "bool") return value === true ? "1;" : "0;";
  if (type === "number") return `${typeof value === "number" ? value : 0};`;
  if (type === "string") return `${typeof value === "string" ? value : ""};`;
  const [kind, inner] = type;
  if (kind === "object") return ";";
  if (kind === "map") {
    const entries =
      typeof value === "object" && value !== null && !Array.isArray(value)
        ? Object.entries(value)
        : [];
    const sorted = entries
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => `${key}:${String(item as string | number | boolean)};`);
    return `[${sorted.join("")}];`;
  }
  const items = kind === "set" ? inSetOrder(inner, listOf(value)) : listOf(value);
  const texts = items.map((item) => valueText(inner, item)).join("");
  return kind === "set" ? `{${texts}};` : `(${texts});`;
}

const listOf = (value: Value): readonly Value[] => (Array.isArray(value) ? value : []);
