/** Two stacks, of which one uses a policy of the other, with the real commands. */
import fs from "node:fs";
import path from "node:path";
import { expectExit } from "../support/cli";
import {
  buildProject,
  digestOf,
  project,
  readPolicyId,
  readPolicyIds,
  useBuiltProject,
} from "./used-stacks-lab";

useBuiltProject();

test("an environment can be reviewed before its first deploy, and deployed with one approval, referenced stacks first", async () => {
  buildProject();
  const review = await project.run("review", "local");
  expectExit(review, 0);
  expect(review.stdout).toContain(
    "policy_id = (known after platform-local: platform-local/policy.id)",
  );
  expect(review.stdout).not.toContain("cross-stack-output");
  const singleDeploy = await project.run("deploy", "jobs-local", "--auto-approve");
  expectExit(singleDeploy, 1);
  expect(singleDeploy.stderr).toContain("UPSTREAM_NOT_DEPLOYED");
  expect(singleDeploy.stderr).toContain("lakeform deploy platform-local jobs-local");
  const deployResult = await project.run("deploy", "local", "--approve", digestOf(review));
  expectExit(deployResult, 0);
  expect(await readPolicyId()).toBe((await readPolicyIds()).jobs);
  const secondDeploy = await project.run("deploy", "local", "--auto-approve");
  expectExit(secondDeploy, 0);
  expect(secondDeploy.stdout).toContain("nothing to do");
});

test("verify resolves the reference through the state of the other stack or, without a state, through its record", async () => {
  const verifyResult = await project.run("verify", "jobs-local", "--deep", "--format", "json");
  expectExit(verifyResult, 0);
  expect(JSON.parse(verifyResult.stdout)).toMatchObject({ counts: { match: 2, unverifiable: 0 } });
  const file = path.join(project.root, ".lakeform", "state", "platform-local.tfstate");
  fs.renameSync(file, `${file}.away`);
  try {
    const recordVerify = await project.run("verify", "jobs-local", "--deep", "--format", "json");
    expectExit(recordVerify, 0);
    expect(JSON.parse(recordVerify.stdout)).toMatchObject({
      counts: { match: 2, unverifiable: 0 },
    });
  } finally {
    fs.renameSync(`${file}.away`, file);
  }
});
