// npm run scaffold kind databricks_x [DIRECTORY]: starts a kind. Adds its schema (from DIRECTORY, see scripts/schema.mjs), writes
// src/resources/kinds/x.ts with the fields of that schema, and lists it in kinds/index.ts. The tests then fail until the kind has calls and a sample: see
// docs/extending.md.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const scripts = path.dirname(fileURLToPath(import.meta.url));
const root = process.env.LAKEFORM_ROOT ?? path.join(scripts, "..");
const [what, type, directory] = process.argv.slice(2);

if (what !== "kind" || !/^databricks_[a-z_]+$/.test(type ?? "")) fail("usage: npm run scaffold kind databricks_x [DIRECTORY]");
if (directory !== undefined) execFileSync(process.execPath, [path.join(scripts, "schema.mjs"), directory, type], { stdio: "inherit" });

const schemas = fs
  .readdirSync(path.join(root, "src/resources/schema"))
  .map((file) => fs.readFileSync(path.join(root, "src/resources/schema", file), "utf8"));
const line = schemas.flatMap((text) => text.split("\n")).find((text) => text.startsWith(`${type}\t`));
const described = line && JSON.parse(line.split("\t")[1]);
if (described === undefined) fail(`no schema of ${type}. Name the directory with the official provider's description: docs/extending.md`);

const name = type.slice("databricks_".length);
const file = path.join(root, "src/resources/kinds", `${name.replaceAll("_", "-")}.ts`);
if (fs.existsSync(file)) fail(`${path.relative(root, file)} exists already`);
const constant = name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());
const entries = Object.entries({ ...described.block.attributes, ...described.block.blocks }).filter(([field]) => field !== "id");
const of = (test) => entries.filter(([, field]) => test(field)).map(([field]) => field);
const list = (fields) => (fields.length === 0 ? "none" : fields.join(", "));
fs.writeFileSync(
  file,
  `import { byId, urls } from "../families/by-id";

// Fields of the code: ${list(of(({ required, optional }) => required || optional))}.
// Filled in by the platform: ${list(of(({ computed, optional }) => computed && !optional))}.
// A change makes a new object: ${list(of(({ forceNew }) => forceNew))}.
export const ${constant} = byId({
  type: "${type}",
  title: "${name.replaceAll("_", " ")}",
  traits: {},
  calls: urls("/api/2.0/${name.replaceAll("_", "-")}s"),
  idField: "id",
  nameField: "${["display_name", "name"].find((field) => described.block.attributes[field]) ?? "name"}",
  rules: {},
});
`,
);
const index = path.join(root, "src/resources/kinds/index.ts");
const before = fs.readFileSync(index, "utf8");
const after = before
  .replace("\n\nexport const kinds", `\nimport { ${constant} } from "./${path.basename(file, ".ts")}";\n\nexport const kinds`)
  .replace(/\n\];\n$/, `\n  ${constant},\n];\n`);
if (after.split("\n").length !== before.split("\n").length + 2)
  fail("src/resources/kinds/index.ts does not look as expected: add the kind to it");
fs.writeFileSync(index, after);
console.log(`${path.relative(root, file)} written and listed. Next: its calls, its rules, a sample and a recipe (docs/extending.md).`);

function fail(message) {
  console.error(`scaffold: ${message}`);
  process.exit(1);
}
