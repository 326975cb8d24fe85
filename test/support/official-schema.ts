/**
 * The official provider's schema as `scripts/schema.mjs` has written it, read without the code
 * under test.
 */
import fs from "node:fs";
import path from "node:path";
import type {
  Attribute,
  Block,
  NestedBlock,
  ResourceSchema,
  SchemaVersion,
  Type,
} from "../../src/resources/shape/schema";

export function officialSchemas(
  version: SchemaVersion = "1.99.0",
): ReadonlyMap<string, ResourceSchema> {
  const file = path.join(__dirname, "..", "..", "src", "resources", "schema", `${version}.tsv`);
  const lines = fs.readFileSync(file, "utf8").trim().split("\n");
  return new Map(
    lines.map((line) => {
      const [type = "", json = ""] = line.split("\t");
      return [type, JSON.parse(json) as ResourceSchema];
    }),
  );
}

export interface OfficialField {
  /** The path without indices, for example `task.new_cluster.num_workers`. */
  readonly path: string;
  readonly field: Attribute | NestedBlock;
}

/** Returns all fields of a block and its nested blocks, each block before its fields. */
export function fieldsIn(block: Block, prefix = ""): readonly OfficialField[] {
  return [
    ...Object.entries(block.attributes).map(([name, field]) => ({ path: prefix + name, field })),
    ...Object.entries(block.blocks).flatMap(([name, field]) => [
      { path: prefix + name, field },
      ...fieldsIn(field.block, `${prefix}${name}.`),
    ]),
  ];
}

/** Formats a type as Terraform does, for example `list(string)`. */
export function typeText(type: Type): string {
  if (typeof type === "string") return type;
  if (type[0] !== "object") return `${type[0]}(${typeText(type[1])})`;
  const fields = Object.entries(type[1]).sort(([a], [b]) => (a < b ? -1 : 1));
  return `object(${fields.map(([name, fieldType]) => `${name}: ${typeText(fieldType)}`).join(", ")})`;
}
