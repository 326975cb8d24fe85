import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
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
  for (const folder of ["kinds", "schema"]) fs.mkdirSync(path.join(root, "src", "resources", folder), { recursive: true });
  fs.copyFileSync(path.join(repository, "src", "resources", "kinds", "index.ts"), path.join(kinds, "index.ts"));
  const sample = JSON.stringify(officialSchemas().get("databricks_ip_access_list"));
  fs.writeFileSync(path.join(root, "src", "resources", "schema", "1.99.0.tsv"), `databricks_sample_thing\t${sample}\n`);
});
afterAll(() => fs.rmSync(root, { recursive: true, force: true }));

test("a kind is written from its schema, and listed", () => {
  const { status, stderr } = run("kind", "databricks_sample_thing");
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(read("sample-thing.ts")).toContain("// Fields of the code: enabled, ip_addresses, label, list_type.");
  expect(read("sample-thing.ts")).toContain('type: "databricks_sample_thing"');
  expect(read("index.ts")).toContain('import { sampleThing } from "./sample-thing";');
  expect(read("index.ts")).toMatch(/\n {2}sampleThing,\n\];\n$/);
});

test("rejects a kind that exists, one without a schema, and other words", () => {
  expect(run("kind", "databricks_sample_thing").stderr).toContain("sample-thing.ts exists already");
  expect(run("kind", "databricks_other").stderr).toContain("no schema of databricks_other");
  expect(run("construct").status).toBe(1);
});
