/** A deploy without changes: without Terraform, and with the same result as with it. */
import fs from "node:fs";
import path from "node:path";
import { connect } from "../../src/api/auth/connect";
import { findEmptyPlan, toolVersions, type LastDeploy } from "../../src/deploy/empty-plan";
import type { DeployTarget } from "../../src/deploy/target";
import type { DeploymentRecord } from "../../src/verify/deployed/record";
import type { RawReport } from "../../src/verify/model";
import { expectExit, lakeform, type CliResult } from "../support/cli";
import { makeFolder, makeProject, removeFolders, setResource } from "../support/project";
import { verificationOf } from "../support/verification";
import { useWorkspace } from "../support/workspace";
import { metadataFor } from "../verify/harness";

afterAll(removeFolders);

describe("lakeform deploy and review", () => {
  const resource = (runs: number): Record<string, unknown> => ({
    databricks_secret_scope: { s: { name: "nothing" } },
    databricks_secret: {
      t: { scope: "${databricks_secret_scope.s.name}", key: "token", string_value: "${var.token}" },
    },
    databricks_job: {
      j: {
        name: "nothing",
        max_concurrent_runs: runs,
        task: [{ task_key: "a", notebook_task: { notebook_path: "/a" } }],
      },
    },
  });
  const workspace = useWorkspace();
  let env: NodeJS.ProcessEnv;
  let root: string;
  let calls: string;

  /** Writes a Terraform that records its commands. @returns its path */
  function writeWatchedTerraform(folder: string): string {
    const folders = (process.env.PATH ?? "").split(":");
    const terraform =
      folders.map((folder) => path.join(folder, "terraform")).find((file) => fs.existsSync(file)) ??
      "";
    const file = path.join(folder, "terraform");
    fs.writeFileSync(
      file,
      `#!/bin/sh\necho "$1" >> "${path.join(folder, "calls")}"\nexec "${terraform}" "$@"\n`,
      { mode: 0o755 },
    );
    return file;
  }

  async function run(
    words: readonly string[],
    extraEnv: NodeJS.ProcessEnv = {},
  ): Promise<CliResult & { readonly terraformCommands: readonly string[] }> {
    fs.rmSync(calls, { force: true });
    const result = await lakeform(root, words, { ...env, ...extraEnv });
    const commands = fs.existsSync(calls) ? fs.readFileSync(calls, "utf8").trim().split("\n") : [];
    return { ...result, terraformCommands: commands.filter((text) => text !== "version") };
  }
  const deploy = (...options: string[]): ReturnType<typeof run> =>
    run(["deploy", "local", "--auto-approve", ...options]);

  beforeAll(async () => {
    root = makeProject({
      "etl-local": {
        resource: resource(2),
        variable: { token: { type: "string", sensitive: true } },
        variables: { token: { environment: "TOKEN" } },
      },
    });
    calls = path.join(root, "calls");
    env = {
      LAKEFORM_LOCAL_HOST: workspace.host,
      LAKEFORM_LOCAL_TOKEN: workspace.token,
      TOKEN: "first-value",
      TERRAFORM_BINARY_NAME: writeWatchedTerraform(root),
    };
    expectExit(await deploy("--quiet"), 0);
  });

  test("do not start Terraform if there are no changes, and show the same review as --full", async () => {
    const result = await deploy();
    expectExit(result, 0);
    expect(result.terraformCommands).toEqual([]);
    expect(result.stdout).toContain("Terraform was not started");
    const quickReview = await run(["review", "local", "--format", "json"]);
    expect(quickReview.terraformCommands).toEqual([]);
    const fullReview = await run(["review", "local", "--format", "json", "--full"]);
    expect(fullReview.terraformCommands).toEqual(expect.arrayContaining(["plan", "show"]));
    expect(fullReview.stderr).toContain("with Terraform: --full");
    expect(JSON.parse(quickReview.stdout)).toEqual(JSON.parse(fullReview.stdout));
  });

  test("start Terraform for a changed secret value and for changed code, and not after that", async () => {
    const reviewResult = await run(["review", "local"], { TOKEN: "second-value" });
    expect(reviewResult.terraformCommands).toContain("plan");
    expect(reviewResult.stdout).toContain("1 replace");
    setResource(root, "etl-local", resource(3));
    const deployResult = await deploy();
    expectExit(deployResult, 0);
    expect(deployResult.stderr).toContain(
      "with Terraform: the code has changed since the last deploy",
    );
    expect((await deploy()).terraformCommands).toEqual([]);
  });
});

