// node scripts/schema.mjs DIRECTORY [databricks_x data.databricks_y …]: writes
// src/resources/schema/<version>.tsv, the schema of each supported version of the official
// provider, for the types already in the file and those given. Each line has a type and its schema.
// Sources:
// - DIRECTORY/sdk-<version>.json: the provider's own description of its schema, including what
//   `terraform providers schema` omits: forceNew, defaults, conflicts, suppressed differences;
// - DIRECTORY/terraform-<version>.json: `terraform providers schema -json`, for the provider block
//   and types not written with the plugin SDK;
// - the bindings' .jsii file, from npm, for arguments that the descriptions lack.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

/**
 * Each supported version, with the version of its description in DIRECTORY, and the bindings that
 * add what this description lacks.
 */
const versions = [
  // The description is complete, except that `terraform providers schema` loses attributes named
  // "description": only types written with the plugin framework need the bindings.
  {
    version: "1.99.0",
    described: "1.99.0",
    bindings: "@cdktf/provider-databricks@15.16.1",
    frameworkOnly: true,
  },
  { version: "1.132.0", described: "1.128.0", bindings: "@cdktn/provider-databricks@18.7.0" },
];

/** Attributes from the bindings that get the flags of another attribute, `like`, and why. */
const exceptions = [
  {
    types: ["databricks_grant", "databricks_grants"],
    field: "secret",
    like: "mcp_service",
    reason: "bindings lack exclusions: a grant on a secret alone would violate at_least_one_of",
  },
];

/**
 * What `terraform providers schema` omits for types written with the plugin framework: the
 * attributes that force replacement, and the blocks that are a single object in the API. Taken from
 * the provider's code. Each version must have all of these paths.
 */
const framework = {
  databricks_app: { importable: true, updatable: true, fields: [["name", { forceNew: true }]] },
  databricks_quality_monitor: {
    importable: true,
    updatable: true,
    fields: [
      "data_classification_config",
      "inference_log",
      "notifications",
      "notifications.on_failure",
      "notifications.on_new_classification_tag_detected",
      "schedule",
      "snapshot",
      "time_series",
    ].map((block) => [block, { single: true }]),
  },
  databricks_budget_policy: {
    importable: true,
    updatable: true,
    fields: [["policy_id", { forceNew: true }]],
  },
  databricks_share: { updatable: true, fields: [["name", { forceNew: true }]] },
};

const root =
  process.env.LAKEFORM_ROOT ?? path.join(path.dirname(fileURLToPath(import.meta.url)), "..");
const folder = path.join(root, "src", "resources", "schema");

const [directory, ...added] = process.argv.slice(2);
if (directory === undefined) {
  console.error("usage: node scripts/schema.mjs DIRECTORY [databricks_x data.databricks_y …]");
  process.exit(1);
}

const sorted = (entries) => Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
const isData = (type) => type.startsWith("data.");

/**
 * Converts a block from the SDK's description. Lists of attributes, such as conflicts, are sorted:
 * they come from a Go map in random order.
 */
function fromSdk({ attributes, blocks }) {
  const flagsOf = (field) =>
    Object.fromEntries(
      Object.entries(field).map(([name, value]) => [
        name,
        Array.isArray(value) && name !== "type" ? value.toSorted() : value,
      ]),
    );
  return {
    attributes: sorted(
      Object.entries(attributes).map(([name, attribute]) => [
        name,
        attribute.type === "bool" && attribute.default !== undefined
          ? { ...flagsOf(attribute), default: String(attribute.default) === "true" }
          : flagsOf(attribute),
      ]),
    ),
    blocks: sorted(
      Object.entries(blocks).map(([name, { block: nested, required, minItems, ...flags }]) => {
        // Terraform's schema has neither a minimum nor an optional flag for an optional block.
        delete flags.optional;
        const minimum = required ? (minItems ?? 1) : undefined;
        return [
          name,
          {
            ...(minimum !== undefined && { minItems: minimum }),
            ...flagsOf(flags),
            block: fromSdk(nested),
          },
        ];
      }),
    ),
  };
}

/**
 * Converts a block from `terraform providers schema`. All numbers of types written with the plugin
 * framework are integers.
 */
