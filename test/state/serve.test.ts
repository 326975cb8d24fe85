/**
 * The state of a stack for plain Terraform, and from and to other backends: the command itself,
 * with the real Terraform.
 */
import { execFile, spawn, type ChildProcess } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { startWorkspace, type RunningWorkspace } from "../../src/workspace/server";
import { expectExit, lakeform } from "../support/cli";
import {
  makeHome,
  makeProject,
  removeFolders,
  repository,
  type StackContent,
} from "../support/project";

const required_providers = { databricks: { source: "databricks/databricks", version: "1.99.0" } };
const resource = { databricks_secret_scope: { s: { name: "served" } } };
const inWorkspace: StackContent = {
  resource,
  profileSettings: { backend: "workspace" },
  terraform: { required_providers, backend: { http: { username: "etl-local" } } },
};

let workspace: RunningWorkspace;
let env: NodeJS.ProcessEnv;
const ends: (() => unknown)[] = [];
beforeAll(async () => {
  workspace = await startWorkspace();
  env = { LAKEFORM_LOCAL_HOST: workspace.host, LAKEFORM_LOCAL_TOKEN: workspace.token };
});
afterAll(async () => {
  for (const end of ends) end();
  await workspace.close();
  removeFolders();
});

const shellEnvironment = (): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  HOME: makeHome(),
  CHECKPOINT_DISABLE: "1",
  ...env,
});
const bin = path.join(repository, "bin", "lakeform.js");

interface Machine {
  readonly root: string;
  readonly server: ChildProcess;
  /** The server's output on stderr. */
  readonly stderr: () => string;
  /** A shell with plain Terraform. */
  readonly shell: (script: string) => Promise<string>;
}

/** A folder with `state serve` running. */
async function machine(): Promise<Machine> {
  const root = makeProject({ "etl-local": inWorkspace });
  const server = spawn(process.execPath, [bin, "state", "serve", "local"], {
    cwd: root,
    env: shellEnvironment(),
    stdio: ["ignore", "pipe", "pipe"],
  });
  ends.push(() => server.kill("SIGTERM"));
  let stderr = "";
  server.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString("utf8")));
  await new Promise((resolve) => server.stdout.once("data", resolve));
  // Asynchronous, since the workspace is in this process.
  const shell = async (script: string): Promise<string> => {
    const words = [
      "-euc",
      `eval "$('${process.execPath}' '${bin}' env local)"; cd cdktf.out/stacks/etl-local; ${script}`,
    ];
    return (await promisify(execFile)("bash", words, { cwd: root, env: shellEnvironment() }))
      .stdout;
  };
  return { root, server, stderr: () => stderr, shell };
}

test("state serve and env provide the state to plain Terraform, and the lock excludes other machines", async () => {
  const [one, two] = await Promise.all([machine(), machine()]);
  const { root, server, shell } = one;
  expect(fs.statSync(path.join(root, ".lakeform", "state-server-local.json")).mode & 0o777).toBe(
    0o600,
  );
  await Promise.all([one, two].map((each) => each.shell("terraform init -no-color -input=false")));
  // The second apply starts while the first is running.
  workspace.faults.add({
    method: "POST",
    path: "/api/2.0/secrets/scopes/create",
    when: "after",
    delay_ms: 5000,
  });
  const applied = shell(
    "terraform apply -no-color -input=false -auto-approve; terraform state list",
  );
  while (!workspace.faults.list().some(({ fired }) => fired > 0)) await sleep(50);
  await expect(two.shell("terraform apply -no-color -input=false -auto-approve")).rejects.toThrow(
    /Error acquiring the state lock/,
  );
  expect(two.stderr()).toMatch(
    /STATE_LOCKED[^]*OperationTypeApply by .* on [^]*lakeform state unlock etl-local [0-9a-f-]{36}/,
  );
  expect(await applied).toContain("databricks_secret_scope.s");
  workspace.faults.clear();
  expect(await two.shell("terraform plan -no-color -input=false")).toContain("No changes");
  // Another machine is using it.
  const lock = {
    id: "far",
    by: "ann",
    since: "2026-01-01T00:00:00Z",
    host: "another-machine",
    pid: 1,
  };
  const headers = { authorization: `Bearer ${workspace.token}` };
  const at = "/Workspace/Shared/.lakeform/test/etl-local/state/lock.json";
  const content = Buffer.from(JSON.stringify(lock)).toString("base64");
  const put = await fetch(`${workspace.host}/api/2.0/workspace/import`, {
    method: "POST",
    headers,
    body: JSON.stringify({ path: at, format: "AUTO", content }),
  });
  expect(put.status).toBe(200);
  await expect(shell("terraform apply -no-color -input=false -auto-approve")).rejects.toThrow(
    /Error acquiring the state lock[^]*already locked: ID=far/,
  );
  // Terraform shows only the id of a lock.
  expect(one.stderr()).toMatch(
    /STATE_LOCKED[^]*unknown by ann on another-machine[^]*lakeform state unlock etl-local far/,
  );
  await expect(shell("terraform force-unlock -no-color -force far")).rejects.toThrow(/409/);
  const listed = await lakeform(root, ["state", "list", "etl-local"], env);
  expect(listed.stdout).toContain(
    "locked: unknown by ann since 2026-01-01T00:00:00Z; to break it: lakeform state unlock etl-local far",
  );
  expectExit(await lakeform(root, ["state", "unlock", "etl-local", "other"], env), 1);
  expectExit(await lakeform(root, ["state", "unlock", "etl-local", "far"], env), 0);
  expect(await shell("terraform plan -no-color -input=false")).toContain("No changes");
  server.kill("SIGTERM");
  for (
    let wait = 0;
    fs.existsSync(path.join(root, ".lakeform", "state-server-local.json")) && wait < 100;
    wait += 1
  )
    await sleep(50);
  const without = await lakeform(root, ["env", "local"], env);
  expect(without.stdout).not.toContain("TF_HTTP");
  expect(without.stderr).toContain("start lakeform state serve local");
}, 120_000);
