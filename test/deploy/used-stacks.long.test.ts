import path from "node:path";
import { ClusterPolicy, ClusterSize, Content, Directory, NodeType, Notebook, NotebookTask, PolicyRule, SparkVersion, Workflow, type WorkspaceStack } from "../../constructs"; // prettier-ignore
import { setTimeout as sleep } from "node:timers/promises";
import { edit } from "../support/app";
import { BuiltProject } from "../support/built-project";
import { expectExit, type CliResult } from "../support/cli";
import { removeFolders } from "../support/project";

let project: BuiltProject;

interface Shape {
  readonly reference?: "policy" | "strict" | "late" | "counted" | "none";
  readonly folder?: boolean;
}

/**
 * `platform` owns policies and a folder; `jobs` uses a policy and puts a notebook into the folder.
 */
function build({ reference = "policy", folder = false }: Shape = {}): void {
  const owned: Partial<Record<string, ClusterPolicy>> = {};
  const definition = { "custom_tags.team": PolicyRule.fixed("data") };
  const platform = (stack: WorkspaceStack): void => {
    owned.policy = new ClusterPolicy(stack, "policy", { name: "jobs", definition });
    owned.strict = new ClusterPolicy(stack, "strict", { name: "strict jobs", definition });
    if (reference === "late" || reference === "counted")
      owned[reference] = new ClusterPolicy(stack, reference, { name: reference, definition });
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
    const policy = reference === "none" ? undefined : owned[reference];
    const on = ingest.addJobCluster("main", {
      sparkVersion: SparkVersion.LTS_15_4,
      nodeType: NodeType.of("Standard_DS3_v2"),
      size: ClusterSize.fixed(1),
      customTags: { team: "data" },
      ...(policy && { policy }),
    });
    ingest.addTask("load", { run: NotebookTask.of(notebook), on });
  };
  // The manifest sorts by name: `jobs` comes before the stack that it uses.
  project.build({ platform, jobs });
}

const policyOf = async (): Promise<unknown> => {
  const { jobs = [] } = (await project.get("/api/2.2/jobs/list?expand_tasks=true")) as {
    jobs?: { job_id: number }[];
  };
  if (jobs[0] === undefined) return undefined;
  const { settings } = (await project.get(`/api/2.2/jobs/get?job_id=${jobs[0].job_id}`)) as {
    settings: { job_clusters: { new_cluster: { policy_id?: string } }[] };
  };
  return settings.job_clusters[0]?.new_cluster.policy_id;
};
const policies = async (): Promise<Record<string, string>> => {
  const { policies: all = [] } = (await project.get("/api/2.0/policies/clusters/list")) as {
    policies?: { name: string; policy_id: string }[];
  };
  return Object.fromEntries(all.map(({ name, policy_id }) => [name, policy_id]));
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
  build();
  const review = await project.run("review", "local");
  expectExit(review, 0);
  expect(review.stdout).toContain(
    "policy_id = (known after platform-local: platform-local/policy.id)",
  );
  expect(review.stdout).not.toContain("cross-stack-output");
  const alone = await project.run("deploy", "jobs-local", "--auto-approve");
  expectExit(alone, 1);
  expect(alone.stderr).toContain("UPSTREAM_NOT_DEPLOYED");
  expect(alone.stderr).toContain("lakeform deploy platform-local jobs-local");
  const deployed = await project.run("deploy", "local", "--approve", digestOf(review));
  expectExit(deployed, 0);
  expect(await policyOf()).toBe((await policies()).jobs);
  const again = await project.run("deploy", "local", "--auto-approve");
  expectExit(again, 0);
  expect(again.stdout).toContain("nothing to do");
});

test("a first reference to a value is reviewed and deployed; the using stack alone reports what is missing", async () => {
  build({ reference: "strict" });
  const alone = await project.run("review", "jobs-local", "--no-verify");
  expectExit(alone, 1);
  expect(alone.stderr).toContain("platform-local/strict.id");
  const review = await project.run("review", "local");
  expectExit(review, 0);
  const all = await policies();
  expect(review.stdout).toContain(
    `policy_id: "${all.jobs ?? ""}" -> "${all["strict jobs"] ?? ""}"`,
  );
  expectExit(await project.run("deploy", "local", "--approve", digestOf(review)), 0);
  expect(await policyOf()).toBe(all["strict jobs"]);
});

test("a referenced stack that is not selected is read as deployed, and the review has a note", async () => {
  const review = await project.run("review", "jobs-local", "--no-verify");
  expectExit(review, 0);
  expect(review.stdout).toContain("uses the deployed platform-local");
});

