import fs from "node:fs";
import path from "node:path";
import { clientOf } from "../support/adopted";
import { linkPackages, useCachedSynth } from "../support/app";
import { expectExit, lakeform, type CliResult } from "../support/cli";
import { prepareCompany } from "../support/company";
import { makeFolder, removeFolders } from "../support/project";
import { onTerminal, type TypedInput } from "../support/terminal";
import { useWorkspace } from "../support/workspace";

const workspace = useWorkspace();
let root: string;
let initResult: CliResult;

const env = (): NodeJS.ProcessEnv => ({
  LAKEFORM_LOCAL_HOST: workspace.host,
  LAKEFORM_LOCAL_TOKEN: workspace.token,
});
const readCode = (file: string): string =>
  fs.readFileSync(path.join(root, "stacks", "adopted", file), "utf8");

beforeAll(async () => {
  await prepareCompany(clientOf(workspace));
  const folder = makeFolder("company");
  root = path.join(folder, "company");
  initResult = await lakeform(
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
  linkPackages(root);
  useCachedSynth(root);
}, 60_000);
afterAll(removeFolders);

describe("init --from workspace, with 60 jobs,", () => {
  test("lists the files by folder, and the next commands", () => {
    expectExit(initResult, 0);
    expect(initResult.stdout).toContain("company/stacks/adopted: 76 files\n");
    expect(initResult.stdout).toContain("60 jobs adopted, 86 import blocks\n");
    expect(initResult.stderr).toContain(
      "next: cd company && npm install && npx lakeform review adopted-local && npx lakeform deploy adopted-local\n",
    );
    expect(fs.readdirSync(root).sort()).toEqual(
      [
        ".gitignore",
        "README.md",
        "cdktf.json",
        "node_modules",
        "package.json",
        "stacks",
        "test",
        "tsconfig.json",
      ].sort(),
    );
  });

  test("generates readable code", () => {
    expect(readCode("sales-daily.ts")).toMatchSnapshot();
    expect(readCode("sales-quality.ts")).toMatchSnapshot();
    expect(readCode("index.ts")).toContain(
      "readonly salesQuality = salesQuality(this, this.salesCleanNotebook, this.reportNotebook);\n",
    );
  });

  test("generates a project whose first plan only imports", async () => {
    const review = await lakeform(root, ["review", "adopted-local", "--quiet"], env());
    expectExit(review, 0);
    expect(review.stdout).toContain(
      "adopted-local: 0 create, 0 update, 0 replace, 0 destroy, 86 import",
    );
  }, 60_000);
});

describe("init without a selection, on a terminal,", () => {
  const initOnTerminal = (
    folder: string,
    ...typed: readonly TypedInput[]
  ): ReturnType<typeof onTerminal> =>
    onTerminal(["init", "picked", "--from", "workspace", "--environment", "local"], env(), {
      cwd: folder,
      typed,
    });

  test("lists the jobs, and selects them by numbers, names and patterns", async () => {
    const folder = makeFolder("picker");
    const { code, screen } = await initOnTerminal(
      folder,
      [/Enter ends: /, "none such\n"],
      [/number none such[^]*Enter ends: /, "2-3, web weekly, *quality\n"],
      [/\[y\/N\] /, "y\n"],
    );
    expect([code, screen]).toEqual([0, expect.stringContaining("8 jobs adopted")]);
    expect(screen).toContain("  1  [CRM] hourly sync (v2)");
    expect(screen).toContain("no job has the name or number none such");
    expect(screen).toContain("Adopt these 8 jobs? [y/N] ");
    const generatedFiles = fs
      .readdirSync(path.join(folder, "picked", "stacks", "adopted"))
      .filter((file) => file.endsWith(".ts"));
    expect(generatedFiles).toEqual(
      expect.arrayContaining(["web-weekly.ts", "crm-quality.ts", "finance-hourly-sync-v2.ts"]),
    );
  }, 30_000);

  test("writes nothing and exits with 2 if no job is selected", async () => {
    const folder = makeFolder("picker");
    const { code, screen } = await initOnTerminal(folder, [/Enter ends: /, "\n"]);
    expect([code, screen]).toEqual([
      2,
      expect.stringContaining("no jobs were picked: nothing was written"),
    ]);
    expect(fs.readdirSync(folder)).toEqual([]);
  }, 30_000);
});

describe("adopt rejects", () => {
  test.each([
    [
      "a missing selection without a terminal for a prompt",
      ["other", "--from", "workspace"],
      "NOTHING_TO_ADOPT",
    ],
    ["a folder with a project, before the workspace is read", ["company", "--all"], "FILE_EXISTS"],
    ["a missing bundle", ["other", "--from", "bundle"], "BAD_BUNDLE"],
    ["a folder without a state", ["other", "--from", "terraform"], "NO_TERRAFORM_STATE"],
    ["an unknown source", ["other", "--from", "yaml"], "USAGE"],
    ["an unknown environment", ["other", "--all", "--environment", "My Prod"], "USAGE"],
  ])("%s", async (_what, args, code) => {
    const parent = path.dirname(root);
    const result = await lakeform(
      parent,
      ["init", ...args, "--environment", "local"].slice(
        0,
        args.includes("--environment") ? -2 : undefined,
      ),
      env(),
    );
    expect([result.code, result.stderr.slice(0, code.length)]).toEqual([1, code]);
    expect(fs.existsSync(path.join(parent, "other"))).toBe(false);
  });
});
