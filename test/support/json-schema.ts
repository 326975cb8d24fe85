import fs from "node:fs";
import path from "node:path";
import { repository } from "./project";

/**
 * The part of JSON Schema that our published schemas and that of SARIF use; any other keyword is an
 * error, so that nothing goes unchecked.
 */
type Schema = Readonly<Record<string, unknown>>;
const known = new Set([
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
  at = "$",
): string[] {
  const strange = Object.keys(schema).filter((keyword) => !known.has(keyword));
  if (strange.length > 0) return [`${at}: the checker does not know ${strange.join(", ")}`];
  if (typeof schema.$ref === "string") {
    const target = schema.$ref
      .slice(2)
      .split("/")
      .reduce<unknown>((of, part) => (of as Schema)[part], root);
    return schemaProblems(value, target as Schema, root, at);
  }
  const type = Array.isArray(value)
    ? "array"
    : value === null
      ? "null"
      : typeof value === "number" && Number.isInteger(value)
        ? "integer"
        : typeof value;
  const isType =
    schema.type === undefined ||
    schema.type === type ||
    (schema.type === "number" && type === "integer");
  if (!isType) return [`${at}: ${type} is no ${JSON.stringify(schema.type)}`];
  if (schema.const !== undefined && schema.const !== value)
    return [`${at}: is not ${JSON.stringify(schema.const)}`];
  if (Array.isArray(schema.enum) && !schema.enum.includes(value))
    return [`${at}: ${JSON.stringify(value)} is none of ${JSON.stringify(schema.enum)}`];
  if (typeof schema.pattern === "string" && !new RegExp(schema.pattern).test(String(value)))
    return [`${at}: does not match ${schema.pattern}`];
  if (typeof schema.minimum === "number" && (value as number) < schema.minimum)
    return [`${at}: is less than ${schema.minimum}`];
  if (typeof schema.maximum === "number" && (value as number) > schema.maximum)
    return [`${at}: is more than ${schema.maximum}`];
  if (schema.format !== undefined && !hasFormat(String(value), schema.format))
    return [`${at}: is no ${JSON.stringify(schema.format)}`];
  for (const [word, most] of [
    ["anyOf", Infinity],
    ["oneOf", 1],
  ] as const) {
    const choices = schema[word] as Schema[] | undefined;
    const fitting = choices?.filter(
      (choice) => schemaProblems(value, choice, root, at).length === 0,
    ).length;
    if (fitting === 0 || (fitting ?? 1) > most) return [`${at}: fits ${fitting} of ${word}`];
  }
  if (Array.isArray(value)) {
    if (
      schema.uniqueItems === true &&
      new Set(value.map((inner) => JSON.stringify(inner))).size < value.length
    )
      return [`${at}: has something twice`];
    const few =
      typeof schema.minItems === "number" && value.length < schema.minItems
        ? [`${at}: too few`]
        : [];
    return [
      ...few,
      ...(schema.items === undefined
        ? []
        : value.flatMap((inner, index) =>
            schemaProblems(inner, schema.items as Schema, root, `${at}[${index}]`),
          )),
    ];
  }
  if (typeof value !== "object" || value === null) return [];
  const properties = (schema.properties ?? {}) as Readonly<Record<string, Schema>>;
  const missing = ((schema.required ?? []) as string[])
    .filter((name) => !(name in value))
    .map((name) => `${at}: ${name} is missing`);
  const inner = Object.entries(value).flatMap(([name, field]) => {
    const of = properties[name];
    if (of !== undefined) return schemaProblems(field, of, root, `${at}.${name}`);
    return schema.additionalProperties === false ? [`${at}: ${name} is not in the schema`] : [];
  });
  return [...missing, ...inner];
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
