/** The recorded commit contains all deployed code, without files from outside the repository. */
import fs from "node:fs";
import path from "node:path";
import { checkGit } from "../../src/promote/evidence";
import type { StackJson } from "../../src/terraform/stack";
import { commit, git } from "../support/app";
import { controlCharacters, hostile } from "../support/hostile";
import { makeFolder, removeFolders } from "../support/project";

afterAll(removeFolders);

const outsideFile = path.join(makeFolder("elsewhere"), "rates.csv");
fs.writeFileSync(outsideFile, "1\n");
/** The project is a folder of its repository. */
const root = path.join(makeFolder("monorepo"), "repository", "etl");
const directory = path.join(root, "cdktf.out", "stacks", "etl-prod");
fs.mkdirSync(directory, { recursive: true });
fs.writeFileSync(
  path.join(root, "cdktf.json"),
  JSON.stringify({ language: "typescript", app: "node app.js" }),
);
fs.writeFileSync(path.join(root, ".gitignore"), "cdktf.out\n");
fs.writeFileSync(path.join(root, "own.py"), "1\n");
fs.writeFileSync(path.join(root, "..", "shared.py"), "1\n");
git(path.dirname(root), "init", "-q", "-b", "main");
commit(path.dirname(root), "first");

/** Evaluates the gate for a stack with these files. */
async function checkGate({
  filesOutside,
  resource,
}: {
  filesOutside?: readonly string[];
  resource?: StackJson["resource"];
}) {
  const metadata = {
    version: 1,
    project: "etl",
    environment: "prod",
    stack: "etl-prod",
    provider: "official",
    stamp: "etl/etl-prod",
    recordFolder: "/Workspace/Shared/.lakeform/etl/etl-prod",
    resources: {},
    variables: {},
    ignores: [],
    suppressions: [],
    ...(filesOutside && { filesOutside }),
  } as const;
  return checkGit([
    { name: "etl-prod", directory, json: { ...(resource && { resource }) }, metadata },
  ]);
}

test("a file of the repository outside the project's folder counts as part of the commit", async () => {
  expect(await checkGate({ filesOutside: ["../shared.py"] })).toMatchObject({ outcome: "passed" });
});

test("a file from outside the repository is listed, and fails the gate", async () => {
  const outsidePath = path.relative(fs.realpathSync(root), fs.realpathSync(outsideFile));
  const gateResult = await checkGate({ filesOutside: ["../shared.py", outsidePath] });
  expect(gateResult).toMatchObject({
    outcome: "failed",
    fix: "copy them into the repository, and commit them",
  });
  expect(gateResult.evidence).toContain("does not contain all of the code");
  expect(gateResult.evidence).toContain("rates.csv");
  expect(gateResult.evidence).not.toContain("shared.py");
});

test("a file outside the repository that Terraform reads, directly or by a committed link, fails the gate", async () => {
  const notebook = (source: string) => ({
    databricks_notebook: { n: { path: "/Shared/n", language: "PYTHON", source } },
  });
  fs.symlinkSync(outsideFile, path.join(root, "linked.py"));
  commit(root, "a link");
  expect(await checkGate({ resource: notebook("../../../own.py") })).toMatchObject({
    outcome: "passed",
  });
  for (const source of [outsideFile, "../../../linked.py"])
    expect(await checkGate({ resource: notebook(source) })).toMatchObject({ outcome: "failed" });
});

test("a hostile file name cannot add a line to the evidence", async () => {
  const name = hostile.replaceAll("/", "-").slice(0, 60);
  fs.writeFileSync(path.join(root, name), "1\n");
  const { outcome, evidence } = await checkGate({});
  fs.rmSync(path.join(root, name));
  expect(outcome).toBe("failed");
  expect(controlCharacters.test(evidence.replaceAll("\n", ""))).toBe(false);
  expect(evidence.split("\n")).toHaveLength(1);
});
