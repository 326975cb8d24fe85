import fs from "node:fs";
import path from "node:path";
import { contentChanges } from "../../src/adopt/migrate-toolkit";
import { expectExit, lakeform } from "../support/cli";
import { makeFolder, removeFolders, repository } from "../support/project";

const main = `import { Construct } from "constructs";
import { App, Testing } from 'cdktf';
import type { JobConfig } from "@cdktf/provider-databricks/lib/job";
export * from "cdktf/lib/app";
import cdktf = require("cdktf");
type Stack = import("cdktf").TerraformStack;
jest.mock("@cdktf/provider-databricks/lib/job");
// cdktf stays in comments
const name = "cdktf", tag = { tool: "@cdktf/provider-databricks" };
const later = await import("@cdktf/provider-null/lib/resource");
`;

const migratedMain = `import { Construct } from "constructs";
import { App, Testing } from 'cdktn';
import type { JobConfig } from "@cdktn/provider-databricks/lib/job";
export * from "cdktn/lib/app";
import cdktf = require("cdktn");
type Stack = import("cdktn").TerraformStack;
jest.mock("@cdktn/provider-databricks/lib/job");
// cdktf stays in comments
const name = "cdktf", tag = { tool: "@cdktf/provider-databricks" };
const later = await import("@cdktn/provider-null/lib/resource");
`;

const manifest = {
  name: "etl",
  scripts: {
    synth: "cdktf synth --output cdktf.out",
    deploy: "npx cdktf-cli deploy && echo ./cdktf cdktf.json",
  },
  dependencies: {
    "@cdktf/provider-databricks": "15.16.1",
    "@cdktf/provider-null": "^11.0.0",
    cdktf: "0.21.0",
    constructs: "^10.4.2",
    lakeform: "^0.1.0",
  },
  devDependencies: { "cdktf-cli": "^0.21.0", typescript: "5.9" },
};

