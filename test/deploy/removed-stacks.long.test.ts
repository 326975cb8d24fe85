/** Further cases of removed stacks: renamed ones, lost states, other branches, promotions. */
import fs from "node:fs";
import path from "node:path";
import { expectExit, lakeform } from "../support/cli";
import { makeProject, setStacks } from "../support/project";
import { startWorkspace } from "../../src/workspace/server";
import {
  deployedProject,
  deployStacks,
  env,
  git,
  keptStack,
  jobNames,
  checkRename,
  stackOf,
  useWorkspacePerTest,
  workspace,
} from "./removed-stacks-lab";

useWorkspacePerTest();

test("with its state in the workspace, a renamed stack keeps its objects", () =>
  checkRename({ http: {} }));

test("a destroy keeps objects that a renamed stack has taken over, and a migration replaces no existing state", async () => {
  const root = await deployedProject({ "old-local": stackOf("old-local", { job: "etl" }) });
  await deployStacks({ "new-local": stackOf("new-local", { job: "etl" }) }, root);
  expect(await jobNames()).toEqual(["etl", "etl"]);
  const migration = ["state", "migrate", "new-local", "--from-stack", "old-local"];
  const migrateResult = await lakeform(root, migration, env);
  expectExit(migrateResult, 1);
  expect(migrateResult.stderr).toContain("OTHER_STATE");
  const destroyResult = await lakeform(root, ["destroy", "old-local", "--auto-approve"], env);
  expectExit(destroyResult, 0);
  expect(destroyResult.stdout).toContain("x forget notebook /Shared/etl");
  const verifyResult = await lakeform(root, ["verify", "local"], env);
  expectExit(verifyResult, 0);
  expect(await jobNames()).toEqual(["etl"]);
});

test("a removed stack without a state is found by its record, and destroyed with --by-record", async () => {
  const policy = { p: { name: "gone", definition: "{}" } };
  const otherResources = { databricks_cluster_policy: policy };
  const root = await deployedProject({
    ...keptStack,
    "gone-local": stackOf("gone-local", { otherResources }),
  });
  setStacks(root, keptStack);
  fs.rmSync(path.join(root, ".lakeform", "state", "gone-local.tfstate"));
  const verifyResult = await lakeform(root, ["verify", "local"], env);
  expectExit(verifyResult, 2);
  expect(verifyResult.stdout).toContain("3 of its objects still exist");
  expect(verifyResult.stdout).toContain(
    "note: there is no state on this machine or in its backend; its objects were found by their names",
  );
  const rejectedDestroy = await lakeform(root, ["destroy", "gone-local", "--auto-approve"], env);
  expectExit(rejectedDestroy, 2);
  expect(rejectedDestroy.stderr).toContain("REMOVED_WITHOUT_STATE");
  expect(rejectedDestroy.stderr).toContain("lakeform destroy gone-local --by-record");
  const args = ["destroy", "gone-local", "--by-record", "--auto-approve"];
  const destroyResult = await lakeform(root, args, env);
  expectExit(destroyResult, 0);
  expect(destroyResult.stdout).toContain("destroy job gone-local");
  expect(await jobNames()).toEqual(["keep-local"]);
  expectExit(await lakeform(root, ["verify", "local"], env), 0);
});

test("verify names the commit of a stack of another branch, and reports no stacks of other projects and environments", async () => {
  const root = makeProject(keptStack);
  fs.writeFileSync(path.join(root, ".gitignore"), "cdktf.out\n.lakeform\n");
  git(root, "init", "-q", "-b", "main");
  git(root, "add", "-A");
  git(root, "commit", "-qm", "main");
  git(root, "checkout", "-qb", "feature");
  setStacks(root, { ...keptStack, "extra-local": stackOf("extra-local") });
  git(root, "commit", "-qam", "feature");
  const commit = git(root, "rev-parse", "HEAD").slice(0, 12);
  await deployStacks({ ...keptStack, "extra-local": stackOf("extra-local") }, root);
  const dev = { ...stackOf("other-dev"), environment: "dev" };
  const devEnv = { ...env, LAKEFORM_DEV_HOST: workspace.host, LAKEFORM_DEV_TOKEN: workspace.token };
  setStacks(root, { ...keptStack, "other-dev": dev });
  expectExit(await lakeform(root, ["deploy", "dev", "--auto-approve"], devEnv), 0);
  git(root, "checkout", "-qf", "main");
  const verifyResult = await lakeform(root, ["verify", "local"], env);
  expectExit(verifyResult, 2);
  expect(verifyResult.stdout).toContain(
    `from ${commit}, which is not in the history of this checkout: another branch or newer code may have this stack; to remove its objects: lakeform destroy extra-local`,
  );
  expect(verifyResult.stdout).not.toContain("other-dev");
  const rule = "- { path: extra-local, kind: stack, reason: demo, expires: '2999-01-01' }\n";
  fs.writeFileSync(path.join(root, "ignore.yaml"), rule);
  expectExit(await lakeform(root, ["verify", "local", "--ignore-file", "ignore.yaml"], env), 0);
  // The checkout of another project does not report this project's record.
  const file = path.join(root, "stacks.json");
  fs.writeFileSync(
    file,
    fs.readFileSync(file, "utf8").replace('"project":"test"', '"project":"b"'),
  );
  const otherProjectResult = await lakeform(root, ["verify", "local"], env);
  expect(otherProjectResult.stdout).not.toContain("extra-local");
});

test("a removed stack fails the verified gate of a promotion", async () => {
  const devWorkspace = await startWorkspace();
  try {
    const stacks = { ...keptStack, "keep-dev": { ...stackOf("keep-dev"), environment: "dev" } };
    const root = await deployedProject({ ...stacks, "gone-local": stackOf("gone-local") });
    setStacks(root, stacks);
    fs.writeFileSync(path.join(root, ".gitignore"), "cdktf.out\n.lakeform\n");
    git(root, "init", "-q", "-b", "main");
    git(root, "add", "-A");
    git(root, "commit", "-qm", "main");
    const promoteEnv = {
      ...env,
      LAKEFORM_DEV_HOST: devWorkspace.host,
      LAKEFORM_DEV_TOKEN: devWorkspace.token,
    };
    const promoteResult = await lakeform(
      root,
      ["promote", "local", "dev", "--auto-approve"],
      promoteEnv,
    );
    expectExit(promoteResult, 2);
    expect(promoteResult.stdout).toContain("✗ verified: local matches its code (failed)");
    expect(promoteResult.stdout).toContain(
      "gone-local: not in the code, but 2 of its objects still exist",
    );
    expect(promoteResult.stdout).toContain(
      "to open it: lakeform verify local --deep lists the differences and the command for each",
    );
  } finally {
    await devWorkspace.close();
  }
});
