/** Reads the attributes of a resource. */
import type { Attributes } from "../kind";

/**
 * Returns the string in an attribute, or "" if it is absent: the official provider does not
 * distinguish an absent attribute from an empty one.
 */
export function textOrEmpty(attributes: Attributes, field: string): string {
  const value = attributes[field];
  return typeof value === "string" ? value : "";
}

/** Returns the block in a list that is limited to one block, or undefined. */
export function block(attributes: Attributes, field: string): Attributes | undefined {
  const value = attributes[field];
  const first = Array.isArray(value) ? value[0] : undefined;
  return typeof first === "object" && first !== null && !Array.isArray(first) ? first : undefined;
}

/** Returns the blocks in a list. */
export function blocks(attributes: Attributes, field: string): readonly Attributes[] {
  const value = attributes[field];
  return Array.isArray(value)
    ? value.filter(
        (item): item is Attributes =>
          typeof item === "object" && item !== null && !Array.isArray(item),
      )
    : [];
}
