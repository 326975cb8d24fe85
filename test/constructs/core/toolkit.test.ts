import { execFileSync, spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { oldestBindings } from "../../../constructs/core/toolkit";
import { installedBindings } from "../../../src/terraform/toolkit";
import { makeFolder, removeFolders, repository } from "../../support/project";

/** Packages with only a name, a version and one module. */
function project(packages: Readonly<Record<string, string>>): string {
  const root = makeFolder("toolkit");
  for (const [name, version] of Object.entries(packages)) {
    const folder = path.join(root, "node_modules", name);
    fs.mkdirSync(path.join(folder, "lib"), { recursive: true });
    fs.writeFileSync(path.join(folder, "package.json"), JSON.stringify({ name, version }));
    for (const file of ["index.js", "lib/job.js"])
      fs.writeFileSync(path.join(folder, file), `module.exports = "${name} ${file}";`);
  }
  return root;
}

const cdktf = { cdktf: "0.21.0", "@cdktf/provider-databricks": "15.16.1" };
const cdktn = { cdktn: "0.24.0", "@cdktn/provider-databricks": "18.7.0" };
const constructs = { constructs: "10.7.2" };

describe("the toolkit of a project", () => {
  afterAll(removeFolders);

  /** The built loader in a folder from which no package of this repository is found. */
  const library = makeFolder("library");
  beforeAll(() => {
    for (const file of [
      "constructs/core/toolkit.js",
      "constructs/core/errors.js",
      "constructs/core/project-root.js",
      "constructs/core/stable-json.js",
      "constructs/core/stack-traces.js",
      "src/code-cache.js",
      "src/defined.js",
      "src/module-cache.js",
      "src/package-versions.js",
      "src/private-files.js",
    ]) {
      fs.mkdirSync(path.dirname(path.join(library, file)), { recursive: true });
      fs.copyFileSync(path.join(repository, "dist", file), path.join(library, file));
    }
  });

  /** Returns the loaded modules, or the error. */
  function loadModules(root: string): unknown[] {
    const names = ["cdktf", "@cdktf/provider-databricks/lib/job", "constructs"];
    const script = `const { toolkitModule } = require(${JSON.stringify(path.join(library, "constructs/core/toolkit.js"))});
try { console.log(JSON.stringify(${JSON.stringify(names)}.map(toolkitModule))); } catch (e) { console.log(JSON.stringify([e.code, e.message])); }`;
    const env = { ...process.env, LAKEFORM_PROJECT_ROOT: root };
    return JSON.parse(
      execFileSync(process.execPath, ["-e", script], { cwd: root, env, encoding: "utf8" }),
    ) as unknown[];
  }

  it("loads libraries that few stacks use at their first use", () => {
    const folder = makeFolder("archive");
    fs.writeFileSync(path.join(folder, "file.txt"), "content");
    const script = `
require(${JSON.stringify(path.join(repository, "dist/constructs/index.js"))});
const cdktf = require("cdktf");
const { resolve } = require("node:module").createRequire(require.resolve("cdktf/package.json"));
const loaded = () => ["archiver", "semver"].filter((name) => require.cache[resolve(name)] !== undefined);
const before = loaded();
const app = new cdktf.App({ outdir: ${JSON.stringify(path.join(folder, "out"))} });
const stack = new cdktf.TerraformStack(app, "stack");
new cdktf.TerraformAsset(stack, "asset", { path: ${JSON.stringify(folder)}, type: cdktf.AssetType.ARCHIVE });
const resource = new cdktf.TerraformResource(stack, "resource", { terraformResourceType: "null_resource" });
resource.moveFromId("null_resource.old");
app.synth();
console.log(JSON.stringify([before, loaded()]));`;
    const [before, after] = JSON.parse(
      execFileSync(process.execPath, ["-e", script], { cwd: repository, encoding: "utf8" }),
    ) as [string[], string[]];
    expect(before).toEqual([]);
    // The toolkit compares Terraform's version for the move, and makes archives in another process.
    expect(after).toEqual(["semver"]);
    const archives = fs
      .readdirSync(path.join(folder, "out"), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith("archive.zip"));
    expect(archives).toHaveLength(1);
  });

  it("replaces the library that writes JSON, whose 40 modules take time to load", () => {
    const script = `
require(${JSON.stringify(path.join(repository, "dist/constructs/index.js"))});
const { createRequire } = require("node:module");
const inCdktf = createRequire(require.resolve("cdktf/package.json"));
const { App, Testing, TerraformStack } = require("cdktf");
Testing.synth(new TerraformStack(new App(), "stack"));
console.log(require.cache[inCdktf.resolve("json-stable-stringify")] === undefined);`;
    const options = { cwd: repository, encoding: "utf8" } as const;
    expect(execFileSync(process.execPath, ["-e", script], options)).toBe("true\n");
  });

  it("records no stack traces while the toolkit loads, except for an error", () => {
    const root = project({ ...cdktf, ...constructs });
    const file = path.join(root, "node_modules/cdktf/index.js");
    fs.writeFileSync(file, "module.exports = String(new Error().stack).includes('    at ');");
    expect(loadModules(root)[0]).toBe(false);
    fs.writeFileSync(file, "throw new Error('unsupported');");
    const script = `require(${JSON.stringify(path.join(library, "constructs/core/toolkit.js"))}).toolkitModule("cdktf")`;
    const env = { ...process.env, LAKEFORM_PROJECT_ROOT: root };
    const failed = spawnSync(process.execPath, ["-e", script], {
      cwd: root,
      env,
      encoding: "utf8",
    });
    expect(failed.stderr).toMatch(/Error: unsupported\n {4}at .*index\.js:1/);
  });

  test.each([
    ["cdktf", cdktf],
    ["cdktn", cdktn],
    ["cdktn", { ...cdktn, cdktf: "0.21.0" }],
  ])("is %s, which the project has with its bindings", (toolkit, packages) => {
    const root = project({ ...packages, ...constructs });
    expect(loadModules(root)).toEqual([
      `${toolkit} index.js`,
      `@${toolkit}/provider-databricks lib/job.js`,
      "constructs index.js",
    ]);
    expect(installedBindings(root)?.toolkit).toBe(toolkit);
  });

  test("the constructs package is the one that the toolkit itself uses", () => {
    const root = project({ ...cdktn, ...constructs, "cdktn/node_modules/constructs": "10.6.0" });
    expect(loadModules(root)[2]).toBe("cdktn/node_modules/constructs index.js");
  });

  test.each([
    ["NO_TOOLKIT", {}, /given: {3}\S+\n/],
    [
      "NO_TOOLKIT",
      { cdktn: "0.24.0", "@cdktf/provider-databricks": "15.16.1" },
      /only @cdktf\/provider-databricks and cdktn, in /,
    ],
    [
      "TWO_TOOLKITS",
      { ...cdktf, ...cdktn },
      /cdktf 0\.21\.0 with @cdktf\/provider-databricks 15\.16\.1 and cdktn 0\.24\.0 with /,
    ],
    [
      "TOOLKIT_TOO_OLD",
      { ...cdktf, "@cdktf/provider-databricks": "15.9.0" },
      /@cdktf\/provider-databricks 15\.9\.0\n.*15\.16\.1 or newer/,
    ],
  ])("rejects with %s: %j", (code, packages, message) => {
    const [errorCode, text] = loadModules(project(packages));
    expect([errorCode, text]).toEqual([code, expect.stringMatching(message)]);
    expect(text).toMatch(/^[A-Z_]+: [\s\S]*\n {2}fix: {5}npm /);
  });

  test("the oldest bindings are those of the peer dependencies, which are optional", () => {
    const { peerDependencies, peerDependenciesMeta } = JSON.parse(
      fs.readFileSync(path.join(repository, "package.json"), "utf8"),
    ) as {
      peerDependencies: Record<string, string>;
      peerDependenciesMeta: Record<string, { optional: boolean }>;
    };
    for (const [toolkit, oldest] of Object.entries(oldestBindings)) {
      expect(peerDependencies[`@${toolkit}/provider-databricks`]).toMatch(
        new RegExp(`^>=${oldest.replaceAll(".", "\\.")} <\\d+$`),
      );
      for (const name of [toolkit, `@${toolkit}/provider-databricks`])
        expect(peerDependenciesMeta[name]).toEqual({ optional: true });
    }
  });
});
