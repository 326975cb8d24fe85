import { execFile } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { findEngine, type Engine } from "../../src/terraform/engine";
import { installProviderMirror } from "../../src/terraform/provider-mirror";
import { startWorkspace, type RunningWorkspace } from "../../src/workspace/server";
import { expectExit, lakeform, type CliResult } from "../support/cli";
import { makeFolder, makeProject, removeFolders } from "../support/project";

const execute = promisify(execFile);
const onPath = (process.env.PATH ?? "").split(path.delimiter).some((folder) => fs.existsSync(path.join(folder, "tofu")));
if (!onPath)
  process.stderr.write("\n!!! NOT RUN: OpenTofu. There is no `tofu` on the PATH; install it to run test/terraform/tofu.long.test.ts.\n\n");

(onPath ? describe : describe.skip)("OpenTofu", () => {
  let workspace: RunningWorkspace;
  let tofu: Engine;
  beforeAll(async () => {
    workspace = await startWorkspace();
    tofu = await findEngine({ ...process.env, TERRAFORM_BINARY_NAME: "tofu" });
  });
  afterAll(async () => {
    await workspace.close();
    removeFolders();
  });

  const resource = (folder: string): object => ({ databricks_directory: { d: { path: `/Shared/${folder}` } } });
  const run = (root: string, engine: "tofu" | "terraform", words: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<CliResult> =>
    lakeform(root, words, {
      LAKEFORM_LOCAL_HOST: workspace.host,
      LAKEFORM_LOCAL_TOKEN: workspace.token,
      TERRAFORM_BINARY_NAME: engine,
      ...env,
    });
  const deploy = ["deploy", "local", "--auto-approve"];
  const lockOf = (root: string): string => fs.readFileSync(path.join(root, "cdktf.out/stacks/etl-local/.terraform.lock.hcl"), "utf8");

  test("deploy, review, verify and destroy", async () => {
    const root = makeProject({ "etl-local": { resource: resource("tofu") } });
    expectExit(await run(root, "tofu", deploy), 0);
    expect(lockOf(root)).toContain('provider "registry.opentofu.org/databricks/databricks"');
    expectExit(await run(root, "tofu", ["review", "local"]), 0);
    expectExit(await run(root, "tofu", ["verify", "local"]), 0);
    expect((await run(root, "tofu", deploy)).stdout).toContain("nothing to do");
    expectExit(await run(root, "tofu", ["destroy", "local", "--auto-approve"]), 0);
    expect((await run(root, "tofu", ["doctor"])).stdout).toContain(`tofu ${tofu.version} (${tofu.binary})`);
  });

  test("a stack of Terraform goes to OpenTofu and back without a change", async () => {
    const root = makeProject({ "etl-local": { resource: resource("both") } });
    expectExit(await run(root, "terraform", deploy), 0);
    for (const engine of ["tofu", "terraform", "tofu"] as const) {
      const again = await run(root, engine, deploy);
      expectExit(again, 0);
      expect(again.stdout).toContain("nothing to do");
      expect(lockOf(root)).toContain(engine === "tofu" ? "registry.opentofu.org/" : "registry.terraform.io/");
    }
    expectExit(await run(root, "terraform", ["destroy", "local", "--auto-approve"]), 0);
  });

  test("plain tofu: init, apply, an empty plan, destroy", async () => {
    const folder = makeFolder("plain-tofu");
    const { cliConfigFile } = installProviderMirror(path.join(folder, ".lakeform"));
    const json = { resource: resource("plain"), terraform: { required_providers: { databricks: { source: "databricks/databricks" } } } };
    fs.writeFileSync(path.join(folder, "main.tf.json"), JSON.stringify(json));
    const env = {
      PATH: process.env.PATH,
      TF_CLI_CONFIG_FILE: cliConfigFile,
      DATABRICKS_HOST: workspace.host,
      DATABRICKS_TOKEN: workspace.token,
    };
    const script = `tofu init -no-color
tofu apply -auto-approve -json
tofu plan -detailed-exitcode -no-color
tofu destroy -auto-approve -no-color`;
    const { stdout } = await execute("sh", ["-euc", script], { cwd: folder, env });
    expect(stdout).toContain('"type":"apply_complete"');
    expect(stdout).toContain("Destroy complete! Resources: 1 destroyed.");
  });
});
