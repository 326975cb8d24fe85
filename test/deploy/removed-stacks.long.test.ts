/** Further cases of removed stacks: renamed ones, lost states, other branches, promotions. */
import fs from "node:fs";
import path from "node:path";
import { expectExit, lakeform } from "../support/cli";
import { makeProject, setStacks } from "../support/project";
import { startWorkspace } from "../../src/workspace/server";
import {
  deployed,
  env,
  git,
  keep,
  names,
  renameStack,
  stack,
  useWorkspacePerTest,
  workspace,
} from "./removed-stacks-lab";

useWorkspacePerTest();

test("a renamed stack keeps its objects in the state backend of the workspace", () =>
  renameStack({ http: {} }));

test("objects that a renamed stack has taken over stay; a second state is not replaced", async () => {
  const root = await deployed({ "old-local": stack("old-local", { job: "etl" }) });
  await deployed({ "new-local": stack("new-local", { job: "etl" }) }, root);
  expect(await names()).toEqual(["etl", "etl"]);
  const late = await lakeform(root, ["state", "migrate", "new-local", "--from-stack", "old-local"], env); // prettier-ignore
  expectExit(late, 1);
  expect(late.stderr).toContain("OTHER_STATE");
  const destroyed = await lakeform(root, ["destroy", "old-local", "--auto-approve"], env);
  expectExit(destroyed, 0);
  expect(destroyed.stdout).toContain("x forget notebook /Shared/etl");
  const verified = await lakeform(root, ["verify", "local"], env);
  expectExit(verified, 0);
  expect(await names()).toEqual(["etl"]);
});

test("without its state, a removed stack is found and destroyed by its record", async () => {
  const policy = { p: { name: "gone", definition: "{}" } };
  const more = { databricks_cluster_policy: policy };
  const root = await deployed({ ...keep, "gone-local": stack("gone-local", { more }) });
  setStacks(root, keep);
  fs.rmSync(path.join(root, ".lakeform", "state", "gone-local.tfstate"));
  const verified = await lakeform(root, ["verify", "local"], env);
  expectExit(verified, 2);
  expect(verified.stdout).toContain("3 of its objects still exist");
  expect(verified.stdout).toContain("note: there is no state here: found by name");
  const refused = await lakeform(root, ["destroy", "gone-local", "--auto-approve"], env);
  expectExit(refused, 2);
  expect(refused.stderr).toContain("REMOVED_WITHOUT_STATE");
  expect(refused.stderr).toContain("lakeform destroy gone-local --by-record");
  const words = ["destroy", "gone-local", "--by-record", "--auto-approve"];
  const destroyed = await lakeform(root, words, env);
  expectExit(destroyed, 0);
  expect(destroyed.stdout).toContain("destroy job gone-local");
  expect(await names()).toEqual(["keep-local"]);
  expectExit(await lakeform(root, ["verify", "local"], env), 0);
});

test("the stack of another branch is named as such; other projects and environments are not reported", async () => {
  const root = makeProject(keep);
  fs.writeFileSync(path.join(root, ".gitignore"), "cdktf.out\n.lakeform\n");
  git(root, "init", "-q", "-b", "main");
  git(root, "add", "-A");
  git(root, "commit", "-qm", "main");
  git(root, "checkout", "-qb", "feature");
  setStacks(root, { ...keep, "extra-local": stack("extra-local") });
  git(root, "commit", "-qam", "feature");
  const commit = git(root, "rev-parse", "HEAD").slice(0, 12);
  await deployed({ ...keep, "extra-local": stack("extra-local") }, root);
  const dev = { ...stack("other-dev"), environment: "dev" };
  const devEnv = { ...env, LAKEFORM_DEV_HOST: workspace.host, LAKEFORM_DEV_TOKEN: workspace.token };
  setStacks(root, { ...keep, "other-dev": dev });
  expectExit(await lakeform(root, ["deploy", "dev", "--auto-approve"], devEnv), 0);
  git(root, "checkout", "-qf", "main");
  const verified = await lakeform(root, ["verify", "local"], env);
  expectExit(verified, 2);
  expect(verified.stdout).toContain(
    `from ${commit}, which is not in the history of this checkout: another branch or newer code may have this stack; remove them: lakeform destroy extra-local`,
  );
  expect(verified.stdout).not.toContain("other-dev");
  const rule = "- { path: extra-local, kind: stack, reason: demo, expires: '2999-01-01' }\n";
  fs.writeFileSync(path.join(root, "ignore.yaml"), rule);
  expectExit(await lakeform(root, ["verify", "local", "--ignore-file", "ignore.yaml"], env), 0);
  // The same folder with the record of another project.
  const file = path.join(root, "stacks.json");
  fs.writeFileSync(
    file,
    fs.readFileSync(file, "utf8").replace('"project":"test"', '"project":"b"'),
  );
  const other = await lakeform(root, ["verify", "local"], env);
  expect(other.stdout).not.toContain("extra-local");
});

test("a removed stack closes the gate of a promotion", async () => {
  const other = await startWorkspace();
  try {
    const stacks = { ...keep, "keep-dev": { ...stack("keep-dev"), environment: "dev" } };
    const root = await deployed({ ...stacks, "gone-local": stack("gone-local") });
    setStacks(root, stacks);
    fs.writeFileSync(path.join(root, ".gitignore"), "cdktf.out\n.lakeform\n");
    git(root, "init", "-q", "-b", "main");
    git(root, "add", "-A");
    git(root, "commit", "-qm", "main");
    const both = { ...env, LAKEFORM_DEV_HOST: other.host, LAKEFORM_DEV_TOKEN: other.token };
    const promoted = await lakeform(root, ["promote", "local", "dev", "--auto-approve"], both);
    expectExit(promoted, 2);
    expect(promoted.stdout).toContain("✗ verified: local matches its code (failed)");
    expect(promoted.stdout).toContain(
      "gone-local: not in the code, but 2 of its objects still exist",
    );
    expect(promoted.stdout).toContain("to open it: lakeform verify local --deep shows it, with the command for each"); // prettier-ignore
  } finally {
    await other.close();
  }
});
