import { execFile } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { findEngine, type Engine } from "../../src/terraform/engine";
import { installProviderMirror } from "../../src/terraform/provider-mirror";
import { expectExit, lakeform, type CliResult } from "../support/cli";
import { isInstalled } from "../support/installed";
import { makeFolder, makeProject, removeFolders, setStacks } from "../support/project";
import { callRest } from "../support/rest";
import { useWorkspace } from "../support/workspace";

const execute = promisify(execFile);
const hasTofu = isInstalled("tofu");
if (!hasTofu)
  process.stderr.write(
    "\n!!! NOT RUN: OpenTofu. There is no `tofu` on the PATH; install it to run test/terraform/tofu.long.test.ts.\n\n",
  );

(hasTofu ? describe : describe.skip)("commands with OpenTofu", () => {
  const workspace = useWorkspace();
  let tofu: Engine;
  beforeAll(async () => {
    tofu = await findEngine({ ...process.env, TERRAFORM_BINARY_NAME: "tofu" });
  });
  afterAll(removeFolders);

  const resource = (folder: string): object => ({
    databricks_directory: { d: { path: `/Shared/${folder}` } },
  });
  const runWithEngine = (
    root: string,
    engine: "tofu" | "terraform",
    words: readonly string[],
    env: NodeJS.ProcessEnv = {},
  ): Promise<CliResult> =>
    lakeform(root, words, {
      LAKEFORM_LOCAL_HOST: workspace.host,
      LAKEFORM_LOCAL_TOKEN: workspace.token,
      TERRAFORM_BINARY_NAME: engine,
      ...env,
    });
  const call = (method: string, route: string, body: object): Promise<unknown> =>
    callRest(workspace, method, route, body);
  const deploy = ["deploy", "local", "--auto-approve"];
  const lockOf = (root: string): string =>
    fs.readFileSync(path.join(root, "cdktf.out/stacks/etl-local/.terraform.lock.hcl"), "utf8");

  test("deploy, review, verify and destroy", async () => {
    const root = makeProject({ "etl-local": { resource: resource("tofu") } });
    expectExit(await runWithEngine(root, "tofu", deploy), 0);
    expect(lockOf(root)).toContain('provider "registry.opentofu.org/databricks/databricks"');
    expectExit(await runWithEngine(root, "tofu", ["review", "local"]), 0);
    expectExit(await runWithEngine(root, "tofu", ["verify", "local"]), 0);
    expect((await runWithEngine(root, "tofu", deploy)).stdout).toContain("nothing to do");
    expectExit(await runWithEngine(root, "tofu", ["destroy", "local", "--auto-approve"]), 0);
    expect((await runWithEngine(root, "tofu", ["doctor"])).stdout).toContain(
      `tofu ${tofu.version} (${tofu.binary})`,
    );
  });

  test("move a stack from Terraform to OpenTofu and back without changes", async () => {
    const root = makeProject({ "etl-local": { resource: resource("both") } });
    expectExit(await runWithEngine(root, "terraform", deploy), 0);
    for (const engine of ["tofu", "terraform", "tofu"] as const) {
      const deployResult = await runWithEngine(root, engine, deploy);
      expectExit(deployResult, 0);
      expect(deployResult.stdout).toContain("nothing to do");
      expect(lockOf(root)).toContain(
        engine === "tofu" ? "registry.opentofu.org/" : "registry.terraform.io/",
      );
    }
    expectExit(await runWithEngine(root, "terraform", ["destroy", "local", "--auto-approve"]), 0);
  });

  const keyProvider =
    'key_provider "pbkdf2" "k" {\npassphrase = "correct horse battery staple"\niterations = 200000\n}';
  const method = 'method "aes_gcm" "m" { keys = key_provider.pbkdf2.k }';
  const encryption = `${keyProvider}\n${method}\nstate {\n method = method.aes_gcm.m\n enforced = true\n}\nplan { method = method.aes_gcm.m }`;

  test("work with an encrypted state, and never show the passphrase; with Terraform, they are rejected", async () => {
    const root = makeProject({ "etl-local": { resource: resource("encrypted") } });
    const env = { TF_ENCRYPTION: encryption };
    const results: CliResult[] = [];
    const step = async (code: number, ...words: string[]): Promise<string> => {
      const result = await runWithEngine(root, "tofu", words, env);
      expectExit(result, code);
      results.push(result);
      return result.stdout;
    };
    await step(0, ...deploy);
    const file = path.join(root, ".lakeform/state/etl-local.tfstate");
    expect(fs.readFileSync(file, "utf8")).toMatch(
      /^\{"serial":\d+,"lineage":"[^"]+".*"encrypted_data":"/,
    );
    await step(0, "verify", "local");
    await call("POST", "/api/2.0/workspace/delete", { path: "/Shared/encrypted" });
    await step(2, "verify", "local");
    await step(0, ...deploy);
    setStacks(root, { "etl-local": { resource: resource("encrypted-too") } });
    expect(await step(0, "review", "local")).toContain("/Shared/encrypted-too");

    const terraformResult = await runWithEngine(root, "terraform", ["verify", "local"], env);
    expect([terraformResult.code, terraformResult.stderr]).toEqual([
      1,
      expect.stringContaining("STATE_ENCRYPTION"),
    ]);
    const wrongPassphrase = await runWithEngine(root, "tofu", ["verify", "local"], {
      TF_ENCRYPTION: encryption.replace("horse", "house"),
    });
    expectExit(wrongPassphrase, 1);
    await step(0, "destroy", "local", "--auto-approve");
    for (const { stdout, stderr } of [...results, terraformResult, wrongPassphrase])
      expect(stdout + stderr).not.toContain("battery staple");
  });

  test("migrate and push an encrypted state into the workspace, where Terraform can read it", async () => {
    const root = makeProject({ "etl-local": { resource: resource("moved") } });
    const env = { TF_ENCRYPTION: encryption };
    expectExit(await runWithEngine(root, "tofu", deploy, env), 0);
    const file = path.join(root, ".lakeform/state/etl-local.tfstate");
    const keptFile = path.join(root, "kept.tfstate");
    fs.copyFileSync(file, keptFile);
    const required_providers = {
      databricks: { source: "databricks/databricks", version: "1.99.0" },
    };
    const terraform = { required_providers, backend: { http: { username: "etl-local" } } };
    setStacks(root, {
      "etl-local": {
        resource: resource("moved"),
        profileSettings: { backend: "workspace" },
        terraform,
      },
    });

    const migrate = ["state", "migrate", "etl-local"];
    const migrateResult = await runWithEngine(root, "terraform", [...migrate, "--from", keptFile]);
    expect([migrateResult.code, migrateResult.stderr]).toEqual([
      1,
      expect.stringContaining("STATE_ENCRYPTION"),
    ]);
    const migration = await runWithEngine(root, "tofu", migrate, env);
    expectExit(migration, 0);
    const pulledState = await runWithEngine(root, "terraform", ["state", "pull", "etl-local"]);
    expect(JSON.parse(pulledState.stdout)).toMatchObject({
      version: 4,
      resources: [{ type: "databricks_directory" }],
    });
    const pushResult = await runWithEngine(
      root,
      "tofu",
      ["state", "push", "etl-local", keptFile, "--force"],
      env,
    );
    expectExit(pushResult, 0);
    const deployResult = await runWithEngine(root, "terraform", deploy);
    expectExit(deployResult, 0);
    expect(deployResult.stdout).toContain("nothing to do");
    for (const { stdout, stderr } of [migration, pushResult])
      expect(stdout + stderr).not.toContain("battery staple");
  });

  test("work with a state that a block of the code encrypts, and reject encryption for a state in the workspace", async () => {
    const block = {
      key_provider: { pbkdf2: { k: { passphrase: "${var.PASSPHRASE}", iterations: 200_000 } } },
      method: { aes_gcm: { m: { keys: "${key_provider.pbkdf2.k}" } } },
      state: { method: "method.aes_gcm.m" },
    };
    const required_providers = {
      databricks: { source: "databricks/databricks", version: "1.99.0" },
    };
    const content = {
      resource: resource("block"),
      variable: { PASSPHRASE: { type: "string", sensitive: true } },
      variables: { PASSPHRASE: { environment: "PASSPHRASE" } },
      terraform: {
        required_providers,
        encryption: block,
        backend: { local: { path: "../../../.lakeform/state/block-local.tfstate" } },
      },
    };
    const root = makeProject({ "block-local": content });
    const env = { PASSPHRASE: "correct horse battery staple" };
    expectExit(await runWithEngine(root, "tofu", deploy, env), 0);
    expect(
      fs.readFileSync(path.join(root, ".lakeform/state/block-local.tfstate"), "utf8"),
    ).toContain('"encrypted_data"');
    expectExit(await runWithEngine(root, "tofu", ["verify", "local"], env), 0);
    expect((await runWithEngine(root, "tofu", deploy, env)).stdout).toContain("nothing to do");

    const workspaceRoot = makeProject({
      "etl-local": {
        resource: resource("there"),
        profileSettings: { backend: "workspace" },
        terraform: { required_providers, backend: { http: {} } },
      },
    });
    const deployResult = await runWithEngine(workspaceRoot, "tofu", deploy, {
      TF_ENCRYPTION: encryption,
    });
    expect([deployResult.code, deployResult.stderr]).toEqual([
      1,
      expect.stringMatching(/STATE_ENCRYPTION: a state in the workspace/),
    ]);
  });

  test("can be those of tofu itself: init, apply, an empty plan and destroy", async () => {
    const folder = makeFolder("plain-tofu");
    const { cliConfigFile } = installProviderMirror(path.join(folder, ".lakeform"));
    const json = {
      resource: resource("plain"),
      terraform: { required_providers: { databricks: { source: "databricks/databricks" } } },
    };
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
