import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { expectExit, lakeform, type CliResult } from "../support/cli";
import { makeHome, makeProject, removeFolders, repository, setStacks } from "../support/project";
import { callRest } from "../support/rest";
import { useWorkspace } from "../support/workspace";

const required_providers = { databricks: { source: "databricks/databricks", version: "1.99.0" } };
const content = { resource: { databricks_secret_scope: { s: { name: "moved" } } } };
const inWorkspace = {
  ...content,
  profileSettings: { backend: "workspace" },
  terraform: { required_providers, backend: { http: { username: "move-local" } } },
};
const workspace = useWorkspace();
let root: string;
let env: NodeJS.ProcessEnv;
const run = (...args: string[]): Promise<CliResult> => lakeform(root, args, env);

beforeAll(() => {
  env = {
    LAKEFORM_LOCAL_HOST: workspace.host,
    LAKEFORM_LOCAL_TOKEN: workspace.token,
    HOME: makeHome(),
  };
  root = makeProject({ "move-local": inWorkspace });
});
afterEach(() => workspace.faults.clear());
afterAll(removeFolders);

test("state migrate leaves no lock if it is interrupted while it creates the lock", async () => {
  const stored = "/Workspace/Shared/.lakeform/test/move-local/state";
  expectExit(await run("deploy", "local", "--auto-approve"), 0);
  setStacks(root, { "move-local": content });
  expectExit(await run("state", "migrate", "move-local"), 0);
  expectExit(await run("deploy", "local", "--auto-approve"), 0);
  setStacks(root, { "move-local": inWorkspace });
  workspace.faults.add({ path: "/api/2.0/workspace/import", nth: 1, delay_ms: 500 });
  const child = spawn(
    process.execPath,
    [path.join(repository, "bin", "lakeform.js"), "state", "migrate", "move-local"],
    { cwd: root, env: { PATH: process.env.PATH, ...env }, stdio: "ignore" },
  );
  const ended = new Promise((resolve) => child.once("close", resolve));
  while (workspace.faults.list()[0]?.fired !== 1 && child.exitCode === null)
    await new Promise((resolve) => setTimeout(resolve, 20));
  child.kill("SIGTERM");
  expect(await ended).toBe(143);
  const { objects } = (await callRest(
    workspace,
    "GET",
    `/api/2.0/workspace/list?path=${encodeURIComponent(stored)}`,
  )) as { objects?: { path: string }[] };
  expect((objects ?? []).map((object) => path.basename(object.path))).not.toContain("lock.json");
  expectExit(await run("state", "migrate", "move-local"), 0);
}, 60_000);

test("state migrate copies nothing while a deploy holds the lock, and --break-lock takes it over", async () => {
  const lock = { id: "other", by: "ann", since: "2026-01-01T00:00:00Z", host: "another", pid: 1 };
  setStacks(root, { "move-local": inWorkspace });
  expectExit(await run("deploy", "local", "--auto-approve"), 0);
  setStacks(root, { "move-local": content });
  await callRest(workspace, "POST", "/api/2.0/workspace/import", {
    path: "/Workspace/Shared/.lakeform/test/move-local/lock.json",
    format: "AUTO",
    content: Buffer.from(JSON.stringify(lock)).toString("base64"),
  });
  const localState = path.join(root, ".lakeform", "state", "move-local.tfstate");
  fs.rmSync(localState);

  const refused = await run("state", "migrate", "move-local");
  expectExit(refused, 1);
  expect(refused.stderr).toMatch(
    /^LOCKED: .*\n {2}given: {3}ann on another .*--break-lock other$/ms,
  );
  expect(fs.existsSync(localState)).toBe(false);

  const taken = await run("state", "migrate", "move-local", "--break-lock", "other");
  expectExit(taken, 0);
  expect(taken.stderr + taken.stdout).toContain("removed the lock of ann on another");
  expect(fs.existsSync(localState)).toBe(true);
}, 60_000);
