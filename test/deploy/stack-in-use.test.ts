/** Stacks that others use, and a destroy without approval. */
import fs from "node:fs";
import path from "node:path";
import { requireApproval } from "../../src/deploy/approval";
import type { DeployTarget } from "../../src/deploy/target";
import { refuseUsed, usersByAddress } from "../../src/deploy/used-stacks";
import type { Review } from "../../src/review/model";
import { readStackFolder } from "../../src/terraform/stack";
import { makeFolder, removeFolders } from "../support/project";
import { openLab, type Lab } from "../verify/harness";

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(async () => {
  await lab.close();
  removeFolders();
});

test("a destroy of a stack in use names the command that destroys all direct and indirect users, which are found by resource", async () => {
  const root = makeFolder("chain");
  fs.writeFileSync(path.join(root, "manifest.json"), "{}");
  const resources = [
    {
      mode: "managed",
      type: "databricks_directory",
      name: "a",
      instances: [{ attributes: { id: "/Shared/a" } }],
    },
  ];
  const makeTarget = (name: string, uses?: string): DeployTarget => {
    const directory = path.join(root, name);
    fs.mkdirSync(directory);
    const lakeform = {
      version: 1,
      project: "p",
      environment: "dev",
      stack: name,
      provider: "embedded",
      recordFolder: `/Shared/${name}`,
    };
    const data = {
      terraform_remote_state: { [`cross-stack-reference-input-${uses}`]: { backend: "local" } },
    };
    const json = { "//": { lakeform }, ...(uses !== undefined && { data }) };
    fs.writeFileSync(path.join(directory, "cdk.tf.json"), JSON.stringify(json));
    fs.writeFileSync(
      path.join(directory, "terraform.tfstate"),
      JSON.stringify({ version: 4, serial: 1, lineage: name, resources }),
    );
    const terraform = { directory, env: {}, mirror: undefined };
    return {
      stack: readStackFolder(directory),
      client: lab.client,
      terraform,
    } as unknown as DeployTarget;
  };
  const platform = makeTarget("platform-dev");
  const jobs = makeTarget("jobs-dev", "platform-dev");
  const reports = makeTarget("reports-dev", "jobs-dev");
  await expect(refuseUsed([platform])).rejects.toMatchObject({
    code: "STACK_IN_USE",
    details: {
      fix: expect.stringContaining("lakeform destroy platform-dev jobs-dev reports-dev;") as string,
    },
  });
  await expect(refuseUsed([platform, jobs, reports])).resolves.toBeUndefined();

  const output = { o: { value: "${databricks_cluster_policy.p.id}" } };
  const policy =
    "${data.terraform_remote_state.cross-stack-reference-input-platform-dev.outputs.o}";
  const file = path.join(root, "jobs-dev", "cdk.tf.json");
  fs.writeFileSync(
    file,
    JSON.stringify({
      ...(JSON.parse(fs.readFileSync(file, "utf8")) as object),
      resource: { databricks_job: { j: { policy } } },
    }),
  );
  expect(await usersByAddress(platform, { output })).toEqual(
    new Map([["databricks_cluster_policy.p", ["jobs-dev"]]]),
  );
});

test("a destroy that is not approved is rejected, and the error names the destroy command", async () => {
  const questions: string[] = [];
  const answerQuestion = (question: string): Promise<boolean> => {
    questions.push(question);
    return Promise.resolve(false);
  };
  const approvedReview = { digest: `sha256:${"a".repeat(64)}` } as Review;
  const approval = requireApproval(approvedReview, { kind: "ask", ask: answerQuestion }, "destroy");
  await expect(approval).rejects.toMatchObject({
    code: "NOT_APPROVED",
    details: { fix: expect.stringContaining("lakeform destroy …") as string },
  });
  expect(questions).toEqual([expect.stringContaining("Destroy this?")]);
});
