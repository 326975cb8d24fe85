// node scripts/schema.mjs DIRECTORY [databricks_x data.databricks_y …]: writes
// src/resources/schema/<version>.tsv, the schema of each supported version of the official
// provider, for the types that are in it already and those that are named. A line is a type and its
// schema. Sources, all of them data:
// - DIRECTORY/sdk-<version>.json: the provider's description of its own schema, with what
//   `terraform providers schema` leaves out: forceNew,
//   defaults, exclusions, suppressed differences;
// - DIRECTORY/terraform-<version>.json: `terraform providers schema -json`, for the provider itself
//   and types that are not written with the SDK;
// - the bindings' .jsii, from npm, for arguments that came after the newest description.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

/**
 * A version, its newest description, and the bindings made from the version itself where that is
 * older.
 */
const versions = [
  // (Terraform's print has lost attributes called "description".)
  {
    version: "1.99.0",
    described: "1.99.0",
    bindings: "@cdktf/provider-databricks@15.16.1",
    only: "framework",
  },
  { version: "1.132.0", described: "1.128.0", bindings: "@cdktn/provider-databricks@18.7.0" },
];

/** Attributes that no source has, with the reason. */
const exceptions = [
  {
    types: ["databricks_grant", "databricks_grants"],
    field: "secret",
    like: "mcp_service",
    reason: "bindings lack exclusions: a grant on a secret alone would violate at_least_one_of",
  },
];

/**
 * What Terraform does not print of types that are written with the framework: which attribute makes
 * a new object, and which block is one object on the wire. Facts of the provider's code; a path
 * stands for all versions that have it.
 */
const one = (...blocks) => blocks.map((block) => [block, { single: true }]);
const framework = {
  databricks_app: { importable: true, updatable: true, fields: [["name", { forceNew: true }]] },
  databricks_quality_monitor: {
    importable: true,
    updatable: true,
    fields: [
      ...one(
        "data_classification_config",
        "inference_log",
        "notifications",
        "notifications.on_failure",
      ),
      ...one(
        "notifications.on_new_classification_tag_detected",
        "schedule",
        "snapshot",
        "time_series",
      ),
    ],
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

/** A block as the SDK describes it. Exclusions are in the order of a Go map: sorted. */
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
        // Terraform's schema has no minimum for an optional block, and no flag that it is optional.
        delete flags.optional;
        const least = required ? (minItems ?? 1) : undefined;
        return [
          name,
          {
            ...(least !== undefined && { minItems: least }),
            ...flagsOf(flags),
            block: fromSdk(nested),
          },
        ];
      }),
    ),
  };
}

/**
 * A block as Terraform prints it: of the provider itself and of types written with the framework,
 * which has no other numbers than whole ones here.
 */
