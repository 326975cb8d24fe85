/**
 * This folder reduces the provider's schema to the part that a stack uses.
 * `scripts/import-order.cjs` lists what it may import.
 *
 * Terraform builds, compares and encodes every nested block of every resource, used or not: a job
 * has 254 of them, repeated for each task. Only fields without a value are removed: they are null in
 * configuration and state, and neither the provider nor the platform sets them.
 */
import { findKind } from "../index";
import type { Attribute, Block, NestedBlock, ResourceSchema } from "../shape/schema";
import { dataSourceTypes, resourceTypes, schemaOf } from "../shape/schema";

/** The part of a block that is kept: all of it, or these fields and those that are always kept. */
export type Kept = true | KeptFields;
export interface KeptFields {
  readonly [field: string]: Kept;
}

export interface SchemaCut {
  /** The kept part by type. For a type that is not listed, only the id remains. */
  readonly resources: Readonly<Record<string, Kept>>;
  /** The data sources in use, which are never cut. */
  readonly data: readonly string[];
}

/** The fields that are in use; `true` stands for a field with all its nested fields. */
type FieldTree = true | { [field: string]: FieldTree };

/** A type with fewer nested blocks is not cut, because it takes little time. */
const minBlocks = 20;

/** Collects the fields that a stack uses. Every method adds fields; none removes them. */
export class Uses {
  readonly #resources = new Map<string, FieldTree>();
  readonly #data = new Set<string>();

  /** Whether no type that lakeform supports is used, so that a cut has no benefit. */
  get isEmpty(): boolean {
    return this.#resources.size === 0 && this.#data.size === 0;
  }

  /** Adds all fields of a resource type. */
  addType(type: string): void {
    if (schemaOf(type) !== undefined) this.#resources.set(type, true);
  }

  /** Adds a field. @param path `task.description` or `task.0.description` */
  addPath(type: string, path: string): void {
    const block = schemaOf(type)?.block;
    if (block === undefined) return;
    let tree = this.#tree(type);
    const steps = path.split(".").filter((step) => !/^\d+$/.test(step));
    for (const [index, step] of steps.entries()) {
      if (tree === true) return;
      tree = index === steps.length - 1 ? (tree[step] = true) : (tree[step] ??= {});
    }
  }

  addDataSource(type: string): void {
    if (schemaOf(`data.${type}`) !== undefined) this.#data.add(type);
  }

  /**
   * Adds the fields that a configuration in Terraform's JSON syntax uses.
   * @returns false if it uses modules, whose content the provider does not read
   */
  addConfiguration(json: unknown): boolean {
    for (const section of objects(json)) {
      if (objects(section["module"]).some((modules) => Object.keys(modules).length > 0))
        return false;
      for (const types of objects(section["resource"]))
        for (const [type, resourcesByName] of Object.entries(types))
          this.#addResources(type, resourcesByName);
      for (const holder of [
        section,
        ...objects(section["check"]).flatMap((checks) => Object.values(checks).flatMap(objects)),
      ])
        for (const types of objects(holder["data"]))
          for (const type of Object.keys(types)) this.addDataSource(type);
      for (const [name, value] of Object.entries(section)) {
        if (name !== "//") this.#addReferences(value, name === "import", undefined);
      }
    }
    return true;
  }

  /** Adds the fields of a resource that have a value in a state. */
  addState(type: string, mode: string, attributes: Readonly<Record<string, unknown>>): void {
    if (mode === "data") return this.addDataSource(type);
    const block = schemaOf(type)?.block;
    const tree = this.#tree(type);
    if (block !== undefined && tree !== true) addStateFields(block, attributes, tree);
  }

  /**
   * Adds all fields of a resource in a state, even those without a value: Terraform needs their
   * schema to show unchanged resources.
   */
  addCompleteState(
    type: string,
    mode: string,
    attributes: Readonly<Record<string, unknown>>,
  ): void {
    if (mode === "data") return this.addDataSource(type);
    const block = schemaOf(type)?.block;
    const tree = this.#tree(type);
    if (block !== undefined && tree !== true) addStateFields(block, attributes, tree, true);
  }