describe("lakeform migrate-toolkit", () => {
  afterAll(removeFolders);

  function makeProject(): string {
    const root = makeFolder("migrate");
    const files = {
      "package.json": `${JSON.stringify(manifest, null, 4)}\n`,
      "cdktf.json":
        '{\n  "language": "typescript",\n  "app": "npx cdktf-cli x; npx ts-node main.ts",\n  "output": "cdktf.out"\n}\n',
      "main.ts": main,
      "deploy.yml": "run: npx cdktf deploy\n",
      "README.md": "see cdktf.json and cdktf.out\n",
      "cdktf.out/old.ts": 'import "cdktf";\n',
      "node_modules/x/index.ts": 'import "cdktf";\n',
    };
    for (const [name, content] of Object.entries(files)) {
      fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
      fs.writeFileSync(path.join(root, name), content);
    }
    fs.symlinkSync(
      path.join(repository, "node_modules", "typescript"),
      path.join(root, "node_modules", "typescript"),
    );
    return root;
  }

  const readFile = (root: string, name: string): string =>
    fs.readFileSync(path.join(root, name), "utf8");

  test("renames only imports, packages and commands, and can be reverted", async () => {
    const root = makeProject();
    const preview = await lakeform(root, ["migrate-toolkit", "--dry-run"]);
    expectExit(preview, 0);
    expect(preview.stdout).toBe(`would change  package.json
would change  cdktf.json
would change  main.ts
check    @cdktn/provider-null in package.json: set to the latest version
check    deploy.yml still mentions the other toolkit
check    main.ts still mentions the other toolkit
`);
    expect(readFile(root, "main.ts")).toBe(main);

    const migration = await lakeform(root, ["migrate-toolkit", "--no-install"]);
    expectExit(migration, 0);
    expect(migration.stdout).toContain("next: npm install --no-audit --no-fund && lakeform synth");
    expect(readFile(root, "main.ts")).toBe(migratedMain);
    expect(readFile(root, "package.json")).toBe(
      `${JSON.stringify(
        {
          name: "etl",
          scripts: {
            synth: "cdktn synth --output cdktf.out",
            deploy: "npx cdktn-cli deploy && echo ./cdktf cdktf.json",
          },
          dependencies: {
            "@cdktn/provider-databricks": "18.7.0",
            "@cdktn/provider-null": "latest",
            cdktn: "0.24.0",
            constructs: ">=10.6.0 <10.8.0",
            lakeform: "^0.1.0",
          },
          devDependencies: { "cdktn-cli": "0.24.0", typescript: "5.9" },
        },
        null,
        4,
      )}\n`,
    );
    expect(readFile(root, "cdktf.json")).toContain(
      '"app": "npx cdktn-cli x; npx ts-node main.ts",\n  "output": "cdktf.out"',
    );
    for (const name of ["cdktf.out/old.ts", "node_modules/x/index.ts"])
      expect(readFile(root, name)).toBe('import "cdktf";\n');
    const secondMigration = await lakeform(root, ["migrate-toolkit", "--no-install"]);
    expect([secondMigration.code, secondMigration.stdout]).toEqual([
      0,
      "the project already uses cdktn: nothing to do\n",
    ]);

    expectExit(await lakeform(root, ["migrate-toolkit", "--to", "cdktf", "--no-install"]), 0);
    expect(readFile(root, "main.ts")).toBe(main);
  });

  test("rejects a project without a toolkit", async () => {
    const root = makeProject();
    fs.writeFileSync(path.join(root, "package.json"), "{}");
    const { code, stderr } = await lakeform(root, ["migrate-toolkit", "--no-install"]);
    expect([code, stderr]).toEqual([1, expect.stringContaining("TOOLKIT_NOT_USED")]);
  });

  test("rejects TypeScript 7, which has no compiler API, before it changes a file", async () => {
    const root = makeProject();
    const typescript = path.join(root, "node_modules", "typescript");
    fs.rmSync(typescript);
    fs.mkdirSync(typescript);
    fs.writeFileSync(path.join(typescript, "index.js"), 'exports.version = "7.0.2";');
    const { code, stderr } = await lakeform(root, ["migrate-toolkit", "--no-install"]);
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/TYPESCRIPT_TOO_NEW.*\n.*typescript 7\.0\.2/),
    ]);
    expect(readFile(root, "main.ts")).toBe(main);
  });

  test("reports changed resources of the synth output, but not changed versions of toolkit and provider", () => {
    const stack = (version: string, path: string): ReadonlyMap<string, Record<string, unknown>> =>
      new Map([
        [
          "etl-local",
          {
            "//": { metadata: { version } },
            resource: {
              databricks_directory: {
                a: { path: "/a", "//": { metadata: { version } } },
                b: { path },
              },
            },
            terraform: { backend: { local: {} }, required_providers: { databricks: { version } } },
          },
        ],
      ]);
    expect(contentChanges(stack("1", "/b"), stack("2", "/b"))).toEqual([]);
    expect(contentChanges(stack("1", "/b"), stack("2", "/c"))).toEqual([
      "etl-local: databricks_directory.b",
    ]);
    expect(contentChanges(stack("1", "/b"), new Map())).toContain(
      "etl-local: databricks_directory.a",
    );
  });

  test("is not needed after init, which writes the packages of the chosen toolkit, cdktn by default", async () => {
    for (const [words, name, other] of [
      [[], "cdktn", "cdktf"],
      [["--toolkit", "cdktf"], "cdktf", "cdktn"],
    ] as const) {
      const root = makeFolder("init");
      expectExit(await lakeform(root, ["init", "--name", "etl", ...words]), 0);
      const { dependencies } = JSON.parse(readFile(root, "package.json")) as {
        dependencies: Record<string, string>;
      };
      expect(Object.keys(dependencies)).toEqual(
        expect.arrayContaining([name, `@${name}/provider-databricks`, "constructs", "lakeform"]),
      );
      expect(Object.keys(dependencies)).not.toContain(other);
    }
  });
});