function fromPrinted({ attributes = {}, block_types = {} }) {
  const [simple, nested] = [false, true].map((isNested) =>
    Object.entries(attributes).filter(
      ([, { nested_type, optional, required }]) =>
        isNested === Boolean(nested_type && (optional || required)),
    ),
  );
  return {
    attributes: sorted(
      simple.map(([name, { nested_type, ...attribute }]) => [
        name,
        {
          ...attribute,
          ...(nested_type && { type: typeOf(nested_type), nested: nested_type }),
          ...(attribute.type === "number" && { int: true }),
        },
      ]),
    ),
    blocks: sorted([
      // A nested attribute is like a block, but written as `x = {…}`.
      ...nested.map(([name, { nested_type, ...flags }]) => [
        name,
        {
          nesting: "list",
          attribute: nested_type.nesting_mode,
          ...(nested_type.nesting_mode === "single" && { single: true }),
          ...flags,
          block: fromPrinted(nested_type),
        },
      ]),
      ...Object.entries(block_types).map(
        ([name, { block, nesting_mode: nesting, min_items: minItems, max_items: maxItems }]) => [
          name,
          {
            nesting,
            ...(minItems && { minItems }),
            ...(maxItems && { maxItems }),
            block: fromPrinted(block),
          },
        ],
      ),
    ]),
  };
}

/** Returns the type of a nested attribute. */
function typeOf({ attributes, nesting_mode: mode }) {
  const element = [
    "object",
    sorted(
      Object.entries(attributes).map(([name, { type, nested_type }]) => [
        name,
        nested_type ? typeOf(nested_type) : type,
      ]),
    ),
  ];
  return mode === "single" ? element : [mode, element];
}

/** Converts a type written with the plugin framework, and adds what Terraform omits. */
function fromFramework(type, { block, version }) {
  const { fields = [], ...flags } = framework[type] ?? {};
  const converted = fromPrinted(block);
  for (const [path, omitted] of fields) {
    const steps = path.split(".");
    const last = steps.pop();
    const parent = steps.reduce((block, step) => block?.blocks[step]?.block, converted);
    const field = parent?.attributes[last] ?? parent?.blocks[last];
    if (field === undefined) throw new Error(`${type} has no ${path}`);
    Object.assign(field, omitted);
  }
  return { block: converted, version, pluginFramework: true, ...flags };
}

/** Returns the schema of a type, from the description that contains it. */
function schemaOf(type, { sdk, terraform }) {
  if (type === "provider") return { block: fromPrinted(terraform.provider.block) };
  const printed = isData(type)
    ? terraform.data_source_schemas[type.slice("data.".length)]
    : terraform.resource_schemas[type];
  if (printed === undefined) throw new Error(`the official provider has no ${type}`);
  if (sdk[type] === undefined) return fromFramework(type, printed);
  const { block, version = 0, importable, updatable } = sdk[type];
  const converted = fromSdk(block);
  converted.attributes.id ??= { type: "string", optional: true, computed: true };
  converted.attributes = sorted(Object.entries(converted.attributes));
  const timeouts = printed.block.block_types?.timeouts?.block.attributes;
  if (printed.block.block_types?.timeouts)
    converted.blocks.timeouts = {
      nesting: "single",
      block: { attributes: timeouts ?? {}, blocks: {} },
    };
  return {
    block: converted,
    version,
    ...(importable && !isData(type) && { importable }),
    ...(updatable && { updatable }),
    ...(converted.blocks.timeouts && { timeouts: true }),
  };
}

const pascal = (name) => name.replace(/(^|_)([a-z0-9])/g, (_, __, c) => c.toUpperCase());
/** Returns the Terraform name of an argument, which is the end of its documentation link. */
const terraformName = (property) =>
  /#\S+ \w+#([^}]+)\}/.exec(`${property.docs?.summary ?? ""} ${property.docs?.remarks ?? ""}`)?.[1];

/** Types whose class name does not follow from the type. */
const classNames = { provider: "DatabricksProvider", databricks_provider: "ProviderResource" };

/**
 * Reads the bindings' .jsii file: names and types of arguments, and whether they are required, but
 * neither defaults nor whether a list is a set.
 */
class Bindings {
  constructor(specification) {
    const temporary = fs.mkdtempSync(path.join(os.tmpdir(), "lakeform-bindings-"));
    try {
      const packed = execFileSync("npm", ["pack", "--silent", specification], {
        cwd: temporary,
        encoding: "utf8",
      }).trim();
      execFileSync("tar", ["-xzf", packed, "package/.jsii"], { cwd: temporary });
      const { name, types } = JSON.parse(
        fs.readFileSync(path.join(temporary, "package", ".jsii"), "utf8"),
      );
      this.types = types;
      this.prefix = `${name}.`;
    } finally {
      fs.rmSync(temporary, { recursive: true, force: true });
    }
  }