  cut(): SchemaCut {
    return { resources: Object.fromEntries(this.#resources), data: [...this.#data] };
  }

  #tree(type: string): FieldTree {
    let tree = this.#resources.get(type);
    if (tree === undefined) {
      tree = {};
      if (schemaOf(type) !== undefined) this.#resources.set(type, tree);
    }
    return tree;
  }

  #addResources(type: string, resourcesByName: unknown): void {
    const block = schemaOf(type)?.block;
    const tree = this.#tree(type);
    if (block === undefined) return;
    for (const body of objects(resourcesByName).flatMap((names) =>
      Object.values(names).flatMap(objects),
    )) {
      if (tree !== true) addConfiguredFields(block, body, tree);
      for (const lifecycle of objects(body["lifecycle"])) {
        // Keep the fields in `ignore_changes`, because Terraform rejects fields that the schema
        // lacks.
        for (const path of stringsIn(lifecycle["ignore_changes"]))
          this.addPath(type, /^\w+/.exec(path)?.[0] ?? "");
        this.#addReferences(lifecycle["replace_triggered_by"], true, type);
      }
      this.#addReferences(body, false, type);
    }
  }

  /**
   * Adds resource fields used in expressions.
   * @param isExpression whether strings are expressions, not templates
   * @param selfType the type that `self` refers to
   */
  #addReferences(value: unknown, isExpression: boolean, selfType: string | undefined): void {
    for (const text of stringsIn(value)) {
      if (!isExpression && !text.includes("${") && !text.includes("%{")) continue;
      if (selfType !== undefined && /\bself\b/.test(text)) this.addType(selfType);
      for (const [, data, type = "", field] of text.matchAll(reference)) {
        if (data !== undefined) this.addDataSource(type);
        else if (field === undefined) this.addType(type);
        else this.addPath(type, field);
      }
    }
  }
}

/**
 * Matches a reference (`databricks_job.a.name`, `data.databricks_job.a`,
 * `databricks_job.a["x"].task`) with its type and first field. A reference to a complete resource
 * has no field.
 */
const reference =
  /\b(data\.)?(databricks_\w+)(?:\.[\w-]+(?:\[[^[\]]*\])?(?:\.\*)?\.([A-Za-z_]\w*))?/g;

function addConfiguredFields(
  block: Block,
  body: Readonly<Record<string, unknown>>,
  tree: { [field: string]: FieldTree },
): void {
  for (const [name, value] of Object.entries(body)) {
    if (name === "dynamic")
      for (const blocks of objects(value))
        for (const generated of Object.keys(blocks)) tree[generated] = true;
    else if (block.attributes[name] !== undefined) tree[name] = true;
    const nested = block.blocks[name];
    if (nested === undefined || value === null) continue;
    const items = Array.isArray(value) ? (value as unknown[]) : [value];
    const inner = items.every(isObject) ? (tree[name] ??= {}) : (tree[name] = true);
    if (inner !== true)
      for (const item of items.filter(isObject)) addConfiguredFields(nested.block, item, inner);
  }
}

/** @param includesEmpty whether to also add fields without a value */
function addStateFields(
  block: Block,
  attributes: Readonly<Record<string, unknown>>,
  tree: { [field: string]: FieldTree },
  includesEmpty = false,
): void {
  for (const name in attributes) {
    const value = attributes[name];
    if (!includesEmpty && (value === null || value === undefined)) continue;
    const nested = block.blocks[name];
    if (nested === undefined) {
      if (block.attributes[name] !== undefined) tree[name] = true;
      continue;
    }
    const items = Array.isArray(value) ? (value as unknown[]) : [value];
    if (!includesEmpty && items.length === 0) continue;
    const inner = (tree[name] ??= {});
    if (inner !== true)
      for (const item of items)
        if (isObject(item)) addStateFields(nested.block, item, inner, includesEmpty);
  }
}

/**
 * Returns all schemas by type, reduced by the cut. Data sources have the prefix `data.`.
 * @param cut undefined for the full schemas
 */
export function cutSchemas(cut: SchemaCut | undefined): ReadonlyMap<string, ResourceSchema> {
  const servedSchemas = new Map<string, ResourceSchema>();
  const names = [...resourceTypes(), ...dataSourceTypes().map((type) => `data.${type}`)];
  for (const name of names) {
    const schema = schemaOf(name);
    if (schema !== undefined)
      servedSchemas.set(name, cut === undefined ? schema : cutSchema(name, schema, cut));
  }
  return servedSchemas;
}

function cutSchema(name: string, schema: ResourceSchema, cut: SchemaCut): ResourceSchema {
  const kept = name.startsWith("data.")
    ? cut.data.includes(name.slice("data.".length)) || undefined
    : cut.resources[name];
  if (kept === undefined)
    return { ...schema, block: { attributes: idOf(schema.block), blocks: {} } };
  if (kept === true || countBlocks(schema.block) < minBlocks) return schema;
  return { ...schema, block: cutBlock(schema.block, kept, "", rulesOf(name, schema.block)) };
}

