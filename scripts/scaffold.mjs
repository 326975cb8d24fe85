// npm run scaffold kind databricks_x [DIRECTORY]: adds a kind. Adds its schema (from DIRECTORY, see
// scripts/schema.mjs) and generates from it src/resources/kinds/x.ts, with an entry in
// kinds/index.ts, a sample in test/support/latest-kinds.ts, and a recipe in
// test/support/random-more.ts. The tests of the kind fail until its API calls are correct and the
// local workspace has the API: see docs/extending.md.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const scripts = path.dirname(fileURLToPath(import.meta.url));
const root = process.env.LAKEFORM_ROOT ?? path.join(scripts, "..");
const [subject, type, directory] = process.argv.slice(2);

if (subject !== "kind" || !/^databricks_[a-z\d_]+$/.test(type ?? ""))
  fail("usage: npm run scaffold kind databricks_x [DIRECTORY]");
if (directory !== undefined)
  execFileSync(process.execPath, [path.join(scripts, "schema.mjs"), directory, type], {
    stdio: "inherit",
  });

const schemas = fs
  .readdirSync(path.join(root, "src/resources/schema"))
  .map((file) => fs.readFileSync(path.join(root, "src/resources/schema", file), "utf8"));
const line = schemas
  .flatMap((text) => text.split("\n"))
  .find((text) => text.startsWith(`${type}\t`));
const schema = line && JSON.parse(line.split("\t")[1]);
if (schema === undefined)
  fail(
    `no schema of ${type}. Name the directory with the official provider's description: docs/extending.md`,
  );

const name = type.slice("databricks_".length);
const file = path.join(root, "src/resources/kinds", `${name.replaceAll("_", "-")}.ts`);
if (fs.existsSync(file)) fail(`${path.relative(root, file)} already exists`);
const constant = name.replace(/_([a-z\d])/g, (_, letter) => letter.toUpperCase());
const entries = Object.entries({ ...schema.block.attributes, ...schema.block.blocks }).filter(
  ([field]) => field !== "id",
);
const fieldsWhere = (test) => entries.filter(([, field]) => test(field)).map(([field]) => field);
const list = (fields) => (fields.length === 0 ? "none" : fields.join(", "));
const nameField = [
  "display_name",
  "name",
  ...fieldsWhere(({ required, type }) => required === true && type === "string"),
].find((field) => schema.block.attributes[field]);
const url = `/api/2.0/${name.replaceAll("_", "-")}s`;
/** Returns the code of a sample value of a field. */
const sampleOf = (field) =>
  field.block !== undefined
    ? `[{ ${requiredFields(field.block)} }]`
    : field.type === "string"
      ? `"sample"`
      : field.type === "number"
        ? "1"
        : field.type === "bool"
          ? "true"
          : field.type[0] === "map"
            ? "{}"
            : "[]";
/** Returns the code of sample values of all required fields of a block. */
const requiredFields = ({ attributes, blocks }) =>
  Object.entries({ ...attributes, ...blocks })
    .filter(([, field]) => field.required === true || (field.minItems ?? 0) > 0)
    .map(([name, field]) => `${name}: ${sampleOf(field)}`)
    .join(", ");
const generated = fieldsWhere(({ optional, required }) => !optional && !required);
const config = [
  nameField !== undefined && schema.block.attributes[nameField].required !== true
    ? `${nameField}: "sample"`
    : "",
  requiredFields(schema.block),
]
  .filter((part) => part !== "")
  .join(", ");
replaceEnd(
  "test/support/latest-kinds.ts",
  /\n {2}\];\n\}\n$/,
  `
    {
      type: "${type}",
      config: { ${config} },
      remove: (stack, { id }) => stack.call("DELETE", \`${url}/\${id ?? ""}\`),
    },
  ];
}
`,
);
replaceEnd(
  "test/support/random-more.ts",
  /\n\};\n$/,
  `
  ${type}: {
    without: ${JSON.stringify([...new Set(["id", ...generated, ...(nameField === undefined ? [] : [nameField])])]).replaceAll(",", ", ")},
    own: (i) => ({ ${nameField === undefined ? "" : `${nameField}: \`sample-\${i}\``} }),
  },
};
`,
);
fs.writeFileSync(
  file,
  `import { byId, urls } from "../families/by-id";

// Fields of the code: ${list(fieldsWhere(({ required, optional }) => required || optional))}.
// Filled in by the platform: ${list(fieldsWhere(({ computed, optional }) => computed && !optional))}.
// A change replaces the object: ${list(fieldsWhere(({ forceNew }) => forceNew))}.
export const ${constant} = byId({
  type: "${type}",
  title: "${name.replaceAll("_", " ")}",
  traits: {},
  calls: urls("${url}"),
  idField: "id",
  nameField: "${nameField ?? "name"}",
  rules: {},
});
`,
);
const index = path.join(root, "src/resources/kinds/index.ts");
const before = fs.readFileSync(index, "utf8");
const after = before
  .replace(
    "\n\nexport const kinds",
    `\nimport { ${constant} } from "./${path.basename(file, ".ts")}";\n\nexport const kinds`,
  )
  .replace(/\n\];\n$/, `\n  ${constant},\n];\n`);
if (after.split("\n").length !== before.split("\n").length + 2)
  fail("src/resources/kinds/index.ts has an unexpected format: add the kind to it");
fs.writeFileSync(index, after);
console.log(`${path.relative(root, file)}, a sample and a recipe are written. These tests fail until the calls are correct and the local workspace supports them:
  LAKEFORM_TESTS=fast npx jest test/verify/more-kinds.test.ts
  LAKEFORM_TESTS=long npx jest test/provider/kinds.long.test.ts test/provider/random-configurations.long.test.ts
Next: write the calls, rules and traits of the kind (docs/extending.md).`);

/** Replaces the end of a file. @param end matches the expected end */
function replaceEnd(relativePath, end, text) {
  const target = path.join(root, relativePath);
  const before = fs.readFileSync(target, "utf8");
  if (!end.test(before)) fail(`${relativePath} does not end as expected: add ${type} yourself`);
  fs.writeFileSync(
    target,
    before.replace(end, () => text),
  );
}

function fail(message) {
  console.error(`scaffold: ${message}`);
  process.exit(1);
}