test("a plan that differs from the reviewed one after the used stack's apply stops the deploy, and the next deploy continues", async () => {
  build({ reference: "late" });
  project.workspace.faults.add({
    method: "POST",
    path: "/api/2.0/policies/clusters/create",
    when: "after",
    delay_ms: 4000,
  });
  const deployed = project.run("deploy", "local", "--auto-approve", "--no-verify");
  // The job is deleted while the platform is applied.
  while ((await policies())["late"] === undefined) await sleep(100);
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
  const stopped = await deployed;
  project.workspace.faults.clear();
  expectExit(stopped, 2);
  expect(stopped.stderr).toMatch(
    /PLAN_CHANGED[^]*plan of jobs-local differs[^]*applied stacks are recorded \(platform-local\)/,
  );
  expect(stopped.stderr).toContain("lakeform review jobs-local, then lakeform deploy jobs-local");
  expect(await policyOf()).toBeUndefined();
  expectExit(await project.run("deploy", "jobs-local", "--auto-approve", "--no-verify"), 0);
  expect(await policyOf()).toBe((await policies())["late"]);
});

test("a count that depends on a referenced stack needs that stack's value: the error names the order of deploys, which works", async () => {
  build({ reference: "counted" });
  // Constructs have no such field.
  edit(path.join(project.root, "built", "stacks", "jobs-local", "cdk.tf.json"), (text) =>
    text.replace(/("databricks_job": \{\s*"[^"]*": \{)/, `$1"count": "${countOf(text)}",`),
  );
  const early = await project.run("review", "local");
  expectExit(early, 1);
  expect(early.stderr).toMatch(
    /UPSTREAM_DECIDES_NUMBER[^]*count of a value that is known after platform-local: platform-local\/counted\.id/,
  );
  expect(early.stderr).toContain("lakeform deploy platform-local");
  expectExit(await project.run("deploy", "platform-local", "--auto-approve", "--no-verify"), 0);
  const deployed = await project.run("deploy", "jobs-local", "--auto-approve", "--no-verify");
  expectExit(deployed, 0);
});

test("a stack that others use is not destroyed without --force; the using stack can be destroyed after it, and both deployed again", async () => {
  const refused = await project.run("destroy", "platform-local", "--auto-approve");
  expectExit(refused, 2);
  expect(refused.stderr).toContain("jobs-local uses platform-local/counted.id");
  expectExit(await project.run("destroy", "platform-local", "--auto-approve", "--force"), 0);
  build();
  expectExit(await project.run("review", "local"), 0);
  expectExit(await project.run("destroy", "jobs-local", "--auto-approve"), 0);
  expect(await policyOf()).toBeUndefined();
  expectExit(await project.run("destroy", "local", "--auto-approve"), 0);
});

test("a destroy runs in reverse order even without a reference, so that a folder is empty when it is destroyed", async () => {
  const builtIn = await policies();
  expect(builtIn).not.toHaveProperty("jobs");
  build({ folder: true, reference: "none" });
  expectExit(await project.run("deploy", "local", "--auto-approve", "--no-verify"), 0);
  const refused = await project.run("destroy", "platform-local", "--auto-approve");
  expectExit(refused, 2);
  expect(refused.stderr).toContain("jobs-local uses the folder of /Shared/used/load");
  expectExit(await project.run("destroy", "local", "--auto-approve"), 0);
  expect(await policyOf()).toBeUndefined();
  expect(await policies()).toEqual(builtIn);
});

test("if all objects were deleted manually, there is nothing to destroy, and no record blocks the next deploy", async () => {
  build({ reference: "none" });
  expectExit(await project.run("deploy", "platform-local", "--auto-approve", "--no-verify"), 0);
  const { host, token } = project.workspace;
  for (const [name, policy_id] of Object.entries(await policies())) {
    if (!["jobs", "strict jobs"].includes(name)) continue;
    const init = {
      method: "POST",
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify({ policy_id }),
    };
    expect((await fetch(`${host}/api/2.0/policies/clusters/delete`, init)).status).toBe(200);
  }
  const record = (): Promise<unknown> =>
    project.get(
      "/api/2.0/workspace/get-status?path=/Workspace/Shared/.lakeform/built/platform-local/record.json",
    );
  await record();
  const destroyed = await project.run("destroy", "platform-local", "--auto-approve");
  expectExit(destroyed, 0);
  expect(destroyed.stdout).toContain("nothing to destroy");
  await expect(record()).rejects.toThrow("404");
});