function idOf({ attributes }: Block): Block["attributes"] {
  const { id } = attributes;
  return id === undefined ? {} : { id };
}

function countBlocks(block: Block): number {
  return Object.values(block.blocks).reduce(
    (sum, nested) => sum + 1 + countBlocks(nested.block),
    0,
  );
}

interface FieldRules {
  /**
   * Fields that the platform or a rule of the kind sets. They are kept with their nested fields.
   */
  readonly filled: ReadonlySet<string>;
  /** Fields that exclude or require each other. */
  readonly grouped: ReadonlySet<string>;
}

function rulesOf(type: string, block: Block): FieldRules {
  const kind = findKind(type);
  const rules = [
    kind?.rules.backendDefaults,
    kind?.suppress,
    kind?.adjust,
    kind?.defaults,
    kind?.forcesNew,
  ];
  const grouped = new Set<string>();
  const collect = (parent: Block, prefix: string): void => {
    for (const [name, field] of [
      ...Object.entries(parent.attributes),
      ...Object.entries(parent.blocks),
    ]) {
      const groupFields = groupsOf(field);
      if (groupFields.length > 0) grouped.add(prefix + name);
      for (const other of groupFields) grouped.add(other.replaceAll(/\.\d+/g, ""));
    }
    for (const [name, nested] of Object.entries(parent.blocks))
      collect(nested.block, `${prefix}${name}.`);
  };
  collect(block, "");
  return { filled: new Set(rules.flatMap((rule) => Object.keys(rule ?? {}))), grouped };
}

const groupsOf = ({
  conflictsWith,
  exactlyOneOf,
  atLeastOneOf,
  requiredWith,
}: Attribute | NestedBlock): readonly string[] =>
  [conflictsWith, exactlyOneOf, atLeastOneOf, requiredWith].flatMap((group) => group ?? []);

function cutBlock(block: Block, kept: KeptFields, prefix: string, fieldRules: FieldRules): Block {
  const attributes: Record<string, Attribute> = {};
  for (const [name, attribute] of Object.entries(block.attributes)) {
    const path = prefix + name;
    if (
      kept[name] !== undefined ||
      fieldRules.filled.has(path) ||
      fieldRules.grouped.has(path) ||
      isAlwaysKept(attribute)
    )
      attributes[name] = attribute;
  }
  const blocks: Record<string, NestedBlock> = {};
  for (const [name, nested] of Object.entries(block.blocks)) {
    const path = prefix + name;
    const isNeeded =
      nested.required === true || (nested.minItems ?? 0) > 0 || fieldRules.grouped.has(path);
    const inner = kept[name] ?? (isNeeded ? {} : undefined);
    const keepsAll =
      inner === true ||
      nested.computed === true ||
      nested.nesting === "single" ||
      fieldRules.filled.has(path);
    // Also keep all fields of sets, whose elements are compared as complete values.
    if (keepsAll || (inner !== undefined && nested.nesting === "set")) blocks[name] = nested;
    else if (inner !== undefined)
      blocks[name] = {
        ...nested,
        block: cutBlock(nested.block, inner, `${path}.`, fieldRules),
      };
  }
  return { attributes, blocks };
}

/**
 * Whether an attribute is always kept, because a state can have a value for it that neither the
 * code nor the response sets: zero for numbers and booleans, the default, or a computed value.
 */
function isAlwaysKept({ required, computed, default: value, type }: Attribute): boolean {
  if (required === true || computed === true || value !== undefined) return true;
  return (
    type !== "string" &&
    !(Array.isArray(type) && (type[0] === "list" || type[0] === "set") && type[1] === "string")
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Returns the objects in a value: Terraform's JSON syntax allows one, or a list, at each level. */
function objects(value: unknown): Record<string, unknown>[] {
  if (Array.isArray(value)) return value.flatMap(objects);
  return isObject(value) ? [value] : [];
}

/** Collects the strings in a value and the names with expressions. Skips comments, `depends_on`. */
function stringsIn(value: unknown, strings: string[] = []): string[] {
  if (typeof value === "string") strings.push(value);
  else if (Array.isArray(value)) for (const item of value) stringsIn(item, strings);
  else if (isObject(value))
    for (const name in value) {
      if (name === "//" || name === "depends_on") continue;
      stringsIn(value[name], strings);
      if (name.includes("${")) strings.push(name);
    }
  return strings;
}
