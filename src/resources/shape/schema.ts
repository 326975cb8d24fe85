/**
 * The Terraform schema of the kinds and data sources, equal to the official provider 1.99.0. Generated into `schema/fields.json` by
 * `scripts/schema.mjs` from the bindings' own description and `schema/overlay.tsv`.
 */
import type { Value } from "../kind";
import fields from "../schema/fields.json";

/** Terraform's JSON notation of a type: `"string"`, `["list", "string"]`, `["list", ["object", { … }]]`. */
export type Type =
  "string" | "number" | "bool" | readonly ["list" | "set" | "map", Type] | readonly ["object", Readonly<Record<string, Type>>];

/** Common properties of attributes and blocks. Paths in the lists of other fields have indices: `git_source.0.tag`. */
interface Field {
  readonly optional?: boolean;
  readonly required?: boolean;
  readonly computed?: boolean;
  readonly deprecated?: boolean;
  /** A change creates a new object. */
  readonly forceNew?: boolean;
  /** The official provider suppresses some differences: by default if the configuration is empty, or according to the kind's `suppress`. */
  readonly suppress?: boolean;
  readonly conflictsWith?: readonly string[];
  readonly exactlyOneOf?: readonly string[];
  readonly atLeastOneOf?: readonly string[];
  readonly requiredWith?: readonly string[];
  readonly minItems?: number;
  readonly maxItems?: number;
}

export interface Attribute extends Field {
  readonly type: Type;
  readonly sensitive?: boolean;
  /** Only whole numbers. */
  readonly int?: boolean;
  readonly default?: Value;
}

export interface NestedBlock extends Field {
  /** `single` is `timeouts`: an object, not a list of one. */
  readonly nesting: "list" | "set" | "single";
  readonly block: Block;
}

export interface Block {
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly blocks: Readonly<Record<string, NestedBlock>>;
}

export interface ResourceSchema {
  /** Version of the state; absent for the provider itself. */
  readonly version?: number;
  readonly block: Block;
  readonly importable?: boolean;
  readonly updatable?: boolean;
  /** Written with Terraform's newer framework: null and zero differ. */
  readonly pluginFramework?: boolean;
}

const schemas = fields as unknown as Readonly<Record<string, ResourceSchema>>;

/** @param type `databricks_job`; a data source has the prefix `data.` */
export function schemaOf(type: string): ResourceSchema | undefined {
  return Object.hasOwn(schemas, type) ? schemas[type] : undefined;
}

/** The block of a kind that lakeform has. */
export function blockOf(type: string): Block {
  const schema = schemaOf(type);
  if (schema === undefined) throw new Error(`schema/fields.json has no ${type}`);
  return schema.block;
}

/** The provider's own configuration block. */
export function providerSchema(): ResourceSchema {
  const schema = schemas["provider"];
  if (schema === undefined) throw new Error("schema/fields.json has no provider");
  return schema;
}

/** All resource types of the schema, without data sources. */
export function resourceTypes(): readonly string[] {
  return Object.keys(schemas).filter((name) => name !== "provider" && !name.startsWith("data."));
}

/** All data sources of the schema, without the prefix `data.`. */
export function dataSourceTypes(): readonly string[] {
  return Object.keys(schemas)
    .filter((name) => name.startsWith("data."))
    .map((name) => name.slice("data.".length));
}

/** The field at a path without indices (`task.new_cluster.num_workers`), attribute or block. */
export function fieldAt(schema: ResourceSchema, path: string): Attribute | NestedBlock | undefined {
  const steps = path.split(".");
  const last = steps.pop();
  let block: Block | undefined = schema.block;
  for (const step of steps) block = block?.blocks[step]?.block;
  return last === undefined ? undefined : (block?.attributes[last] ?? block?.blocks[last]);
}

/** True if the value of a field must not be shown: the field itself, or the block around it. */
export function isSensitive(schema: ResourceSchema, path: string): boolean {
  const field = fieldAt(schema, path);
  return field !== undefined && "sensitive" in field && field.sensitive === true;
}

/** What to do about a type that the embedded provider lacks. */
export function withoutKind(type: string): string {
  const kinds = resourceTypes()
    .map((name) => name.replace("databricks_", ""))
    .sort();
  return `${type} is not supported by lakeform's embedded provider, which supports ${kinds.join(", ")}. Use the official provider: provider: "official" in the environment's profile; in a plain Terraform folder, unset TF_CLI_CONFIG_FILE and TF_DATA_DIR (lakeform env sets them) and run terraform init`;
}
