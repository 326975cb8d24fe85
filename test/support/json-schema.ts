import fs from "node:fs";
import path from "node:path";
import { repository } from "./project";

/**
 * The part of JSON Schema that our published schemas and that of SARIF use; any other keyword is an
 * error, so that nothing goes unchecked.
 */
type Schema = Readonly<Record<string, unknown>>;
const SUPPORTED_KEYWORDS = new Set([
  "$schema",
  "$id",
  "$ref",
  "$defs",
  "title",
  "description",
  "type",
  "enum",
  "const",
  "properties",
  "required",
  "additionalProperties",
  "items",
  "minItems",
  "uniqueItems",
  "minimum",
  "maximum",
  "pattern",
  "format",
  "anyOf",
  "oneOf",
  // The SARIF schema uses draft 4.
  "id",
  "definitions",
  "default",
]);

export const readSchema = (file: string): Schema =>
  JSON.parse(fs.readFileSync(path.join(repository, file), "utf8")) as Schema;

export function schemaProblems(
  value: unknown,
  schema: Schema,
  root: Schema = schema,
  location = "$",
): string[] {
  const unsupported = Object.keys(schema).filter((keyword) => !SUPPORTED_KEYWORDS.has(keyword));
  if (unsupported.length > 0)
    return [`${location}: unsupported keywords ${unsupported.join(", ")}`];
  if (typeof schema.$ref === "string") {
    const target = schema.$ref
      .slice(2)
      .split("/")
      .reduce<unknown>((parent, part) => (parent as Schema)[part], root);
    return schemaProblems(value, target as Schema, root, location);
  }
  const type = Array.isArray(value)
    ? "array"
    : value === null
      ? "null"
      : typeof value === "number" && Number.isInteger(value)
        ? "integer"
        : typeof value;
  const hasType =
    schema.type === undefined ||
    schema.type === type ||
    (schema.type === "number" && type === "integer");
  if (!hasType) return [`${location}: the type ${type} is not ${JSON.stringify(schema.type)}`];
  if (schema.const !== undefined && schema.const !== value)
    return [`${location}: is not ${JSON.stringify(schema.const)}`];
  if (Array.isArray(schema.enum) && !schema.enum.includes(value))
    return [`${location}: ${JSON.stringify(value)} is not one of ${JSON.stringify(schema.enum)}`];
  if (typeof schema.pattern === "string" && !new RegExp(schema.pattern).test(String(value)))
    return [`${location}: does not match ${schema.pattern}`];
  if (typeof schema.minimum === "number" && (value as number) < schema.minimum)
    return [`${location}: is less than ${schema.minimum}`];
  if (typeof schema.maximum === "number" && (value as number) > schema.maximum)
    return [`${location}: is more than ${schema.maximum}`];
  if (schema.format !== undefined && !hasFormat(String(value), schema.format))
    return [`${location}: does not have the format ${JSON.stringify(schema.format)}`];
  for (const [keyword, maxMatches] of [
    ["anyOf", Infinity],
    ["oneOf", 1],
  ] as const) {
    const choices = schema[keyword] as Schema[] | undefined;
    const matchCount = choices?.filter(
      (choice) => schemaProblems(value, choice, root, location).length === 0,
    ).length;
    if (matchCount === 0 || (matchCount ?? 1) > maxMatches)
      return [`${location}: matches ${matchCount} schemas of ${keyword}`];
  }
  if (Array.isArray(value)) {
    if (
      schema.uniqueItems === true &&
      new Set(value.map((item) => JSON.stringify(item))).size < value.length
    )
      return [`${location}: has duplicate items`];
    const lengthProblems =
      typeof schema.minItems === "number" && value.length < schema.minItems
        ? [`${location}: too few`]
        : [];
    return [
      ...lengthProblems,
      ...(schema.items === undefined
        ? []
        : value.flatMap((item, index) =>
            schemaProblems(item, schema.items as Schema, root, `${location}[${index}]`),
          )),
    ];
  }
  if (typeof value !== "object" || value === null) return [];
  const properties = (schema.properties ?? {}) as Readonly<Record<string, Schema>>;
  const missing = ((schema.required ?? []) as string[])
    .filter((name) => !(name in value))
    .map((name) => `${location}: ${name} is missing`);
  const fieldProblems = Object.entries(value).flatMap(([name, field]) => {
    const fieldSchema = properties[name];
    if (fieldSchema !== undefined)
      return schemaProblems(field, fieldSchema, root, `${location}.${name}`);
    if (schema.additionalProperties === false) return [`${location}: ${name} is not in the schema`];
    return typeof schema.additionalProperties === "object"
      ? schemaProblems(field, schema.additionalProperties as Schema, root, `${location}.${name}`)
      : [];
  });
  return [...missing, ...fieldProblems];
}

function hasFormat(value: string, format: unknown): boolean {
  switch (format) {
    case "uri":
      return URL.canParse(value);
    case "uri-reference":
      return !/[\s<>"{}|\\^`]/.test(value) && URL.canParse(value, "file:///");
    case "date-time":
      return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(value);
    default:
      return false;
  }
}
