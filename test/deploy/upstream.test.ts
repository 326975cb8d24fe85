/** Values that a stack reads from the state of a stack that is not part of the command. */
import fs from "node:fs";
import path from "node:path";
import { connect } from "../../src/api/auth/connect";
import type { DeployTarget } from "../../src/deploy/target";
import { upstreamOf } from "../../src/deploy/used-stacks";
import { readStackFolder } from "../../src/terraform/stack";
import { makeFolder, removeFolders } from "../support/project";
import { metadataFor } from "../verify/harness";

const output = (name: string): string => `cross-stack-output-${name}`;
const reference = (name: string): string =>
  `\${data.terraform_remote_state.cross-stack-reference-input-platform.outputs.${output(name)}}`;

let target: DeployTarget;
let client: ReturnType<typeof connect>;

beforeAll(() => {
  const stacks = path.join(makeFolder("upstream"), "stacks");
  const writeStack = (name: string, json: Record<string, unknown>): string => {
    const directory = path.join(stacks, name);
    fs.mkdirSync(directory, { recursive: true });
    const metadata = metadataFor({}, { stack: name });
    fs.writeFileSync(
      path.join(directory, "cdk.tf.json"),
      JSON.stringify({ "//": { lakeform: metadata }, ...json }),
    );
    return directory;
  };
  const usedDirectory = writeStack("platform", {
    output: {
      [output("token")]: { value: "${databricks_token.ci.token_value}" },
      [output("password")]: { value: "${var.PASSWORD}" },
      [output("policy")]: { value: "${databricks_cluster_policy.p.id}" },
      [output("new")]: { value: "${databricks_cluster_policy.q.id}" },
    },
    variable: { PASSWORD: { sensitive: true } },
  });
  const outputs = {
    [output("token")]: { value: "dapi-of-ci" },
    [output("password")]: { value: "pass-word" },
    [output("policy")]: { value: "P1" },
  };
  fs.writeFileSync(
    path.join(usedDirectory, "terraform.tfstate"),
    JSON.stringify({ version: 4, serial: 1, lineage: "l", outputs, resources: [] }),
  );
  const data = {
    terraform_remote_state: {
      "cross-stack-reference-input-platform": { backend: "local", config: {} },
    },
  };
  const directory = writeStack("jobs", {
    data,
    resource: {
      databricks_job: {
        j: {
          name: "j",
          tags: { a: reference("token"), b: reference("password"), c: reference("policy") },
        },
      },
    },
  });
  const stack = readStackFolder(directory);
  if (stack === undefined) throw new Error("no stack");
  client = connect({ env: { DATABRICKS_HOST: "http://127.0.0.1:9", DATABRICKS_TOKEN: "none" } });
  const engine = { name: "terraform", binary: "/nowhere", version: "1.11.4" } as const;
  target = {
    stack,
    client,
    terraform: { engine, directory, env: {}, credentials: {}, variables: {}, mirror: undefined },
  };
});
afterAll(async () => {
  await client.close();
  removeFolders();
});

test("values of sensitive attributes and variables are secrets, ids are not, and a note names the deployed stack", async () => {
  const upstream = await upstreamOf(target, new Map());
  expect([...upstream.secrets].sort()).toEqual(["dapi-of-ci", "pass-word"]);
  expect(upstream.notes).toEqual(["uses the deployed platform, which is not part of this run"]);
  expect(upstream.outputs.size).toBe(0);
});

test("a reference to a resource that the deployed stack lacks is rejected, and the error names the resource", async () => {
  const json = {
    ...target.stack.json,
    resource: { databricks_job: { j: { name: reference("new") } } },
  };
  await expect(
    upstreamOf({ ...target, stack: { ...target.stack, json } }, new Map()),
  ).rejects.toMatchObject({
    code: "UPSTREAM_NOT_DEPLOYED",
    message: "platform is deployed without the values that jobs uses",
    details: {
      value: "platform/databricks_cluster_policy.q.id",
      fix: "deploy both, in dependency order: lakeform deploy platform jobs",
    },
  });
});
