/** Our schema, as terraform itself prints it, against the official one, row by row: no exceptions. */
import fs from "node:fs";
import path from "node:path";
import { fieldAt, isSensitive, schemaOf, type Type } from "../../src/resources/shape/schema";
import { Directory, requiredProviders } from "../support/replay-terraform";

interface PrintedBlock {
  attributes?: Record<
    string,
    { type: Type; required?: boolean; optional?: boolean; computed?: boolean; sensitive?: boolean; deprecated?: boolean }
  >;
  block_types?: Record<
    string,
    { nesting_mode: string; block: PrintedBlock & { deprecated?: boolean }; min_items?: number; max_items?: number }
  >;
}
interface Printed {
  provider_schemas: Record<
    string,
    {
      provider: { block: PrintedBlock };
      resource_schemas: Record<string, { version: number; block: PrintedBlock }>;
      data_source_schemas: Record<string, { version: number; block: PrintedBlock }>;
    }
  >;
}

/** What terraform prints, in the words of the fixture; flags that it does not print are left out of both. */
const printedFlags = ["required", "optional", "computed", "sensitive", "deprecated"] as const;

function typeText(type: Type): string {
  if (typeof type === "string") return type;
  if (type[0] !== "object") return `${type[0]}(${typeText(type[1])})`;
  const fields = Object.entries(type[1]).sort(([a], [b]) => (a < b ? -1 : 1));
  return `object(${fields.map(([name, inner]) => `${name}: ${typeText(inner)}`).join(", ")})`;
}

function rowsOf(resource: string, block: PrintedBlock, prefix = ""): string[] {
  const attributes = Object.entries(block.attributes ?? {}).map(([name, attribute]) => {
    const flags = printedFlags.filter((flag) => attribute[flag] === true);
    return [resource, prefix + name, `attribute ${typeText(attribute.type)}`, flags.join(" ")].join("\t");
  });
  const blocks = Object.entries(block.block_types ?? {}).flatMap(([name, nested]) => {
    const flags = [
      nested.block.deprecated === true ? "deprecated" : "",
      (nested.min_items ?? 0) > 0 ? `min_items=${nested.min_items ?? 0}` : "",
      (nested.max_items ?? 0) > 0 ? `max_items=${nested.max_items ?? 0}` : "",
    ].filter((flag) => flag !== "");
    return [
      [resource, prefix + name, `block ${nested.nesting_mode}`, flags.join(" ")].join("\t"),
      ...rowsOf(resource, nested.block, `${prefix}${name}.`),
    ];
  });
  return [...attributes, ...blocks];
}

interface Row {
  readonly resource: string;
  readonly field: string;
  readonly kind: string;
  readonly flags: readonly string[];
}

const fixture: readonly Row[] = fs
  .readFileSync(path.join(__dirname, "..", "fixtures", "resource-fields.tsv"), "utf8")
  .split("\n")
  .slice(1)
  .filter((line) => line !== "")
  .map((line) => {
    const [resource = "", field = "", kind = "", flags = ""] = line.split("\t");
    return { resource, field, kind, flags: flags.match(/(?:[^\s"]|"[^"]*")+/g) ?? [] };
  });

function expectedRow({ resource, field, kind, flags }: Row): string {
  const shown = kind.startsWith("block ")
    ? flags.filter((flag) => flag === "deprecated" || /^(min|max)_items=/.test(flag)).sort()
    : printedFlags.filter((flag) => flags.includes(flag));
  return [resource, field, kind, shown.join(" ")].join("\t");
}

const sortFlags = (row: string): string => {
  const [resource = "", field = "", kind = "", flags = ""] = row.split("\t");
  return [resource, field, kind, kind.startsWith("block ") ? flags.split(" ").sort().join(" ") : flags].join("\t");
};

describe("the provider's schema", () => {
  const directory = new Directory();
  afterAll(() => directory.close());

  test("is the official one, as terraform prints it", async () => {
    await directory.init();
    directory.write("main.tf.json", { terraform: { required_providers: requiredProviders } });
    const { code, stdout, stderr } = await directory.terraform(["providers", "schema", "-json"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const printed = (JSON.parse(stdout) as Printed).provider_schemas["registry.terraform.io/databricks/databricks"];
    if (printed === undefined) throw new Error("terraform printed no schema");
    const ours = [
      ...rowsOf("provider", printed.provider.block),
      ...Object.entries(printed.resource_schemas).flatMap(([name, schema]) => rowsOf(name, schema.block)),
      ...Object.entries(printed.data_source_schemas).flatMap(([name, schema]) => rowsOf(`data.${name}`, schema.block)),
    ];
    const official = fixture.filter((row) => row.field !== "@").map(expectedRow);
    expect(ours.map(sortFlags).sort()).toEqual(official.map(sortFlags).sort());
    const versions = fixture.filter((row) => row.field === "@" && row.resource !== "provider");
    for (const { resource, kind } of versions) {
      const data = resource.startsWith("data.");
      const schema = data ? printed.data_source_schemas[resource.slice(5)] : printed.resource_schemas[resource];
      expect([resource, `schema_version=${schema?.version ?? "none"}`]).toEqual([resource, kind]);
    }
  });

  test("knows what terraform does not print: replacement, defaults, exclusions", () => {
    const unknown: string[] = [];
    const flagName: Record<string, string> = {
      force_new: "forceNew",
      diff_suppress: "suppress",
      default: "default",
      conflicts_with: "conflictsWith",
      exactly_one_of: "exactlyOneOf",
      at_least_one_of: "atLeastOneOf",
      required_with: "requiredWith",
      int: "int",
    };
    for (const { resource, field, flags } of fixture) {
      const schema = schemaOf(resource);
      if (schema === undefined || field === "@") continue;
      const found = fieldAt(schema, field) as unknown as Record<string, unknown> | undefined;
      for (const flag of flags) {
        const name = flagName[flag.split("=")[0] ?? ""];
        if (name !== undefined && found?.[name] === undefined) unknown.push(`${resource} ${field} ${flag}`);
      }
    }
    expect(unknown).toEqual([]);
  });

  test("tells sensitive fields", () => {
    const secret = schemaOf("databricks_secret");
    expect(secret && isSensitive(secret, "string_value")).toBe(true);
    expect(secret && isSensitive(secret, "key")).toBe(false);
  });
});
