/**
 * The Terraform schema of the kinds and data sources, equal to the official provider's:
 * `schema/<version>.tsv`, written by `scripts/schema.mjs`. A process uses one version: that of the
 * bindings with which its stacks were synthesized.
 */
import fs from "node:fs";
import path from "node:path";
import { isOlder } from "../../package-versions";
import type { Value } from "../kind";

/**
 * Terraform's JSON notation of a type: `"string"`, `["list", "string"]`,
 * `["list", ["object", { … }]]`.
 */
export type Type =
  | "string"
  | "number"
  | "bool"
  | readonly ["list" | "set" | "map", Type]
  | readonly ["object", Readonly<Record<string, Type>>];

/**
 * Common properties of attributes and blocks. Paths in the lists of other fields have indices:
 * `git_source.0.tag`.
 */
interface Field {
  readonly optional?: boolean;
  readonly required?: boolean;
  readonly computed?: boolean;
  readonly deprecated?: boolean;
  /** Whether a change creates a new object. */
  readonly forceNew?: boolean;
  /**
   * Set if the official provider suppresses some differences: those that the kind's `suppress`
   * returns or, by default, those in which the configuration is empty.
   */
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
  /** Whether only integers are allowed. */
  readonly int?: boolean;
  readonly default?: Value;
  /** The attributes of its objects, as Terraform prints them, if it is a nested attribute. */
  readonly nested?: NestedType;
}

/** A nested attribute as Terraform prints it. */
export interface NestedType {
  readonly nesting_mode: "single" | "list" | "set";
  readonly attributes: Readonly<
    Record<
      string,
      Omit<Attribute, "type"> & { readonly type?: Type; readonly nested_type?: NestedType }
    >
  >;
}

export interface NestedBlock extends Field {
  /** How the block is repeated. Only `timeouts` is `single`: an object instead of a list of one. */
  readonly nesting: "list" | "set" | "single";
  readonly block: Block;
  /**
   * Set for a nested attribute, which is written `x = {…}` or `x = [{…}]`. Everywhere except in the
   * protocol it is treated as a block; a single one is a list of one.
   */
  readonly attribute?: "single" | "list" | "set";
  /** Set if the block is one object on the wire, although the schema allows several. */
  readonly single?: true;
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
  /** Set for types that use Terraform's newer plugin framework, in which null and zero differ. */
  readonly pluginFramework?: boolean;
}

/** The versions of the official provider whose schema is known, oldest first. */
export const schemaVersions = ["1.99.0", "1.132.0"] as const;
export type SchemaVersion = (typeof schemaVersions)[number];

let currentVersion: SchemaVersion = "1.99.0";

export const schemaInUse = (): SchemaVersion => currentVersion;

/** Selects the schema for a version of the provider; undefined keeps the current schema. */
export function useSchemaFor(version: string | undefined): void {
  if (version !== undefined) currentVersion = schemaVersionFor(version);
}

/**
 * Returns the oldest known schema that has all fields of a provider version; for newer providers,
 * the newest schema.
 */
export function schemaVersionFor(version: string): SchemaVersion {
  return schemaVersions.find((known) => !isOlder(known, version)) ?? "1.132.0";
}

/**
 * Folders that may contain the schema: one for the sources and dist/src/resources/shape, one for
 * the provider's bundle.
 */
const folders = [
  path.join(__dirname, "..", "schema"),
  path.join(__dirname, "src", "resources", "schema"),
];

/** The schema of each type: its JSON text until it is needed, because parsing takes time. */
const loadedSchemas = new Map<SchemaVersion, Map<string, ResourceSchema | string>>();

function schemas(): Map<string, ResourceSchema | string> {
  const known = loadedSchemas.get(currentVersion);
  if (known !== undefined) return known;
  const file = folders
    .map((folder) => path.join(folder, `${currentVersion}.tsv`))
    .find((file) => fs.existsSync(file));
  if (file === undefined) throw new Error(`no ${currentVersion}.tsv in ${folders.join(" or ")}`);
  const lines = fs.readFileSync(file, "utf8").trim().split("\n");
  const result = new Map(
    lines.map((line): [string, string] => [
      line.slice(0, line.indexOf("\t")),
      line.slice(line.indexOf("\t") + 1),
    ]),
  );
  loadedSchemas.set(currentVersion, result);
  return result;
}

/**
 * Returns the schema of a type. @param type `databricks_job`; data sources have the prefix `data.`
 */
export function schemaOf(type: string): ResourceSchema | undefined {
  const stored = schemas().get(type);
  if (typeof stored !== "string") return stored;
  const parsed = JSON.parse(stored) as ResourceSchema;
  schemas().set(type, parsed);
  return parsed;
}

/** Returns the schema block of a type that lakeform supports. */
export function blockOf(type: string): Block {
  const schema = schemaOf(type);
  if (schema === undefined) throw new Error(`the schema of ${currentVersion} has no ${type}`);
  return schema.block;
}

/** Wraps a function of a schema, so that it runs only once for each schema. */
export function perSchema<T extends object>(
  compute: (type: string, schema: ResourceSchema) => T,
): (type: string) => T | undefined {
  const results = new WeakMap<ResourceSchema, T>();
  return (type) => {
    const schema = schemaOf(type);
    if (schema === undefined) return undefined;
    const result = results.get(schema) ?? compute(type, schema);
    results.set(schema, result);
    return result;
  };
}

/** Returns the schema of the provider's own configuration block. */
export function providerSchema(): ResourceSchema {
  return { block: blockOf("provider") };
}

/** Returns all resource types of the schema, without data sources. */
export function resourceTypes(): readonly string[] {
  return [...schemas().keys()].filter((name) => name !== "provider" && !name.startsWith("data."));
}

/** Returns all data sources of the schema, without the prefix `data.`. */
export function dataSourceTypes(): readonly string[] {
  return [...schemas().keys()]
    .filter((name) => name.startsWith("data."))
    .map((name) => name.slice("data.".length));
}

/** Returns the attribute or block at a path without indices: `task.new_cluster.num_workers`. */
export function fieldAt(schema: ResourceSchema, path: string): Attribute | NestedBlock | undefined {
  const steps = path.split(".");
  const last = steps.pop();
  let block: Block | undefined = schema.block;
  for (const step of steps) block = block?.blocks[step]?.block;
  return last === undefined ? undefined : (block?.attributes[last] ?? block?.blocks[last]);
}

/** Whether an attribute is sensitive, so that its value must not be shown. */
export function isSensitive(schema: ResourceSchema, path: string): boolean {
  const field = fieldAt(schema, path);
  return field !== undefined && "sensitive" in field && field.sensitive === true;
}

/** Returns the fix for a type that the embedded provider does not support. */
export function unsupportedTypeFix(type: string): string {
  const kinds = resourceTypes()
    .map((name) => name.replace("databricks_", ""))
    .sort();
  return `${type} is not supported by lakeform's embedded provider, which supports ${kinds.join(", ")}. Use the official provider: provider: "official" in the environment's profile; in a plain Terraform folder, unset TF_CLI_CONFIG_FILE and TF_DATA_DIR (lakeform env sets them) and run terraform init`;
}
