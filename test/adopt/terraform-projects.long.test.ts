/**
 * Projects in HCL (`test/fixtures/terraform`), applied by Terraform and adopted from their state by
 * the command.
 */
import { execFile } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import type { Connection } from "../../src/api";
import { installProviderMirror } from "../../src/terraform/provider-mirror";
import { removeSynthesized } from "../../src/testing/synthesize";
import { clientOf, codeOf, firstPlan, synthesizeAdopted } from "../support/adopted";
import { expectExit, lakeform, type CliResult } from "../support/cli";
import { typeProblems } from "../support/generated-code";
import { lintProblems } from "../support/linted-code";
import { makeFolder, removeFolders, repository } from "../support/project";
import { unexplainedDifferences } from "../support/round-trip";
import { useWorkspace } from "../support/workspace";

const workspace = useWorkspace();
let api: Connection;
let folder: string;
let initResult: CliResult;

const infra = (): string => path.join(folder, "infra");
const root = (): string => path.join(folder, "platform");

async function terraform(...words: string[]): Promise<string> {
  const { directory } = installProviderMirror(path.join(folder, ".lakeform"));
  const config = path.join(folder, "terraform.rc");
  fs.writeFileSync(
    config,
    `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(directory)}\n  }\n}\n`,
  );
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    CHECKPOINT_DISABLE: "1",
    TF_CLI_CONFIG_FILE: config,
    DATABRICKS_HOST: workspace.host,
    DATABRICKS_TOKEN: workspace.token,
  };
  const { stdout } = await promisify(execFile)(
    "terraform",
    [`-chdir=${infra()}`, ...words, "-no-color"],
    { env },
  );
  return stdout;
}

beforeAll(async () => {
  api = clientOf(workspace);
  for (const displayName of ["analysts", "engineers"])
    await api.post("/api/2.0/preview/scim/v2/Groups", { displayName });
  folder = makeFolder("terraform");
  fs.cpSync(path.join(repository, "test", "fixtures", "terraform"), infra(), { recursive: true });
  await terraform("init", "-input=false");
  await terraform("apply", "-auto-approve", "-input=false");
  initResult = await lakeform(
    folder,
    [
      "init",
      "platform",
      "--from",
      "terraform",
      "--dir",
      "infra",
      "--environment",
      "local",
      "--stack",
      "platform",
      "--toolkit",
      "cdktf",
    ],
    {
      LAKEFORM_LOCAL_HOST: workspace.host,
      LAKEFORM_LOCAL_TOKEN: workspace.token,
    },
  );
}, 120_000);
afterAll(removeFolders);

test("the objects of a Terraform state become code, and init lists the others and the commands of the hand-over", () => {
  expectExit(initResult, 0);
  expect(initResult.stdout).toMatchSnapshot();
});

test("no object is recreated or changed", async () => {
  const stack = await synthesizeAdopted(root(), "platform");
  const plan = await firstPlan(stack, api);
  removeSynthesized(stack);
  expect(unexplainedDifferences({ plan, raw: [], objects: 0 })).toEqual({
    creates: [],
    changes: [],
    raw: [],
  });
});

test("the code compiles under strict, passes the linter, and contains no secret value", async () => {
  const files = Object.keys(codeOf(root())).filter((file) => file.endsWith(".ts"));
  expect(typeProblems(files.map((file) => path.join(root(), "stacks", file)))).toEqual([]);
  expect(await lintProblems(root(), ["stacks"])).toEqual([]);
  expect(JSON.stringify(codeOf(root()))).not.toContain("hidden-");
}, 60_000);

test("the old project hands over the objects by its removed blocks or by the command", async () => {
  const [, command = "", blocks = ""] =
    /(terraform -chdir=[^]*?)\nor replace [^\n]*\n([^]*)$/.exec(initResult.stdout) ?? [];
  const configuration =
    fs.readFileSync(path.join(infra(), "secrets", "main.tf"), "utf8").split("resource")[0] ?? "";
  for (const file of fs.readdirSync(infra()).filter((text) => text.endsWith(".tf")))
    fs.rmSync(path.join(infra(), file));
  fs.writeFileSync(path.join(infra(), "main.tf"), configuration + blocks);
  const plan = await terraform("plan", "-input=false");
  expect(plan).toContain("Plan: 0 to add, 0 to change, 0 to destroy.");
  expect(plan.match(/# \S+ will no longer be managed by Terraform/g)).toHaveLength(31);
  const { stdout } = await promisify(execFile)("bash", ["-c", command], { cwd: folder });
  expect(stdout).toContain("Successfully removed 31 resource instance(s).");
}, 60_000);
