/**
 * Compares our schema, as terraform prints it, with the official one of each supported version,
 * without exceptions; and tests which version's schema is in use.
 */
import {
  fieldAt,
  isSensitive,
  schemaOf,
  schemaVersionFor,
  schemaVersions,
  useSchemaFor,
  type Type,
} from "../../src/resources/shape/schema";
import { fieldsIn, officialSchemas, typeText } from "../support/official-schema";
import { Directory } from "../support/replay-terraform";

type PrintedAttribute = {
  type?: Type;
  nested_type?: { attributes: Record<string, PrintedAttribute>; nesting_mode: string };
} & Partial<Record<(typeof printedFlags)[number], boolean>>;
interface PrintedBlock {
  attributes?: Record<string, PrintedAttribute>;
  block_types?: Record<
    string,
    {
      nesting_mode: string;
      block: PrintedBlock & { deprecated?: boolean };
      min_items?: number;
      max_items?: number;
    }
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

const printedFlags = ["required", "optional", "computed", "sensitive", "deprecated"] as const;

const attributeRow = (
  path: string,
  type: string,
  attribute: Partial<Record<(typeof printedFlags)[number], boolean>>,
): string => [path, type, ...printedFlags.filter((flag) => attribute[flag] === true)].join(" ");
function rowsOfAttribute(
  path: string,
  { type, nested_type: nested, ...flags }: PrintedAttribute,
): string[] {
  if (type !== undefined) return [attributeRow(path, typeText(type), flags)];
  const inner = Object.entries(nested?.attributes ?? {}).flatMap(([name, attribute]) =>
    rowsOfAttribute(`${path}.${name}`, attribute),
  );
  return [attributeRow(path, `nested ${nested?.nesting_mode ?? ""}`, flags), ...inner];
}
const blockRow = (path: string, nesting: string, deprecated = false, min = 0, max = 0): string =>
  `${path} block ${nesting} ${min}..${max}${deprecated ? " deprecated" : ""}`;

function rowsOfBlock(block: PrintedBlock, prefix: string): string[] {
  return [
    ...Object.entries(block.attributes ?? {}).flatMap(([name, attribute]) =>
      rowsOfAttribute(prefix + name, attribute),
    ),
    ...Object.entries(block.block_types ?? {}).flatMap(([name, nested]) => [
      blockRow(
        prefix + name,
        nested.nesting_mode,
        nested.block.deprecated,
        nested.min_items,
        nested.max_items,
      ),
      ...rowsOfBlock(nested.block, `${prefix}${name}.`),
    ]),
  ];
}

describe("the provider's schema", () => {
  const directory = new Directory();
  afterAll(() => directory.close());
  afterEach(() => useSchemaFor("1.99.0"));

  test.each(schemaVersions)(
    "of %s equals the official schema as terraform prints it",
    async (version) => {
      const required = { databricks: { source: "databricks/databricks", version } };
      directory.write("main.tf.json", { terraform: { required_providers: required } });
      const init = await directory.terraform(["init", "-no-color", "-input=false", "-upgrade"]);
      expect({ code: init.code, stderr: init.stderr }).toEqual({ code: 0, stderr: "" });
      const { code, stdout, stderr } = await directory.terraform(["providers", "schema", "-json"]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      const printed = (JSON.parse(stdout) as Printed).provider_schemas[
        "registry.terraform.io/databricks/databricks"
      ];
      if (printed === undefined) throw new Error("terraform printed no schema");
      const ownRows = [
        ...rowsOfBlock(printed.provider.block, "provider "),
        ...[
          ...Object.entries(printed.resource_schemas),
          ...Object.entries(printed.data_source_schemas).map(withDataPrefix),
        ].flatMap(([type, schema]) => [
          `${type} version ${schema.version}`,
          ...rowsOfBlock(schema.block, `${type} `),
        ]),
      ];
      const officialRows = [...officialSchemas(version)].flatMap(([type, schema]) => [
        ...(schema.version === undefined ? [] : [`${type} version ${schema.version}`]),
        ...fieldsIn(schema.block).flatMap(({ path, field }) =>
          "block" in field
            ? field.attribute === undefined
              ? [
                  blockRow(
                    `${type} ${path}`,
                    field.nesting,
                    field.deprecated,
                    field.minItems,
                    field.maxItems,
                  ),
                ]
              : [attributeRow(`${type} ${path}`, `nested ${field.attribute}`, field)]
            : rowsOfAttribute(
                `${type} ${path}`,
                field.nested === undefined
                  ? field
                  : { ...field, type: undefined, nested_type: field.nested },
              ),
        ),
      ]);
      expect(ownRows.sort()).toEqual(officialRows.sort());
    },
  );

  test("of a version in between is that of the next newer version, and above the newest that of the newest", () => {
    const versions = ["1.80.0", "1.99.0", "1.99.1", "1.100.0", "1.128.0", "1.132.0", "1.200.3"];
    const [oldVersion, current] = schemaVersions;
    expect(versions.map(schemaVersionFor)).toEqual([
      oldVersion,
      oldVersion,
      current,
      current,
      current,
      current,
      current,
    ]);
  });

  test("has what terraform does not print: replacement, defaults and conflicts", () => {
    useSchemaFor("1.99.0");
    const field = (type: string, path: string): unknown => {
      const schema = schemaOf(type);
      return schema && fieldAt(schema, path);
    };
    expect(field("databricks_job", "name")).toMatchObject({ default: "Untitled" });
    expect(field("databricks_job", "git_source.tag")).toMatchObject({
      conflictsWith: ["git_source.0.branch", "git_source.0.commit"],
    });
    expect(field("databricks_cluster", "idempotency_token")).toMatchObject({ forceNew: true });
    expect(field("databricks_job", "email_notifications")).toMatchObject({
      suppress: true,
      maxItems: 1,
    });
  });

  test("matches the version in use, including its new fields", () => {
    const hasField = (type: string, path: string): boolean =>
      fieldAt(schemaOf(type) ?? { block: { attributes: {}, blocks: {} } }, path) !== undefined;
    const newerFields = [
      ["databricks_repo", "git_credential_id"],
      ["databricks_instance_pool", "node_type_flexibility.alternate_node_type_ids"],
      ["databricks_secret", "provider_config.workspace_id"],
      // Only the bindings have this field.
      ["databricks_job", "continuous.maintenance_window.start_hour"],
    ] as const;
    expect(newerFields.map(([type, path]) => hasField(type, path))).toEqual([
      false,
      false,
      false,
      false,
    ]);
    useSchemaFor("1.132.0");
    expect(newerFields.map(([type, path]) => hasField(type, path))).toEqual([
      true,
      true,
      true,
      true,
    ]);
  });

  test("marks sensitive fields", () => {
    const secret = schemaOf("databricks_secret");
    expect(secret && isSensitive(secret, "string_value")).toBe(true);
    expect(secret && isSensitive(secret, "key")).toBe(false);
  });
});

const withDataPrefix = <T>([type, schema]: [string, T]): [string, T] => [`data.${type}`, schema];
