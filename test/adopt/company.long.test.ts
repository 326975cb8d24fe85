import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { clientOf } from "../support/adopted";
import { linkPackages, useCachedSynth } from "../support/app";
import { expectExit, lakeform } from "../support/cli";
import { prepareCompany } from "../support/company";
import { typeProblems } from "../support/generated-code";
import { lintProblems } from "../support/linted-code";
import { makeFolder, removeFolders, repository } from "../support/project";
import { useWorkspace } from "../support/workspace";

const workspace = useWorkspace();
let root: string;

const env = (): NodeJS.ProcessEnv => ({
  LAKEFORM_LOCAL_HOST: workspace.host,
  LAKEFORM_LOCAL_TOKEN: workspace.token,
});

beforeAll(async () => {
  await prepareCompany(clientOf(workspace));
  const folder = makeFolder("company");
  root = path.join(folder, "company");
  const initResult = await lakeform(
    folder,
    [
      "init",
      "company",
      "--from",
      "workspace",
      "--all",
      "--follow",
      "all",
      "--environment",
      "local",
      "--toolkit",
      "cdktf",
    ],
    env(),
  );
  expectExit(initResult, 0);
  linkPackages(root);
  useCachedSynth(root);
}, 60_000);
afterAll(removeFolders);

describe("init --from workspace, with 60 jobs,", () => {
  test("generates a project whose npm test passes", () => {
    const testRun = spawnSync(
      process.execPath,
      [path.join(repository, "node_modules/jest/bin/jest.js"), "--ci"],
      {
        cwd: root,
        encoding: "utf8",
      },
    );
    expect([testRun.status, testRun.stderr]).toEqual([
      0,
      expect.stringContaining("1 passed, 1 total"),
    ]);
  }, 60_000);

  test("generates code that passes a strict compiler and the recommended rules of typescript-eslint", async () => {
    expect(
      typeProblems([path.join(root, "stacks/main.ts"), path.join(root, "test/stack.test.ts")]),
    ).toEqual([]);
    expect(await lintProblems(root, ["stacks", "test"])).toEqual([]);
  }, 60_000);
});

describe("--group-by puts jobs into folders", () => {
  test.each([
    ["name-prefix", ["sales/sales-daily.ts", "sales/sales-weekly.ts", "web/web-daily.ts"]],
    ["folder", ["shared-sales/sales-daily.ts", "shared-web/web-daily.ts", "sales-weekly.ts"]],
    [
      "owner",
      [
        "admin-lakeform-local/sales-daily.ts",
        "admin-lakeform-local/web-daily.ts",
        "admin-lakeform-local/sales-weekly.ts",
      ],
    ],
    ["tag:tier", ["gold/sales-daily.ts", "gold/web-daily.ts", "sales-weekly.ts"]],
  ])("%s", async (grouping, files) => {
    const folder = makeFolder("groups");
    const args = [
      "init",
      "groups",
      "--jobs",
      "sales daily",
      "sales weekly",
      "web daily",
      "--group-by",
      grouping,
      "--environment",
      "local",
    ];
    expectExit(await lakeform(folder, args, env()), 0);
    const codeFolder = path.join(folder, "groups", "stacks", "adopted");
    for (const file of files) expect(fs.existsSync(path.join(codeFolder, file))).toBe(true);
    const index = fs.readFileSync(path.join(codeFolder, "index.ts"), "utf8");
    for (const file of files) expect(index).toContain(`from "./${file.replace(".ts", "")}";\n`);
  });
});
