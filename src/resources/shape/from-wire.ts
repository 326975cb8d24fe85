/**
 * Converts REST objects to Terraform shape by the schema alone: one-element blocks are objects on
 * the wire, repeated blocks have a plural name there (`task` ↔ `tasks`, `library` ↔ `libraries`),
 * everything else keeps its name. Fields that are not in the schema are dropped.
 */
import type { Attributes, Value } from "../kind";
import type { Block } from "./schema";
import { object, type Json } from "./json";

/**
 * Other names on the wire, by the path of the block without indices (`""` = the object itself):
 * Terraform name → wire name.
 */
export type Renames = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** @param path of `block`, for `renames` */
export function fromWire(block: Block, json: Json, renames: Renames = {}, path = ""): Attributes {
  const own =
    Object.entries(renames).find(
      ([at]) => at === path || (at !== "" && path.endsWith(`.${at}`)),
    )?.[1] ?? {};
  const shaped: Attributes = {};
  for (const name of Object.keys(block.attributes)) {
    const value = json[own[name] ?? name];
    if (value !== undefined && value !== null) shaped[name] = value as Value;
  }
  for (const [name, nested] of Object.entries(block.blocks)) {
    const value = json[own[name] ?? name] ?? json[plural(name)];
    if (value === undefined || value === null) continue;
    const items: readonly unknown[] = Array.isArray(value) ? value : [value];
    shaped[name] = items.map((item) =>
      fromWire(nested.block, object(item), renames, path === "" ? name : `${path}.${name}`),
    );
  }
  return shaped;
}

function plural(name: string): string {
  return name.endsWith("y") ? `${name.slice(0, -1)}ies` : `${name}s`;
}
