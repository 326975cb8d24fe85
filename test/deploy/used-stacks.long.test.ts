import path from "node:path";
import { ClusterPolicy, ClusterSize, Content, Directory, NodeType, Notebook, NotebookTask, PolicyRule, SparkVersion, Workflow, type WorkspaceStack } from "../../constructs"; // prettier-ignore
import { setTimeout as sleep } from "node:timers/promises";
import { edit } from "../support/app";
import { BuiltProject } from "../support/built-project";
import { expectExit, type CliResult } from "../support/cli";
import { removeFolders } from "../support/project";

let project: BuiltProject;

interface ProjectOptions {
  readonly reference?: "policy" | "strict" | "late" | "counted" | "none";
  readonly folder?: boolean;
}

/**
 * `platform` owns policies and a folder; `jobs` uses a policy and puts a notebook into the folder.
 */
function buildProject({ reference = "policy", folder = false }: ProjectOptions = {}): void {
  const ownedPolicies: Partial<Record<string, ClusterPolicy>> = {};
  const definition = { "custom_tags.team": PolicyRule.fixed("data") };
  const platform = (stack: WorkspaceStack): void => {
    ownedPolicies.policy = new ClusterPolicy(stack, "policy", { name: "jobs", definition });
    ownedPolicies.strict = new ClusterPolicy(stack, "strict", { name: "strict jobs", definition });
    if (reference === "late" || reference === "counted")
      ownedPolicies[reference] = new ClusterPolicy(stack, reference, {
        name: reference,
        definition,
      });
    if (folder) new Directory(stack, "folder", { path: "/Shared/used" });
  };
  const jobs = (stack: WorkspaceStack): void => {
    const content = Content.text("# Databricks notebook source\nprint(1)\n");
    const notebook = new Notebook(stack, "load", {
      path: folder ? "/Shared/used/load" : "/Shared/load",
      content,
      language: "PYTHON",
    });
    const ingest = new Workflow(stack, "ingest", { name: "ingest" });
    const policy = reference === "none" ? undefined : ownedPolicies[reference];
    const jobCluster = ingest.addJobCluster("main", {
      sparkVersion: SparkVersion.LTS_15_4,
      nodeType: NodeType.of("Standard_DS3_v2"),
      size: ClusterSize.fixed(1),
      customTags: { team: "data" },
      ...(policy && { policy }),
    });
    ingest.addTask("load", { run: NotebookTask.of(notebook), on: jobCluster });
  };
  // The manifest sorts by name: `jobs` comes before the stack that it uses.
  project.build({ platform, jobs });
}

const readPolicyId = async (): Promise<unknown> => {
  const { jobs = [] } = (await project.get("/api/2.2/jobs/list?expand_tasks=true")) as {
    jobs?: { job_id: number }[];
  };
  if (jobs[0] === undefined) return undefined;
  const { settings } = (await project.get(`/api/2.2/jobs/get?job_id=${jobs[0].job_id}`)) as {
    settings: { job_clusters: { new_cluster: { policy_id?: string } }[] };
  };
  return settings.job_clusters[0]?.new_cluster.policy_id;
};
const readPolicyIds = async (): Promise<Record<string, string>> => {
  const { policies: policyIds = [] } = (await project.get("/api/2.0/policies/clusters/list")) as {
    policies?: { name: string; policy_id: string }[];
  };
  return Object.fromEntries(policyIds.map(({ name, policy_id }) => [name, policy_id]));
};
const digestOf = ({ stdout }: CliResult): string =>
  /digest (sha256:[0-9a-f]+)/.exec(stdout)?.[1] ?? "no digest";

const countOf = (text: string): string =>
  `\${length(${/"policy_id": "\$\{(.*?)\}"/.exec(text)?.[1] ?? "none"}) > 0 ? 1 : 0}`;

beforeAll(async () => {
  project = await BuiltProject.open();
});
afterAll(async () => {
  await project.close();
  removeFolders();
});

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
    /PLAN_CHANGED[^]*plan of jobs-local differs[^]*applied stacks are recorded \(platform-local\)/,
  );
  expect(stoppedDeploy.stderr).toContain(
    "lakeform review jobs-local, then lakeform deploy jobs-local",
  );
  expect(await readPolicyId()).toBeUndefined();
  expectExit(await project.run("deploy", "jobs-local", "--auto-approve", "--no-verify"), 0);
  expect(await readPolicyId()).toBe((await readPolicyIds())["late"]);
});

test("a count that depends on an undeployed stack is rejected, and the order of deploys in the error works", async () => {
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