  /** Adds to a schema the arguments that the bindings have and the schema lacks. */
  complete(type, schema) {
    const noun =
      classNames[type] ??
      pascal(isData(type) ? type.replace("data.", "data_") : type.replace("databricks_", ""));
    const module = type === "provider" ? "provider" : noun[0].toLowerCase() + noun.slice(1);
    const configuration = `${this.prefix}${module}.${noun}Config`;
    if (this.types[configuration] === undefined)
      throw new Error(`the bindings have no ${configuration}`);
    const asAttributes =
      schema.pluginFramework === true &&
      Object.values(schema.block.blocks).some((block) => block.attribute);
    this.#block(configuration, schema.block, asAttributes);
  }

  /**
   * Adds the arguments of a class to a block.
   * @param asAttributes whether nested objects are attributes instead of blocks
   */
  #block(name, block, asAttributes) {
    for (const property of this.types[name].properties ?? []) {
      const argument = terraformName(property);
      if (
        argument === undefined ||
        property.name === "alias" ||
        argument === "id" ||
        argument === "timeouts"
      )
        continue;
      const type = this.#plain(property.type);
      const flags = { [property.optional ? "optional" : "required"]: true };
      const existing = block.attributes[argument] ?? block.blocks[argument];
      if (type.block === undefined) {
        if (existing === undefined) block.attributes[argument] = { type: type.type, ...flags };
        else if (property.optional && existing.required) {
          delete existing.required;
          existing.optional = true;
        }
        continue;
      }
      // A read-only attribute: the bindings use the same class for it and for an argument
      // elsewhere.
      if (block.attributes[argument] !== undefined) continue;
      const nested = (block.blocks[argument] ??= {
        nesting: "list",
        ...(asAttributes
          ? {
              ...flags,
              attribute: type.many ? "list" : "single",
              ...(!type.many && { single: true }),
            }
          : !type.many && { maxItems: 1 }),
        block: { attributes: {}, blocks: {} },
      });
      this.#block(type.block, nested.block, asAttributes);
    }
    block.attributes = sorted(Object.entries(block.attributes));
    block.blocks = sorted(Object.entries(block.blocks));
  }

  /**
   * Converts the type of a property, without IResolvable. `type` is a Terraform type; `block` is
   * the class of a nested object, and `many` is true for a list of them.
   */
  #plain(type) {
    if (type.union)
      return this.#plain(type.union.types.find((member) => !member.fqn?.endsWith(".IResolvable")));
    if (type.primitive) return { type: type.primitive === "boolean" ? "bool" : type.primitive };
    if (type.collection) {
      const element = this.#plain(type.collection.elementtype);
      const collection = type.collection.kind === "map" ? "map" : "list";
      return element.block === undefined
        ? { type: [collection, element.type] }
        : { ...element, many: true };
    }
    const maps = { StringMap: "string", NumberMap: "number", BooleanMap: "bool" };
    const element = maps[/\.(\w+)$/.exec(type.fqn)?.[1]];
    return element === undefined ? { block: type.fqn } : { type: ["map", element] };
  }
}

/** Copies flags to the attributes of `exceptions`, and adds them to the conflicts of the others. */
function applyExceptions(type, { block: { attributes } }) {
  for (const { types, field, like } of exceptions) {
    if (!types.includes(type) || attributes[field] === undefined) continue;
    const { conflictsWith, ...flags } = attributes[like];
    attributes[field] = {
      ...flags,
      ...(conflictsWith && {
        conflictsWith: [...conflictsWith.filter((other) => other !== field), like].toSorted(),
      }),
    };
    for (const [name, attribute] of Object.entries(attributes))
      for (const list of ["conflictsWith", "atLeastOneOf"])
        if (attribute[list] && !(list === "conflictsWith" && name === field))
          attribute[list] = [...new Set([...attribute[list], field])].toSorted();
  }
}

const readJson = (name) => JSON.parse(fs.readFileSync(path.join(directory, name), "utf8"));
for (const { version, described: source, bindings: specification, frameworkOnly } of versions) {
  const file = path.join(folder, `${version}.tsv`);
  const lines = fs.existsSync(file) ? fs.readFileSync(file, "utf8").trim().split("\n") : [];
  const types = [...new Set([...lines.map((line) => line.split("\t")[0]), ...added])].sort();
  const sources = {
    sdk: readJson(`sdk-${source}.json`),
    terraform: readJson(`terraform-${source}.json`),
  };
  const bindings = new Bindings(specification);
  const schemas = types.map((type) => {
    const schema = schemaOf(type, sources);
    if (!frameworkOnly || schema.pluginFramework === true) bindings.complete(type, schema);
    applyExceptions(type, schema);
    return `${type}\t${JSON.stringify(schema)}\n`;
  });
  fs.writeFileSync(file, schemas.join(""));
  console.log(`${path.relative(root, file)}: ${types.length} schemas`);
}
