// Makes src/resources/schema/fields.json, the Terraform schema that the provider and the verifier read, from
// - the bindings' own description (.jsii): which arguments and blocks exist, their names, types, required or optional, and what is computed
// only;
// - src/resources/schema/overlay.tsv: properties that the bindings lack (list or set, list limits, computed as well as optional, sensitive,
// force_new, defaults, …);
// - src/resources/schema/official.json: the official provider's description of its own schema, for kinds that need no overlay.
// `node scripts/schema.mjs --add DIRECTORY databricks_x data.databricks_y …` copies them from sdk-1.99.0.json and terraform-1.99.0.json in that directory, and
// writes the rows that the test compares with.
// Run it after a change: `node scripts/schema.mjs`. The result is committed; a test compares it with the output of
// `terraform providers schema` and with the official schema.
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), "..");
const folder = path.join(root, "src", "resources", "schema");
const { types } = JSON.parse(fs.readFileSync(path.join(root, "node_modules", "@cdktf", "provider-databricks", ".jsii"), "utf8"));
const prefix = "@cdktf/provider-databricks.";

const pascal = (name) => name.replace(/(^|_)([a-z0-9])/g, (_, __, c) => c.toUpperCase());
const snake = (name) => name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`);
/** The argument's name in Terraform stands at the end of its documentation link. */
const terraformName = (property) => /#\S+ \w+#([^}]+)\}/.exec(`${property.docs?.summary ?? ""} ${property.docs?.remarks ?? ""}`)?.[1];

/** What a property's type is made of, without the token alternative (IResolvable). */
function plain(type) {
  if (type.union) return plain(type.union.types.find((one) => one.fqn !== "cdktf.IResolvable"));
  if (type.primitive) return { kind: "primitive", type: type.primitive === "boolean" ? "bool" : type.primitive };
  if (type.collection) {
    const element = plain(type.collection.elementtype);
    const collection = type.collection.kind === "map" ? "map" : "list";
    return element.kind === "primitive" ? { kind: "primitive", type: [collection, element.type] } : { ...element, many: true };
  }
  const lists = { "cdktf.StringMap": ["map", "string"], "cdktf.NumberMap": ["map", "number"], "cdktf.BooleanMap": ["map", "bool"] };
  return lists[type.fqn] ? { kind: "primitive", type: lists[type.fqn] } : { kind: "struct", fqn: type.fqn };
}

/** Arguments of a configuration interface, then what its class reads out that is no argument. */
function block(configuration, reading) {
  const made = { attributes: {}, blocks: {} };
  for (const property of types[configuration]?.properties ?? []) {
    const name = terraformName(property);
    if (name === undefined || property.name === "alias") continue;
    const type = plain(property.type);
    if (type.kind === "primitive") {
      made.attributes[name] = { type: type.type, [property.optional ? "optional" : "required"]: true };
    } else {
      made.blocks[name] = { nesting: "list", block: block(type.fqn, `${type.fqn}OutputReference`) };
    }
  }
  const getters = types[reading]?.properties ?? [];
  const inputs = new Set(getters.filter((one) => one.name.endsWith("Input")).map((one) => one.name.slice(0, -"Input".length)));
  for (const property of getters) {
    if (property.static || !property.immutable || property.name.endsWith("Input") || inputs.has(property.name)) continue;
    if (["tfResourceType", "internalValue", "fqn"].includes(property.name)) continue;
    made.attributes[snake(property.name)] ??= { type: computedType(plain(property.type)), computed: true };
  }
  return made;
}

/** Lists of objects that only the provider fills. */
function computedType(type) {
  if (type.kind === "primitive") return type.type;
  const element = `${type.fqn.replace(/List$/, "")}OutputReference`;
  const { attributes } = block(undefined, element);
  return ["list", ["object", Object.fromEntries(Object.entries(attributes).map(([name, attribute]) => [name, attribute.type]))]];
}

function bindings(name) {
  if (name === "provider") return block(`${prefix}provider.DatabricksProviderConfig`);
  const data = name.startsWith("data.");
  const noun = pascal(`${data ? "data_" : ""}${data ? name.slice("data.".length) : name.slice("databricks_".length)}`);
  const module = noun[0].toLowerCase() + noun.slice(1);
  return block(`${prefix}${module}.${noun}Config`, `${prefix}${module}.${noun}`);
}

const listFlags = new Set(["conflicts_with", "exactly_one_of", "at_least_one_of", "required_with"]);
const camel = (flag) => flag.replace(/_([a-z])/g, (_, c) => c.toUpperCase());
const names = { diff_suppress: "suppress" };

function apply(field, flags, type) {
  if (type) field[field.block ? "nesting" : "type"] = field.block ? type : JSON.parse(type);
  for (const flag of flags.split(" ").filter(Boolean)) {
    const at = flag.indexOf("=");
    const key = at < 0 ? flag : flag.slice(0, at);
    const text = at < 0 ? "true" : flag.slice(at + 1);
    const value = listFlags.has(key) ? text.split(",") : JSON.parse(text);
    field[camel(names[key] ?? key)] = key === "default" && field.type === "bool" ? String(value) === "true" : value;
  }
}

/** A description of the official provider in the shape of fields.json: blocks have no flags of attributes, and each resource an id. */
function fromOfficial({ block: described, version = 0, importable, updatable, timeouts }) {
  const inner = ({ attributes, blocks }) => ({
    attributes: Object.fromEntries(
      Object.entries(attributes).map(([name, attribute]) => [
        name,
        attribute.type === "bool" && attribute.default !== undefined
          ? { ...attribute, default: String(attribute.default) === "true" }
          : attribute,
      ]),
    ),
    blocks: Object.fromEntries(
      Object.entries(blocks).map(([name, { block: nested, required, ...flags }]) => {
        // (Terraform is not told a least number of an optional block.)
        for (const ofAttributes of ["optional", ...(required ? [] : ["minItems"])]) delete flags[ofAttributes];
        return [name, { ...(required && { minItems: 1 }), ...flags, block: inner(nested) }];
      }),
    ),
  });
  const made = inner(described);
  made.attributes.id ??= { type: "string", optional: true, computed: true };
  made.attributes = Object.fromEntries(Object.entries(made.attributes).sort(([a], [b]) => (a < b ? -1 : 1)));
  if (timeouts) made.blocks.timeouts = { nesting: "single", block: { attributes: timeouts, blocks: {} } };
  const flags = { ...(importable && { importable }), ...(updatable && { updatable }), ...(timeouts && { timeouts: true }) };
  return { block: made, version, ...flags };
}

const officialFile = path.join(folder, "official.json");
const official = fs.existsSync(officialFile) ? JSON.parse(fs.readFileSync(officialFile, "utf8")) : {};
const [command, directory, ...added] = process.argv.slice(2);
if (command === "--add") {
  const read = (name) => JSON.parse(fs.readFileSync(path.join(directory, `${name}-1.99.0.json`), "utf8"));
  const [sdk, terraform] = [read("sdk"), read("terraform")];
  const rows = [];
  for (const type of added) {
    const printed = type.startsWith("data.") ? terraform.data_source_schemas[type.slice("data.".length)] : terraform.resource_schemas[type];
    if (!sdk[type]) throw new Error(`the official description has no ${type} of the SDK`);
    const shown = printed.block.block_types?.timeouts;
    const timeouts = shown && (shown.block.attributes ?? {});
    official[type] = { ...sdk[type], ...(timeouts && { timeouts }) };
    rows.push(...rowsOf(type, official[type], printed));
  }
  fs.writeFileSync(
    officialFile,
    `{\n${Object.entries(official)
      .map(([type, one]) => `${JSON.stringify(type)}:${JSON.stringify(one)}`)
      .join(",\n")}\n}\n`,
  );
  const fixture = path.join(root, "test", "fixtures", "resource-fields.tsv");
  const kept = fs
    .readFileSync(fixture, "utf8")
    .split("\n")
    .filter((line) => line !== "" && !added.includes(line.split("\t")[0]));
  fs.writeFileSync(fixture, `${[...kept, ...rows].join("\n")}\n`);
}

/** Rows of the fixture: types and printed flags as Terraform prints them, the others as the provider's code has them. */
function rowsOf(type, { block: described, version = 0, importable, updatable, timeouts }, printed) {
  const flag = (name, value) =>
    value === undefined ? [] : [value === true ? name : `${name}=${Array.isArray(value) ? value.join(",") : JSON.stringify(value)}`];
  const hidden = (field = {}) => [
    ...flag("force_new", field.forceNew),
    ...flag("diff_suppress", field.suppress),
    ...flag("default", field.default),
    ...flag("conflicts_with", field.conflictsWith),
    ...flag("exactly_one_of", field.exactlyOneOf),
    ...flag("at_least_one_of", field.atLeastOneOf),
    ...flag("required_with", field.requiredWith),
    ...flag("int", field.int),
  ];
  const typeText = (of) =>
    typeof of === "string"
      ? of
      : of[0] === "object"
        ? `object(${Object.entries(of[1])
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([name, inner]) => `${name}: ${typeText(inner)}`)
            .join(", ")})`
        : `${of[0]}(${typeText(of[1])})`;
  const rows = [
    [
      type,
      "@",
      `schema_version=${version}`,
      [importable && "importable", updatable && "updatable", timeouts && "timeouts"].filter(Boolean).join(" "),
    ],
  ];
  const walk = (shown, own, prefix) => {
    // The description's file has lost the attributes that are called "description".
    for (const [name, attribute] of Object.entries({ ...own?.attributes, ...shown.attributes })) {
      const flags = ["required", "optional", "computed", "sensitive", "deprecated"].filter((each) => attribute[each]);
      rows.push([type, prefix + name, `attribute ${typeText(attribute.type)}`, [...flags, ...hidden(own?.attributes[name])].join(" ")]);
    }
    for (const [name, nested] of Object.entries(shown.block_types ?? {})) {
      const limits = [
        ...(nested.block.deprecated ? ["deprecated"] : []),
        ...flag("min_items", nested.min_items || undefined),
        ...flag("max_items", nested.max_items || undefined),
      ];
      rows.push([type, prefix + name, `block ${nested.nesting_mode}`, [...limits, ...hidden(own?.blocks[name])].join(" ")]);
      walk(nested.block, own?.blocks[name]?.block, `${prefix}${name}.`);
    }
  };
  walk(printed.block, described, "");
  return rows.map((row) => row.join("\t"));
}

const schemas = {};
let missing = 0;
for (const line of fs.readFileSync(path.join(folder, "overlay.tsv"), "utf8").split("\n").slice(1)) {
  if (line === "") continue;
  const [resource, field, type, flags] = line.split("\t");
  if (field === "@") {
    schemas[resource] = { block: bindings(resource) };
    apply(schemas[resource], flags);
    continue;
  }
  const steps = field.split(".");
  const last = steps.pop();
  let at = schemas[resource].block;
  for (const step of steps) at = at?.blocks[step]?.block;
  const found = at?.attributes[last] ?? at?.blocks[last];
  if (found) apply(found, flags, type);
  else {
    missing += 1;
    console.error(`overlay names what the bindings do not have: ${resource} ${field}`);
  }
}
for (const [type, described] of Object.entries(official)) schemas[type] = fromOfficial(described);
fs.writeFileSync(path.join(folder, "fields.json"), `${JSON.stringify(schemas)}\n`);
console.log(`${Object.keys(schemas).length} schemas, ${missing} overlay rows without a field`);
process.exitCode = missing > 0 ? 1 : 0;
