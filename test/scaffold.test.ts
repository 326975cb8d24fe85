import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseSync } from "@swc/core";
import { officialSchemas } from "./support/official-schema";

const repository = path.join(__dirname, "..");
const root = fs.mkdtempSync(path.join(os.tmpdir(), "lakeform-scaffold-"));
const kinds = path.join(root, "src", "resources", "kinds");
const run = (...words: string[]) =>
  spawnSync(process.execPath, [path.join(repository, "scripts", "scaffold.mjs"), ...words], {
    encoding: "utf8",
    env: { ...process.env, LAKEFORM_ROOT: root },
  });
const read = (file: string): string => fs.readFileSync(path.join(kinds, file), "utf8");

beforeAll(() => {
  for (const folder of ["kinds", "schema"])
    fs.mkdirSync(path.join(root, "src", "resources", folder), { recursive: true });
  fs.mkdirSync(path.join(root, "test", "support"), { recursive: true });
  for (const file of [
    "src/resources/kinds/index.ts",
    "test/support/latest-kinds.ts",
    "test/support/random-more.ts",
  ])
    fs.copyFileSync(path.join(repository, file), path.join(root, file));
  const sample = JSON.stringify(officialSchemas().get("databricks_ip_access_list"));
  fs.writeFileSync(
    path.join(root, "src", "resources", "schema", "1.99.0.tsv"),
    `databricks_sample_thing\t${sample}\ndatabricks_thing_v2\t${sample}\n`,
  );
});
afterAll(() => fs.rmSync(root, { recursive: true, force: true }));

test("scaffold writes a kind from its schema, and lists it", () => {
  const { status, stderr } = run("kind", "databricks_sample_thing");
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(read("sample-thing.ts")).toContain(
    "// Fields of the code: enabled, ip_addresses, label, list_type.",
  );
  expect(read("sample-thing.ts")).toContain('type: "databricks_sample_thing"');
  expect(read("index.ts")).toContain('import { sampleThing } from "./sample-thing";');
  expect(read("index.ts")).toMatch(/\n {2}sampleThing,\n\];\n$/);
});

test("the sample and recipe of a scaffolded kind have the required fields, and are valid TypeScript", () => {
  expect(run("kind", "databricks_thing_v2").status).toBe(0);
  for (const [file, text] of [
    ["latest-kinds.ts", 'config: { ip_addresses: [], label: "sample", list_type: "sample" },'],
    ["random-more.ts", "own: (i) => ({ label: `sample-${i}` }),"],
  ] as const) {
    const written = fs.readFileSync(path.join(root, "test", "support", file), "utf8");
    expect(written).toContain(text);
    expect(written.match(/databricks_thing_v2/g)).toHaveLength(1);
    expect(parseSync(written, { syntax: "typescript" }).type).toBe("Module");
  }
});

test("scaffold rejects an existing kind, a kind without a schema, and other arguments", () => {
  expect(run("kind", "databricks_sample_thing").stderr).toContain("sample-thing.ts already exists");
  expect(run("kind", "databricks_other").stderr).toContain("no schema of databricks_other");
  expect(run("construct").status).toBe(1);
});
