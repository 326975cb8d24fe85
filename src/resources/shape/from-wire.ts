/**
 * Converts REST objects to Terraform's shape for data sources; `shape.ts` does so for resources. On
 * the wire, blocks limited to one are objects, and repeated blocks have a plural name (`task` ↔
 * `tasks`, `library` ↔ `libraries`); other names that differ are in {@link Renames}. Fields that
 * are not in the schema are dropped.
 */
import type { Attributes, Value } from "../kind";
import type { Block } from "./schema";
import { object, type Json } from "./json";

/**
 * The names on the wire that differ from Terraform's names, by the path of the block without
 * indices, or the end of this path (`""` is the object itself).
 */
export type Renames = Readonly<Record<string, Readonly<Record<string, string>>>>;

/**
 * Converts an object, or the part of one for `block`.
 * @param path the path of `block`; "" for the object itself
 */
export function fromWire(block: Block, json: Json, renames: Renames = {}, path = ""): Attributes {
  const renamesOfBlock =
    Object.entries(renames).find(
      ([suffix]) => suffix === path || (suffix !== "" && path.endsWith(`.${suffix}`)),
    )?.[1] ?? {};
  const result: Attributes = {};
  for (const name of Object.keys(block.attributes)) {
    const value = json[renamesOfBlock[name] ?? name];
    if (value !== undefined && value !== null) result[name] = value as Value;
  }
  for (const [name, nested] of Object.entries(block.blocks)) {
    const value = json[renamesOfBlock[name] ?? name] ?? json[plural(name)];
    if (value === undefined || value === null) continue;
    const items: readonly unknown[] = Array.isArray(value) ? value : [value];
    result[name] = items.map((item) =>
      fromWire(nested.block, object(item), renames, path === "" ? name : `${path}.${name}`),
    );
  }
  return result;
}

function plural(name: string): string {
  return name.endsWith("y") ? `${name.slice(0, -1)}ies` : `${name}s`;
}
