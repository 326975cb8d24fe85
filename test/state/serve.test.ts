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
const cleanUps: (() => unknown)[] = [];
beforeAll(async () => {
  workspace = await startWorkspace();
  env = { LAKEFORM_LOCAL_HOST: workspace.host, LAKEFORM_LOCAL_TOKEN: workspace.token };
});
afterAll(async () => {
  for (const cleanUp of cleanUps) cleanUp();
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
  /** Runs a script with plain Terraform. */
  readonly shell: (script: string) => Promise<string>;
}

/** Makes a project folder and starts `state serve` in it. */
async function startMachine(): Promise<Machine> {
  const root = makeProject({ "etl-local": inWorkspace });
  const server = spawn(process.execPath, [bin, "state", "serve", "local"], {
    cwd: root,
    env: shellEnvironment(),
    stdio: ["ignore", "pipe", "pipe"],
  });
  cleanUps.push(() => server.kill("SIGTERM"));
  let stderr = "";
  server.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString("utf8")));
  await new Promise((resolve) => server.stdout.once("data", resolve));
  // The workspace runs in this process, so the call must not block.
  const shell = async (script: string): Promise<string> => {
    const args = [
      "-euc",
      `eval "$('${process.execPath}' '${bin}' env local)"; cd cdktf.out/stacks/etl-local; ${script}`,
    ];
    return (await promisify(execFile)("bash", args, { cwd: root, env: shellEnvironment() })).stdout;
  };
  return { root, server, stderr: () => stderr, shell };
}

test("state serve and env give plain Terraform the state, and the lock excludes other machines", async () => {
  const [firstMachine, secondMachine] = await Promise.all([startMachine(), startMachine()]);
  const { root, server, shell } = firstMachine;
  expect(fs.statSync(path.join(root, ".lakeform", "state-server-local.json")).mode & 0o777).toBe(
    0o600,
  );
  await Promise.all(
    [firstMachine, secondMachine].map((machine) =>
      machine.shell("terraform init -no-color -input=false"),
    ),
  );
  // The second apply starts while the first is running.
  workspace.faults.add({
    method: "POST",
    path: "/api/2.0/secrets/scopes/create",
    when: "after",
    delay_ms: 5000,
  });
  const runningApply = shell(
    "terraform apply -no-color -input=false -auto-approve; terraform state list",
  );
  while (!workspace.faults.list().some(({ fired }) => fired > 0)) await sleep(50);
  await expect(
    secondMachine.shell("terraform apply -no-color -input=false -auto-approve"),
  ).rejects.toThrow(/Error acquiring the state lock/);
  expect(secondMachine.stderr()).toMatch(
    /STATE_LOCKED[^]*OperationTypeApply by .* on [^]*lakeform state unlock etl-local [0-9a-f-]{36}/,
  );
  expect(await runningApply).toContain("databricks_secret_scope.s");
  workspace.faults.clear();
  expect(await secondMachine.shell("terraform plan -no-color -input=false")).toContain(
    "No changes",
  );
  // Another machine holds the lock.
  const lock = {
    id: "far",
    by: "ann",
    since: "2026-01-01T00:00:00Z",
    host: "another-machine",
    pid: 1,
  };
  const headers = { authorization: `Bearer ${workspace.token}` };
  const lockPath = "/Workspace/Shared/.lakeform/test/etl-local/state/lock.json";
  const content = Buffer.from(JSON.stringify(lock)).toString("base64");
  const importResponse = await fetch(`${workspace.host}/api/2.0/workspace/import`, {
    method: "POST",
    headers,
    body: JSON.stringify({ path: lockPath, format: "AUTO", content }),
  });
  expect(importResponse.status).toBe(200);
  await expect(shell("terraform apply -no-color -input=false -auto-approve")).rejects.toThrow(
    /Error acquiring the state lock[^]*already locked: ID=far/,
  );
  // Terraform shows only the id of a lock.
  expect(firstMachine.stderr()).toMatch(
    /STATE_LOCKED[^]*unknown by ann on another-machine[^]*lakeform state unlock etl-local far/,
  );
  await expect(shell("terraform force-unlock -no-color -force far")).rejects.toThrow(/409/);
  const listResult = await lakeform(root, ["state", "list", "etl-local"], env);
  expect(listResult.stdout).toContain(
    "locked: unknown by ann since 2026-01-01T00:00:00Z; to break it: lakeform state unlock etl-local far",
  );
  expectExit(await lakeform(root, ["state", "unlock", "etl-local", "other"], env), 1);
  expectExit(await lakeform(root, ["state", "unlock", "etl-local", "far"], env), 0);
  expect(await shell("terraform plan -no-color -input=false")).toContain("No changes");
  server.kill("SIGTERM");
  for (
    let attempt = 0;
    fs.existsSync(path.join(root, ".lakeform", "state-server-local.json")) && attempt < 100;
    attempt += 1
  )
    await sleep(50);
  const envResult = await lakeform(root, ["env", "local"], env);
  expect(envResult.stdout).not.toContain("TF_HTTP");
  expect(envResult.stderr).toContain("start lakeform state serve local");
}, 120_000);
