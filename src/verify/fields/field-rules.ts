/**
 * This folder derives the rules of a field from the schema and the resource type, before any object
 * is read. `scripts/import-order.cjs` lists what it may import.
 */
import { defined } from "../../defined";
import type { Value } from "../../resources/kind";
import type { Block, Type } from "../../resources/shape/schema";
import { findKind } from "../../resources";
import { perSchema } from "../../resources/shape/schema";
import type { Desired, DesiredObject } from "../expressions/values";
import { Sensitive, isDesiredObject, isZero } from "../expressions/values";

/**
 * The properties of a field that the comparison uses.
 */
export interface FieldInfo {
  readonly is: "map" | "set" | "list" | "scalar" | "block" | "blocks" | "blockSet";
  /**
   * True if only the platform sets the field, so that it is never compared with the code.
   */
  readonly computedOnly: boolean;
  /** True if the platform sets the field when the code does not. */
  readonly optionalComputed: boolean;
  readonly sensitive: boolean;
  readonly replaces: boolean;
  readonly default?: Value;
}

/** By path without indices: `task.new_cluster.num_workers`. */
export type Fields = ReadonlyMap<string, FieldInfo>;

const noFields: Fields = new Map();

/** The fields of a resource type; empty for a type without a schema. */
export const fieldsOf = (type: string): Fields => fieldsByType(type) ?? noFields;

const fieldsByType = perSchema((type, { block }): Fields => {
  const fields = new Map<string, FieldInfo>();
  // Secrets that no call returns, such as the token of a git credential.
  const writeOnly = findKind(type)?.rules.unverifiable ?? {};
  collect(block, "", fields, (path) => writeOnly[path] !== undefined);
  return fields;
});

function collect(
  block: Block,
  prefix: string,
  fields: Map<string, FieldInfo>,
  isWriteOnly: (path: string) => boolean,
): void {
  for (const [name, attribute] of Object.entries(block.attributes)) {
    const isComputed = attribute.computed === true;
    const isSettable = attribute.optional === true || attribute.required === true;
    fields.set(prefix + name, {
      is: shapeOf(attribute.type),
      computedOnly: isComputed && !isSettable,
      optionalComputed: isComputed && isSettable,
      sensitive:
        attribute.sensitive === true || (attribute.type === "string" && isWriteOnly(prefix + name)),
      replaces: attribute.forceNew === true,
      ...defined({ default: attribute.default }),
    });
  }
  for (const [name, nested] of Object.entries(block.blocks)) {
    fields.set(prefix + name, {
      is:
        nested.nesting === "single" || nested.maxItems === 1
          ? "block"
          : nested.nesting === "set"
            ? "blockSet"
            : "blocks",
      // A block can always be set; "computed" means that the platform fills it in otherwise
      // (run_as).
      computedOnly: false,
      optionalComputed: nested.computed === true,
      sensitive: false,
      replaces: nested.forceNew === true,
    });
    collect(nested.block, `${prefix}${name}.`, fields, isWriteOnly);
  }
}

function shapeOf(type: Type): FieldInfo["is"] {
  if (typeof type === "string") return "scalar";
  return type[0] === "map"
    ? "map"
    : type[0] === "set"
      ? "set"
      : type[0] === "list"
        ? "list"
        : "block";
}

/** The names of fields with a non-zero default, where the code may set `false` or 0 on purpose. */
export const namesWithNonZeroDefault = (type: string): ReadonlySet<string> =>
  nonZeroDefaults(type) ?? new Set();

const nonZeroDefaults = perSchema((type): ReadonlySet<string> => {
  const defaults = [...fieldsOf(type)].filter(
    ([, info]) => info.default !== undefined && !isZero(info.default),
  );
  return new Set(defaults.map(([field]) => field.slice(field.lastIndexOf(".") + 1)));
});

/** Fields whose values are never shown: sensitive according to the schema, and write-only ones. */
export const sensitivePaths = (type: string): readonly (readonly string[])[] =>
  sensitiveFields(type) ?? [];

const sensitiveFields = perSchema((type): readonly (readonly string[])[] =>
  [...fieldsOf(type)].filter(([, info]) => info.sensitive).map(([path]) => path.split(".")),
);

/** The sensitive fields as a tree, so that an object is traversed only once. */
export interface SensitiveTree {
  readonly [name: string]: SensitiveTree | true;
}

export const sensitiveTree = (type: string): SensitiveTree => trees(type) ?? {};

const trees = perSchema((type) => treeOf(sensitivePaths(type)));

function treeOf(paths: readonly (readonly string[])[]): SensitiveTree {
  const heads = new Set(paths.map(([head = ""]) => head));
  const restOfPaths = (head: string): string[][] =>
    paths.filter(([first]) => first === head).map(([, ...rest]) => rest);
  return Object.fromEntries(
    [...heads].map(
      (head) =>
        [
          head,
          restOfPaths(head).some((rest) => rest.length === 0) ? true : treeOf(restOfPaths(head)),
        ] as const,
    ),
  );
}

/**
 * Wraps the values of sensitive fields, so that they cannot be printed by accident. Copies only the
 * objects that change, so that unchanged ones can be shared.
 */
export function markSensitive(type: string, value: DesiredObject): DesiredObject {
  return wrapFields(value, sensitiveTree(type));
}

function wrapFields(block: DesiredObject, tree: SensitiveTree): DesiredObject {
  let marked = block;
  for (const step in tree) {
    const inner = block[step];
    const subtree = tree[step];
    if (
      inner === undefined ||
      inner === null ||
      inner === "" ||
      inner instanceof Sensitive ||
      subtree === undefined
    )
      continue;
    const result = subtree === true ? new Sensitive(inner) : wrap(inner, subtree);
    if (result === inner) continue;
    if (marked === block) marked = { ...block };
    marked[step] = result;
  }
  return marked;
}

function wrap(value: Desired, tree: SensitiveTree): Desired {
  if (isDesiredObject(value)) return wrapFields(value, tree);
  if (!Array.isArray(value)) return value;
  let items: Desired[] | undefined;
  for (let index = 0; index < value.length; index += 1) {
    const item = value[index] ?? null;
    const result = wrap(item, tree);
    if (result !== item) (items ??= [...value])[index] = result;
  }
  return items ?? value;
}