function fromPrinted({ attributes = {}, block_types = {} }) {
  const [plain, nested] = [false, true].map((isNested) =>
    Object.entries(attributes).filter(
      ([, { nested_type, optional, required }]) =>
        isNested === Boolean(nested_type && (optional || required)),
    ),
  );
  return {
    attributes: sorted(
      plain.map(([name, { nested_type, ...attribute }]) => [
        name,
        {
          ...attribute,
          ...(nested_type && { type: typeOf(nested_type), nested: nested_type }),
          ...(attribute.type === "number" && { int: true }),
        },
      ]),
    ),
    blocks: sorted([
      // A nested attribute is a block but for how it is written: `x = {…}`.
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

/** The type of the values of a nested attribute. */
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

/** A type that is written with the framework, with what Terraform does not print. */
function fromFramework(type, { block, version }) {
  const { fields = [], ...flags } = framework[type] ?? {};
  const made = fromPrinted(block);
  for (const [path, more] of fields) {
    const steps = path.split(".");
    const last = steps.pop();
    const around = steps.reduce((at, step) => at?.blocks[step]?.block, made);
    const field = around?.attributes[last] ?? around?.blocks[last];
    if (field === undefined) throw new Error(`${type} has no ${path}`);
    Object.assign(field, more);
  }
  return { block: made, version, pluginFramework: true, ...flags };
}

function described(type, { sdk, terraform }) {
  if (type === "provider") return { block: fromPrinted(terraform.provider.block) };
  const printed = isData(type)
    ? terraform.data_source_schemas[type.slice("data.".length)]
    : terraform.resource_schemas[type];
  if (printed === undefined) throw new Error(`the official provider has no ${type}`);
  if (sdk[type] === undefined) return fromFramework(type, printed);
  const { block, version = 0, importable, updatable } = sdk[type];
  const made = fromSdk(block);
  made.attributes.id ??= { type: "string", optional: true, computed: true };
  made.attributes = sorted(Object.entries(made.attributes));
  const timeouts = printed.block.block_types?.timeouts?.block.attributes;
  if (printed.block.block_types?.timeouts)
    made.blocks.timeouts = { nesting: "single", block: { attributes: timeouts ?? {}, blocks: {} } };
  return {
    block: made,
    version,
    ...(importable && !isData(type) && { importable }),
    ...(updatable && { updatable }),
    ...(made.blocks.timeouts && { timeouts: true }),
  };
}

const pascal = (name) => name.replace(/(^|_)([a-z0-9])/g, (_, __, c) => c.toUpperCase());
/** The argument's name in Terraform stands at the end of its documentation link. */
const terraformName = (property) =>
  /#\S+ \w+#([^}]+)\}/.exec(`${property.docs?.summary ?? ""} ${property.docs?.remarks ?? ""}`)?.[1];

/** Types whose class has another name. */
const odd = { provider: "DatabricksProvider", databricks_provider: "ProviderResource" };

/**
 * Arguments in the bindings' description: names, types, required or optional; not whether a list is
 * a set, nor defaults.
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

  /** Adds to a schema what came after it. */
  complete(type, schema) {
    const noun =
      odd[type] ??
      pascal(isData(type) ? type.replace("data.", "data_") : type.replace("databricks_", ""));
    const module = type === "provider" ? "provider" : noun[0].toLowerCase() + noun.slice(1);
    const configuration = `${this.prefix}${module}.${noun}Config`;
    if (this.types[configuration] === undefined)
      throw new Error(`the bindings have no ${configuration}`);
    const attributes =
      schema.pluginFramework === true &&
      Object.values(schema.block.blocks).some((block) => block.attribute);
    this.#block(configuration, schema.block, attributes);
  }

  /** @param attributes: nested ones, not blocks */
  #block(name, block, attributes) {
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
      const given = { [property.optional ? "optional" : "required"]: true };
      const known = block.attributes[argument] ?? block.blocks[argument];
      if (type.block === undefined) {
        if (known === undefined) block.attributes[argument] = { type: type.type, ...given };
        else if (property.optional && known.required) {
          delete known.required;
          known.optional = true;
        }
        continue;
      }
      // Read only: the bindings use one class for two places.
      if (block.attributes[argument] !== undefined) continue;
      const nested = (block.blocks[argument] ??= {
        nesting: "list",
        ...(attributes
          ? {
              ...given,
              attribute: type.many ? "list" : "single",
              ...(!type.many && { single: true }),
            }
          : !type.many && { maxItems: 1 }),
        block: { attributes: {}, blocks: {} },
      });
      this.#block(type.block, nested.block, attributes);
    }
    block.attributes = sorted(Object.entries(block.attributes));
    block.blocks = sorted(Object.entries(block.blocks));
  }

  /** A property's type without the token alternative (IResolvable). */
  #plain(type) {
    if (type.union)
      return this.#plain(type.union.types.find((one) => !one.fqn?.endsWith(".IResolvable")));
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

function except(type, { block: { attributes } }) {
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

const read = (name) => JSON.parse(fs.readFileSync(path.join(directory, name), "utf8"));
for (const { version, described: source, bindings: specification, only } of versions) {
  const file = path.join(folder, `${version}.tsv`);
  const lines = fs.existsSync(file) ? fs.readFileSync(file, "utf8").trim().split("\n") : [];
  const types = [...new Set([...lines.map((line) => line.split("\t")[0]), ...added])].sort();
  const sources = { sdk: read(`sdk-${source}.json`), terraform: read(`terraform-${source}.json`) };
  const bindings = specification && new Bindings(specification);
  const schemas = types.map((type) => {
    const schema = described(type, sources);
    if (only === undefined || schema.pluginFramework === true) bindings?.complete(type, schema);
    except(type, schema);
    return `${type}\t${JSON.stringify(schema)}\n`;
  });
  fs.writeFileSync(file, schemas.join(""));
  console.log(`${path.relative(root, file)}: ${types.length} schemas`);
}
