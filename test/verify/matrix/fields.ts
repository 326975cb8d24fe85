/**
 * The official schema's fields, and configurations that set a given field. This file does not use
 * the kinds, so that fields they lack are detected.
 */
import {
  schemaInUse,
  type Attribute,
  type Block,
  type NestedBlock,
  type SchemaVersion,
} from "../../../src/resources/shape/schema";
import { officialSchemas, typeText } from "../../support/official-schema";

export interface FieldNode {
  readonly name: string;
  readonly path: string;
  /**
   * `string`, `number`, `bool`, `list(string)`, `set(string)`, `map(string)`; absent for a block.
   */
  readonly type?: string;
  readonly required: boolean;
  readonly computedOnly: boolean;
  readonly forceNew: boolean;
  readonly hasDefault: boolean;
  readonly single: boolean;
  readonly children: readonly FieldNode[];
}

const trees = new Map<string, readonly FieldNode[]>();

/** Returns the fields of a type in the schema version in use. */
export function fieldTree(
  type: string,
  version: SchemaVersion = schemaInUse(),
): readonly FieldNode[] {
  const block = trees.has(`${version} ${type}`)
    ? undefined
    : officialSchemas(version).get(type)?.block;
  const tree = trees.get(`${version} ${type}`) ?? (block === undefined ? [] : nodesOf(block, ""));
  trees.set(`${version} ${type}`, tree);
  return tree;
}

function nodesOf({ attributes, blocks }: Block, prefix: string): readonly FieldNode[] {
  const fields = Object.entries<Attribute | NestedBlock>({ ...attributes, ...blocks });
  return fields.map(([name, field]) => ({
    name,
    path: prefix + name,
    required: field.required === true || ("block" in field && (field.minItems ?? 0) > 0),
    computedOnly: field.computed === true && field.optional !== true && !("block" in field),
    forceNew: field.forceNew === true,
    single: field.maxItems === 1 || ("block" in field && field.nesting === "single"),
    ...("block" in field
      ? { hasDefault: false, children: nodesOf(field.block, `${prefix}${name}.`) }
      : { type: typeText(field.type), hasDefault: field.default !== undefined, children: [] }),
  }));
}

export function leaves(nodes: readonly FieldNode[]): readonly FieldNode[] {
  return nodes.flatMap((node) => (node.type === undefined ? leaves(node.children) : [node]));
}

export type Json = string | number | boolean | Json[] | { [key: string]: Json };
export type Values = (node: FieldNode, variant: "a" | "b") => Json;

/** Returns a value of the field's type. */
export function anyValue(node: FieldNode, variant: "a" | "b"): Json {
  switch (node.type) {
    case "number":
      return variant === "a" ? 3 : 7;
    case "bool":
      return variant === "b";
    case "list(string)":
    case "set(string)":
      return [`${node.name}-${variant}`];
    case "map(string)":
      return { key: `${node.name}-${variant}` };
    default:
      return `${node.name}-${variant}`;
  }
}

/**
 * Returns the block with its required fields and the blocks on the path to `leaf`; the leaf itself
 * only if `value` is given.
 */
export function blockFor(
  nodes: readonly FieldNode[],
  leaf: FieldNode,
  value: Json | undefined,
  values: Values,
): Record<string, Json> {
  const block: Record<string, Json> = {};
  for (const node of nodes) {
    const isOnPath = leaf.path === node.path || leaf.path.startsWith(`${node.path}.`);
    if (node.path === leaf.path) {
      if (value !== undefined) block[node.name] = value;
      else if (node.required) block[node.name] = values(node, "a");
    } else if (node.type !== undefined) {
      if (node.required) block[node.name] = values(node, "a");
    } else if (isOnPath || node.required) {
      const inner = blockFor(node.children, leaf, value, values);
      block[node.name] = [inner];
    }
  }
  return block;
}

/** Returns a path without keys, indices and map entries. */
export function plainPath(path: string): string {
  let depth = 0;
  let text = "";
  for (const sign of path) {
    if (sign === "[") depth += 1;
    if (depth === 0) text += sign;
    if (sign === "]") depth -= 1;
  }
  return text;
}

/**
 * Whether a finding is at the field, or at a surrounding block that was added or removed with it.
 */
export function covers(path: string, field: string): boolean {
  const pathWithoutKeys = plainPath(path);
  return field === pathWithoutKeys || field.startsWith(`${pathWithoutKeys}.`);
}
