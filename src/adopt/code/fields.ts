/**
 * The attributes of a resource for which no code has been generated yet. The generator takes the
 * fields that a construct supports, and writes the others as overrides.
 */
import type { Attributes, Value } from "../../resources/kind";
import type { Block } from "../../resources/shape/schema";
import { isAttributes, isZeroValue } from "../../resources/shape/shape";

/** Converts a string, number or boolean to a string; "" for all other values. */
export const scalar = (value: Value | undefined): string =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? String(value)
    : "";

export class Fields {
  readonly #values: Map<string, Value>;
  readonly #nested: { readonly path: string; readonly fields: Fields }[] = [];

  constructor(attributes: Attributes) {
    this.#values = new Map(Object.entries(attributes));
  }

  /** Returns a value and removes it, so that it is not written as an override. */
  take(name: string): Value | undefined {
    const value = this.#values.get(name);
    this.#values.delete(name);
    return value;
  }

  peek(name: string): Value | undefined {
    return this.#values.get(name);
  }

  /**
   * Puts a value back if the generated code sets a different one, so that an override corrects it.
   */
  putBack(name: string, value: Value): void {
    this.#values.set(name, value);
  }

  /** Takes a value if it is a string. The methods below do the same for other types. */
  string(name: string): string | undefined {
    const value = this.#values.get(name);
    return typeof value === "string" ? (this.take(name) as string) : undefined;
  }

  number(name: string): number | undefined {
    const value = this.#values.get(name);
    return typeof value === "number" ? (this.take(name) as number) : undefined;
  }

  boolean(name: string): boolean | undefined {
    const value = this.#values.get(name);
    return typeof value === "boolean" ? (this.take(name) as boolean) : undefined;
  }

  strings(name: string): readonly string[] | undefined {
    const value = this.#values.get(name);
    if (!Array.isArray(value) || !value.every((item) => typeof item === "string")) return undefined;
    this.take(name);
    return value;
  }

  map(name: string): Readonly<Record<string, string>> | undefined {
    const value = this.#values.get(name);
    if (value === undefined || !isAttributes(value)) return undefined;
    this.take(name);
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, scalar(inner)]));
  }

  /** Takes a single block. Fields of the block that are not taken are written as overrides. */
  block(name: string): Fields | undefined {
    const value = this.#values.get(name);
    const item = Array.isArray(value) && value.length === 1 ? value[0] : undefined;
    if (item === undefined || !isAttributes(item)) return undefined;
    this.take(name);
    const fields = new Fields(item);
    this.#nested.push({ path: name, fields });
    return fields;
  }

  /**
   * Takes a list of blocks.
   * @param order sorts the blocks like the generated list, if its order differs
   */
  blocks(
    name: string,
    order?: (items: readonly Attributes[]) => readonly Attributes[],
  ): readonly Fields[] {
    const value = this.#values.get(name);
    if (!Array.isArray(value) || value.length === 0 || !value.every((item) => isAttributes(item)))
      return [];
    this.take(name);
    const items = order === undefined ? value : order(value);
    return items.map((item, index) => {
      const fields = new Fields(item);
      this.#nested.push({ path: `${name}.${index}`, fields });
      return fields;
    });
  }

  /** Returns the fields that were not taken, by path: `task.0.max_retries`. */
  remaining(): readonly (readonly [string, Value])[] {
    const nested = this.#nested.flatMap(({ path, fields }) =>
      fields.remaining().map(([name, value]) => [`${path}.${name}`, value] as const),
    );
    return [...this.#values, ...nested];
  }
}

/**
 * Removes the attributes that the code cannot set, and the empty values (null, 0, "", false, empty
 * lists and maps) that the provider treats as absent. Keeps blocks, because an empty one can have a
 * meaning.
 * @param keep whether an empty value of a field has a meaning
 */
export function withoutEmpty(
  block: Block,
  attributes: Attributes,
  keep: (name: string) => boolean = () => false,
): Attributes {
  const result: Attributes = {};
  for (const [name, value] of Object.entries(attributes)) {
    const nested = block.blocks[name];
    if (nested !== undefined && Array.isArray(value)) {
      const items = value.flatMap((item) =>
        isAttributes(item) ? [withoutEmpty(nested.block, item, keep)] : [],
      );
      if (items.length > 0) result[name] = items;
    } else if (
      name === "id" ||
      (isInput(block, name) &&
        (keep(name) || !isZeroValue(value) || overridesDefault(block, name, value)))
    )
      result[name] = value;
  }
  return result;
}

/**
 * Whether an empty value of a job's field has a meaning: the default of a parameter, and the value
 * of a named parameter or tag.
 */
export const hasMeaningWhenEmpty = (name: string): boolean =>
  name === "default" || name === "value";

/** Whether the code can set a field. Only the provider sets the others. */
function isInput(block: Block, name: string): boolean {
  const { [name]: attribute } = block.attributes;
  return attribute === undefined || attribute.optional === true || attribute.required === true;
}

/** Whether a zero value must be written, because the provider has a different default. */
function overridesDefault(block: Block, name: string, value: Value): boolean {
  const defaultValue = block.attributes[name]?.default;
  return value !== null && defaultValue !== undefined && !isZeroValue(defaultValue);
}
