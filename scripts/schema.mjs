// Makes src/resources/schema/fields.json, the Terraform schema that the provider and the verifier read, from
// - the bindings' own description (.jsii): which arguments and blocks exist, their names, types, required or optional, and what is computed
// only;
// - src/resources/schema/overlay.tsv: properties that the bindings lack (list or set, list limits, computed as well as optional, sensitive,
// force_new, defaults, …). Run it after a change of either: `node scripts/schema.mjs`. The result is committed; a test holds it equal to
// what `terraform providers schema` prints and to the official schema.
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
fs.writeFileSync(path.join(folder, "fields.json"), `${JSON.stringify(schemas)}\n`);
console.log(`${Object.keys(schemas).length} schemas, ${missing} overlay rows without a field`);
process.exitCode = missing > 0 ? 1 : 0;
