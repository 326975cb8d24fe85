import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { edit } from "../support/app";
import { expectExit } from "../support/cli";
import {
  buildProject,
  digestOf,
  project,
  readPolicyId,
  readPolicyIds,
  useBuiltProject,
} from "./used-stacks-lab";

const countOf = (text: string): string =>
  `\${length(${/"policy_id": "\$\{(.*?)\}"/.exec(text)?.[1] ?? "none"}) > 0 ? 1 : 0}`;

useBuiltProject();
beforeAll(async () => {
  buildProject();
  expectExit(await project.run("deploy", "local", "--auto-approve"), 0);
});

test("a new reference is reviewed and deployed with both stacks; a review of the using stack alone names the missing value", async () => {
  buildProject({ reference: "strict" });
  const singleReview = await project.run("review", "jobs-local", "--no-verify");
  expectExit(singleReview, 1);
  expect(singleReview.stderr).toContain("platform-local/strict.id");
  const review = await project.run("review", "local");
  expectExit(review, 0);
  const policyIds = await readPolicyIds();
  expect(review.stdout).toContain(
    `policy_id: "${policyIds.jobs ?? ""}" -> "${policyIds["strict jobs"] ?? ""}"`,
  );
  expectExit(await project.run("deploy", "local", "--approve", digestOf(review)), 0);
  expect(await readPolicyId()).toBe(policyIds["strict jobs"]);
});

test("a referenced stack that is not selected is read as deployed, and the review has a note", async () => {
  const review = await project.run("review", "jobs-local", "--no-verify");
  expectExit(review, 0);
  expect(review.stdout).toContain("uses the deployed platform-local");
});

test("a deploy stops if a plan changed after the apply of the used stack, and the next deploy continues", async () => {
  buildProject({ reference: "late" });
  project.workspace.faults.add({
    method: "POST",
    path: "/api/2.0/policies/clusters/create",
    when: "after",
    delay_ms: 4000,
  });
  const runningDeploy = project.run("deploy", "local", "--auto-approve", "--no-verify");
  // The job is deleted while the platform is applied.
  while ((await readPolicyIds())["late"] === undefined) await sleep(100);
  const { jobs = [] } = (await project.get("/api/2.2/jobs/list")) as {
    jobs?: { job_id: number }[];
  };
  const { host, token } = project.workspace;
  const body = JSON.stringify({ job_id: jobs[0]?.job_id });
  expect(
    (
      await fetch(`${host}/api/2.2/jobs/delete`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}` },
        body,
      })
    ).status,
  ).toBe(200);
  const stoppedDeploy = await runningDeploy;
  project.workspace.faults.clear();
  expectExit(stoppedDeploy, 2);
  expect(stoppedDeploy.stderr).toMatch(
    /PLAN_CHANGED[^]*plan of jobs-local differs[^]*applied upstream stacks are recorded \(platform-local\)/,
  );
  expect(stoppedDeploy.stderr).toContain(
    "lakeform review jobs-local, then lakeform deploy jobs-local",
  );
  expect(await readPolicyId()).toBeUndefined();
  expectExit(await project.run("deploy", "jobs-local", "--auto-approve", "--no-verify"), 0);
  expect(await readPolicyId()).toBe((await readPolicyIds())["late"]);
});

test("a count that depends on an undeployed stack is rejected, and deploys in the order of the error succeed", async () => {
  buildProject({ reference: "counted" });
  // Constructs have no such field.
  edit(path.join(project.root, "built", "stacks", "jobs-local", "cdk.tf.json"), (text) =>
    text.replace(/("databricks_job": \{\s*"[^"]*": \{)/, `$1"count": "${countOf(text)}",`),
  );
  const rejectedReview = await project.run("review", "local");
  expectExit(rejectedReview, 1);
  expect(rejectedReview.stderr).toMatch(
    /UPSTREAM_DECIDES_NUMBER[^]*count of a value that is known after platform-local: platform-local\/counted\.id/,
  );
  expect(rejectedReview.stderr).toContain("lakeform deploy platform-local");
  expectExit(await project.run("deploy", "platform-local", "--auto-approve", "--no-verify"), 0);
  const deployResult = await project.run("deploy", "jobs-local", "--auto-approve", "--no-verify");
  expectExit(deployResult, 0);
});

test("a stack that others use is not destroyed without --force, and the using stack can be destroyed after it", async () => {
  const rejectedDestroy = await project.run("destroy", "platform-local", "--auto-approve");
  expectExit(rejectedDestroy, 2);
  expect(rejectedDestroy.stderr).toContain("jobs-local uses platform-local/counted.id");
  expectExit(await project.run("destroy", "platform-local", "--auto-approve", "--force"), 0);
  buildProject();
  expectExit(await project.run("review", "local"), 0);
  expectExit(await project.run("destroy", "jobs-local", "--auto-approve"), 0);
  expect(await readPolicyId()).toBeUndefined();
  expectExit(await project.run("destroy", "local", "--auto-approve"), 0);
});

test("a destroy runs in reverse order even without a reference: a folder is empty before its destroy", async () => {
  const builtInPolicies = await readPolicyIds();
  expect(builtInPolicies).not.toHaveProperty("jobs");
  buildProject({ folder: true, reference: "none" });
  expectExit(await project.run("deploy", "local", "--auto-approve", "--no-verify"), 0);
  const rejectedDestroy = await project.run("destroy", "platform-local", "--auto-approve");
  expectExit(rejectedDestroy, 2);
  expect(rejectedDestroy.stderr).toContain("jobs-local uses the folder of /Shared/used/load");
  expectExit(await project.run("destroy", "local", "--auto-approve"), 0);
  expect(await readPolicyId()).toBeUndefined();
  expect(await readPolicyIds()).toEqual(builtInPolicies);
});

test("if all objects were deleted manually, there is nothing to destroy, and no record blocks the next deploy", async () => {
  buildProject({ reference: "none" });
  expectExit(await project.run("deploy", "platform-local", "--auto-approve", "--no-verify"), 0);
  const { host, token } = project.workspace;
  for (const [name, policy_id] of Object.entries(await readPolicyIds())) {
    if (!["jobs", "strict jobs"].includes(name)) continue;
    const init = {
      method: "POST",
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify({ policy_id }),
    };
    expect((await fetch(`${host}/api/2.0/policies/clusters/delete`, init)).status).toBe(200);
  }
  const readRecord = (): Promise<unknown> =>
    project.get(
      "/api/2.0/workspace/get-status?path=/Workspace/Shared/.lakeform/built/platform-local/record.json",
    );
  await readRecord();
  const destroyResult = await project.run("destroy", "platform-local", "--auto-approve");
  expectExit(destroyResult, 0);
  expect(destroyResult.stdout).toContain("nothing to destroy");
  await expect(readRecord()).rejects.toThrow("404");
});