describe("changes that need Terraform", () => {
  const job = { name: "j" };
  const mirror = (build = "a"): { directory: string; cliConfigFile: string; entry: string } => {
    const entry = path.join(makeFolder("entry"), "provider.js");
    fs.writeFileSync(entry, build);
    return { directory: "", cliConfigFile: "", entry };
  };
  const embedded = mirror();
  const client = connect({ env: { DATABRICKS_HOST: "http://127.0.0.1:1", DATABRICKS_TOKEN: "t" } });

  interface Case {
    readonly json?: Record<string, unknown>;
    readonly deployedJson?: Record<string, unknown>;
    readonly terraform?: Partial<DeployTarget["terraform"]>;
    readonly record?: Partial<DeploymentRecord>;
    readonly last?: Partial<LastDeploy>;
    readonly state?: Record<string, unknown>;
    readonly report?: Partial<RawReport>;
    readonly stale?: string;
    readonly files?: Record<string, string>;
  }

  const instance = (instanceFields: Record<string, unknown> = {}): unknown => ({
    schema_version: 2,
    attributes: { id: "1", name: "j" },
    ...instanceFields,
  });
  const stateOf = (
    resources: readonly unknown[],
    fields: Record<string, unknown> = {},
  ): Record<string, unknown> => ({
    version: 4,
    terraform_version: "1.11.4",
    serial: 7,
    lineage: "l",
    outputs: {},
    resources,
    ...fields,
  });
  const jobResource = (...instances: readonly unknown[]): unknown => ({
    mode: "managed",
    type: "databricks_job",
    name: "j",
    provider: 'provider["registry.terraform.io/databricks/databricks"]',
    instances: instances.length === 0 ? [instance()] : instances,
  });

  async function explainPlan(testCase: Case): Promise<string> {
    const directory = makeFolder("stack");
    const json = {
      resource: { databricks_job: { j: job } },
      terraform: { backend: { local: { path: "s.tfstate" } } },
      ...testCase.json,
    };
    for (const [name, content] of Object.entries(testCase.files ?? {}))
      fs.writeFileSync(path.join(directory, name), content);
    fs.writeFileSync(path.join(directory, "cdk.tf.json"), JSON.stringify(json));
    fs.writeFileSync(
      path.join(directory, "s.tfstate"),
      `${JSON.stringify(testCase.state ?? stateOf([jobResource()]), undefined, 2)}\n`,
    );
    const metadata = metadataFor({}, { stack: "s", stamp: "lab/s" });
    const terraform: DeployTarget["terraform"] = {
      engine: { name: "terraform", binary: "/none", version: "1.11.4" },
      directory,
      env: {},
      credentials: {},
      variables: {},
      mirror: embedded,
      ...testCase.terraform,
    };
    const target: DeployTarget = {
      stack: { name: "s", directory, json, metadata },
      client,
      terraform,
    };
    const record = {
      version: 1,
      synthesized: { ...json, ...testCase.deployedJson },
      versions: toolVersions({
        ...terraform,
        mirror: embedded,
        engine: { name: "terraform", binary: "/none", version: "1.11.4" },
      }),
      state: { lineage: "l", serial: 7 },
      ...testCase.record,
    } as DeploymentRecord;
    const report = {
      stacks: [{ name: "s" }],
      resources: [{ stack: "s", path: "s/j", status: "match" }],
      ...testCase.report,
    } as RawReport;
    const verification = verificationOf(
      report,
      testCase.stale === undefined ? {} : { s: testCase.stale },
    );
    const last: LastDeploy = {
      record,
      last: { version: 1, startedAt: "", by: "", outcome: "succeeded" },
      ...testCase.last,
    };
    const plan = await findEmptyPlan(target, last, verification);
    return "why" in plan
      ? plan.why
      : `nothing (${[...plan.facts.changes].map(({ address }) => address).join(", ")})`;
  }

  const token = { variable: { token: { type: "string", sensitive: true } } };
  const secret = (value: string): Record<string, unknown> => ({
    ...token,
    resource: { databricks_secret: { t: { scope: "s", key: "k", string_value: value } } },
  });
  const secretState = stateOf([
    {
      mode: "managed",
      type: "databricks_secret",
      name: "t",
      provider: "",
      instances: [instance({ attributes: { string_value: "v" } })],
    },
  ]);

  test.each<readonly [string, Case]>([
    ["nothing (databricks_job.j)", {}],
    [
      "nothing (databricks_secret.t)",
      {
        json: secret("${var.token}"),
        state: secretState,
        terraform: { variables: { token: "v" } },
      },
    ],
    [
      "variable token has changed since the last deploy",
      {
        json: secret("${var.token}"),
        state: secretState,
        terraform: { variables: { token: "w" } },
      },
    ],
    [
      "databricks_secret.t uses variable token in an expression",
      {
        json: secret("a ${var.token}"),
        state: secretState,
        terraform: { variables: { token: "v" } },
      },
    ],
    [
      "variable token is used outside of resources",
      {
        json: { ...token, output: { o: { value: "${var.token}" } } },
        terraform: { variables: { token: "v" } },
      },
    ],
    ["variable v has no value", { json: { variable: { v: { type: "string" } } } }],
    [
      "the value of variable v comes from the environment",
      { json: { variable: { v: { default: "a" } } }, terraform: { env: { TF_VAR_v: "b" } } },
    ],
    [
      "TF_CLI_ARGS_plan is set",
      { terraform: { env: { TF_CLI_ARGS_plan: "-replace=databricks_job.j" } } },
    ],
    [
      "the last deploy did not succeed",
      { last: { unfinished: { version: 1, startedAt: "", by: "", outcome: "failed" } } },
    ],
    ["the last deploy did not succeed", { last: { last: undefined as never } }],
    ["there is no deployment record", { last: { record: undefined as never } }],
    [
      "the code has changed since the last deploy",
      { deployedJson: { output: { o: { value: "1" } } } },
    ],
    [
      "the last deploy used terraform 1.11.4, not terraform 1.12.0",
      { terraform: { engine: { name: "terraform", binary: "/none", version: "1.12.0" } } },
    ],
    [
      "the last deploy used another engine or provider, not tofu 1.11.4",
      { terraform: { engine: { name: "tofu", binary: "/none", version: "1.11.4" } } },
    ],
    [
      expect.stringMatching(
        /^the last deploy used embedded provider \w+, not embedded provider \w+$/,
      ) as string,
      { terraform: { mirror: mirror("b") } },
    ],
    ["the code does not pin the provider to one version", { terraform: { mirror: undefined } }],
    ["the code has a block of type moved", { json: { moved: [{ from: "a", to: "b" }] } }],
    ["the code has a block of type import", { json: { import: [{ id: "1", to: "b" }] } }],
    [
      "the code has a data source of type databricks_current_user",
      { json: { data: { databricks_current_user: { me: {} } } } },
    ],
    ["Terraform also reads file.more.tf", { files: { "more.tf": "" } }],
    [
      "the state is in a backend that only Terraform reads",
      { json: { terraform: { backend: { s3: {} } } } },
    ],
    [
      "databricks_job.j has count",
      { json: { resource: { databricks_job: { j: { ...job, count: 1 } } } } },
    ],
    [
      "databricks_job.j has postcondition",
      {
        json: { resource: { databricks_job: { j: { ...job, lifecycle: { postcondition: [] } } } } },
      },
    ],
    [
      "the code calls timestamp()",
      { json: { resource: { databricks_job: { j: { name: "${timestamp()}" } } } } },
    ],
    ["databricks_job.j: drift", { stale: "databricks_job.j: drift" }],
    [
      "s/j: pending",
      {
        report: {
          resources: [
            { stack: "s", path: "s/j", status: "pending" },
          ] as unknown as RawReport["resources"],
        },
      },
    ],
    ["Terraform is working on the state", { files: { ".s.tfstate.lock.info": "{}" } }],
    [
      "the state has changed since the last deploy",
      { state: stateOf([jobResource()], { serial: 8 }) },
    ],
    [
      "the state has changed since the last deploy",
      { state: stateOf([jobResource()], { lineage: "other" }) },
    ],
    [
      "the outputs in the state differ from those in the code",
      { state: stateOf([jobResource()], { outputs: { o: { value: "1", type: "string" } } }) },
    ],
    ["databricks_job.j is not in the state", { state: stateOf([]) }],
    [
      "databricks_job.j is in the state in a form that only Terraform handles",
      { state: stateOf([jobResource(instance({ status: "tainted" }))]) },
    ],
    [
      "databricks_job.j is in the state in a form that only Terraform handles",
      { state: stateOf([jobResource(instance(), instance({ deposed: "d" }))]) },
    ],
    [
      "databricks_job.j is in the state in a form that only Terraform handles",
      { state: stateOf([jobResource(instance({ index_key: 0 }))]) },
    ],
  ])("%s", async (expected, testCase) => {
    expect(await explainPlan(testCase)).toEqual(expected);
  });
});
