/**
 * States that are missing, from another machine, or truncated by a kill: rejected with a fix, or
 * restored. Runs the real command.
 */
import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { expectExit, lakeform, type CliResult } from "../support/cli";
import { makeHome, makeProject, removeFolders, repository, setResource } from "../support/project";
import { callRest } from "../support/rest";
import { useWorkspace } from "../support/workspace";

const folder = "/Workspace/Shared/.lakeform/test/etl-local";
const job = (name: string, description = "1"): object => ({
  name,
  description,
  tags: { lakeform: "test/etl-local" },
  task: [{ task_key: "a", notebook_task: { notebook_path: "/Shared/a" } }],
});
const jobsOf = (description: string): object => ({
  databricks_job: { a: job("a", description), b: job("b", description) },
});

const workspace = useWorkspace();
let root: string;
let env: NodeJS.ProcessEnv;
let state: string;
let completeState: string;
const run = (...args: string[]): Promise<CliResult> => lakeform(root, [...args, "--quiet"], env);
const deploy = (): Promise<CliResult> => lakeform(root, ["deploy", "local", "--auto-approve"], env);

const call = (method: string, route: string, body?: unknown): Promise<Record<string, unknown>> =>
  callRest(workspace, method, route, body);
interface ListedJob {
  readonly job_id: number;
  readonly settings: { readonly name: string };
}
const listJobs = async (): Promise<readonly ListedJob[]> =>
  ((await call("GET", "/api/2.2/jobs/list?limit=100")).jobs ?? []) as ListedJob[];
const jobNames = async (): Promise<string[]> =>
  (await listJobs()).map(({ settings }) => settings.name).sort();
const writeRemoteFile = (name: string, text: string): Promise<unknown> =>
  call("POST", "/api/2.0/workspace/import", {
    path: `${folder}/${name}`,
    format: "AUTO",
    overwrite: true,
    content: Buffer.from(text).toString("base64"),
  });

beforeAll(async () => {
  env = {
    LAKEFORM_LOCAL_HOST: workspace.host,
    LAKEFORM_LOCAL_TOKEN: workspace.token,
    HOME: makeHome(),
  };
  root = makeProject({ "etl-local": { resource: jobsOf("1") } });
  state = path.join(root, ".lakeform", "state", "etl-local.tfstate");
  expectExit(await deploy(), 0);
  setResource(root, "etl-local", jobsOf("2"));
  expectExit(await deploy(), 0);
  completeState = fs.readFileSync(state, "utf8");
}, 120_000);
afterEach(() => workspace.faults.clear());
afterAll(removeFolders);

interface StateFile {
  serial: number;
  lineage: string;
  resources: { name: string }[];
}
const changedState = (change: (parsed: StateFile) => void): string => {
  const parsed = JSON.parse(completeState) as StateFile;
  change(parsed);
  return `${JSON.stringify(parsed, null, 2)}\n`;
};

describe("a state that differs from the deployed one", () => {
  afterEach(() => fs.writeFileSync(state, completeState));

  const expectRejected = async (result: Promise<CliResult>): Promise<string> => {
    const { code, stderr } = await result;
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/^STATE_NOT_DEPLOYED: etl-local is deployed/m),
    ]);
    expect(stderr).toMatch(/use the deployed state[^]*terraform -chdir=\S+ import /);
    expect(await jobNames()).toEqual(["a", "b"]);
    return stderr;
  };

  test("is rejected as partial if an object that would be created again has the stamp", async () => {
    const partialState = changedState((parsed) => {
      parsed.serial += 1;
      parsed.resources = parsed.resources.filter(({ name }) => name !== "b");
    });
    fs.writeFileSync(state, partialState);
    const errorText = await expectRejected(run("deploy", "local", "--auto-approve"));
    const [b] = (await listJobs()).filter(({ settings }) => settings.name === "b");
    expect(errorText).toContain(
      `job ${b?.job_id} (databricks_job.b) (stamp test/etl-local) not in the state`,
    );
    expect(errorText).toContain(`import databricks_job.b ${b?.job_id}`);
    await expectRejected(run("review", "local", "--no-verify"));
  });

  test("is rejected, and reported by verify, if it lacks a recorded object of a kind without a stamp", async () => {
    setResource(root, "etl-local", {
      ...jobsOf("2"),
      databricks_token: { t: { comment: "of the stack" }, u: { comment: "of the stack" } },
    });
    expectExit(await deploy(), 0);
    const fullState = fs.readFileSync(state, "utf8");
    const parsed = JSON.parse(fullState) as StateFile;
    parsed.serial += 1;
    parsed.resources = parsed.resources.filter(({ name }) => name !== "t");
    fs.writeFileSync(state, `${JSON.stringify(parsed, null, 2)}\n`);
    const errorText = await expectRejected(run("deploy", "local", "--auto-approve"));
    expect(errorText).toMatch(
      /token [0-9a-f]+ \(databricks_token\.t\): deployed .*, not in the state/,
    );
    expect(errorText).toMatch(/import databricks_token\.t [0-9a-f]+$/m);
    expect(errorText).not.toContain("several objects");
    const verifyResult = await lakeform(root, ["verify", "local"], env);
    expectExit(verifyResult, 2);
    expect(verifyResult.stdout).toContain(
      "the local state of etl-local differs from the deployed one (it lacks databricks_token.t)",
    );
    const manual = await call("POST", "/api/2.0/token/create", { comment: "of the stack" });
    const { token_id } = manual.token_info as { readonly token_id: string };
    const unclearText = await expectRejected(run("deploy", "local", "--auto-approve"));
    expect(unclearText).toContain(`token ${token_id} (databricks_token.t)`);
    expect(unclearText).toMatch(/import databricks_token\.t ID$/m);
    expect(unclearText).toContain("several objects have the name of databricks_token.t");
    await call("POST", "/api/2.0/token/delete", { token_id });
    fs.writeFileSync(state, fullState);
    setResource(root, "etl-local", jobsOf("2"));
    expectExit(await deploy(), 0);
    completeState = fs.readFileSync(state, "utf8");
  });

  test("is reported as a running deploy while the lock is held", async () => {
    await writeRemoteFile(
      "lock.json",
      JSON.stringify({
        id: "other",
        by: "ann",
        since: "2026-01-01T00:00:00Z",
        host: "another",
        pid: 1,
      }),
    );
    fs.rmSync(state);
    const { code, stderr } = await run("review", "local");
    expect([code, stderr]).toEqual([1, expect.stringContaining("DEPLOY_UNDER_WAY")]);
    await call("POST", "/api/2.0/workspace/delete", { path: `${folder}/lock.json` });
  });

  test("is detected by the stamps if there is neither a state nor a record", async () => {
    const { content } = await call(
      "GET",
      `/api/2.0/workspace/export?${new URLSearchParams({ path: `${folder}/record.json`, format: "AUTO" }).toString()}`,
    );
    await call("POST", "/api/2.0/workspace/delete", { path: `${folder}/record.json` });
    fs.rmSync(state);
    await expectRejected(run("deploy", "local", "--auto-approve"));
    await writeRemoteFile("record.json", Buffer.from(String(content), "base64").toString("utf8"));
  });
});

test("a deploy creates an object again that was deleted in the workspace", async () => {
  const [b] = (await listJobs()).filter(({ settings }) => settings.name === "b");
  await call("POST", "/api/2.2/jobs/delete", { job_id: b?.job_id });
  expectExit(await deploy(), 0);
  expect(await jobNames()).toEqual(["a", "b"]);
  completeState = fs.readFileSync(state, "utf8");
});

describe("a truncated state", () => {
  const cases: readonly (readonly [string, (text: string) => string])[] = [
    ["truncated to an empty file", () => ""],
    ["truncated in the middle", (text) => text.slice(0, text.length / 2)],
    ["truncated before the last byte", (text) => text.slice(0, -3)],
  ];

  test.each(cases)(
    "is reported by verify and restored by the next deploy: %s",
    async (_name, truncate) => {
      fs.writeFileSync(`${state}.backup`, completeState);
      fs.writeFileSync(state, truncate(completeState));
      const verifyResult = await run("verify", "local");
      expectExit(verifyResult, 1);
      expect(verifyResult.stderr).toContain("BROKEN_STATE");
      const deployResult = await deploy();
      expectExit(deployResult, 0);
      expect(deployResult.stderr).toMatch(
        /the state of etl-local was truncated by a killed command or a full disk: restored from .*\.backup/,
      );
      expect(await jobNames()).toEqual(["a", "b"]);
      expect(fs.statSync(state).mode & 0o777).toBe(0o600);
      completeState = fs.readFileSync(state, "utf8");
    },
  );

  test("is reported by verify and review without changes while another deploy holds the lock", async () => {
    await writeRemoteFile(
      "lock.json",
      JSON.stringify({
        id: "other",
        by: "ann",
        since: "2026-01-01T00:00:00Z",
        host: "another",
        pid: 1,
      }),
    );
    fs.writeFileSync(state, completeState.slice(0, 100));
    for (const args of [
      ["verify", "local"],
      ["review", "local"],
    ]) {
      const result = await run(...args);
      expectExit(result, 1);
      expect(result.stderr).toMatch(
        /DEPLOY_UNDER_WAY: a deploy of etl-local is running[^]*ann on another/,
      );
    }
    fs.writeFileSync(state, completeState);
    await call("POST", "/api/2.0/workspace/delete", { path: `${folder}/lock.json` });
  });

  test("is reported with the restore command if its backup is older than the last deploy", async () => {
    fs.writeFileSync(
      `${state}.backup`,
      changedState((parsed) => (parsed.serial -= 1)),
    );
    fs.writeFileSync(state, "");
    const result = await deploy();
    expectExit(result, 1);
    expect(result.stderr).toMatch(
      /BROKEN_STATE: .* the backup has serial \d+, but the deployed state has serial \d+[^]*cp \S+\.backup /,
    );
    fs.writeFileSync(state, completeState);
  });
});

describe("leftover files of terraform init", () => {
  const stackPath = (...names: string[]): string =>
    path.join(root, "cdktf.out", "stacks", "etl-local", ...names);

  test.each([
    [
      "missing providers",
      () => fs.rmSync(stackPath(".terraform-embedded", "providers"), { recursive: true }),
    ],
    [
      "a lock file truncated in its first line",
      () => fs.truncateSync(stackPath(".terraform.lock.hcl"), 20),
    ],
    [
      "a lock file truncated in a block",
      () => fs.truncateSync(stackPath(".terraform.lock.hcl"), 160),
    ],
    ["an empty lock file", () => fs.truncateSync(stackPath(".terraform.lock.hcl"), 0)],
    ["a missing folder", () => fs.rmSync(stackPath(".terraform-embedded"), { recursive: true })],
  ])("are recreated: %s", async (_name, damage) => {
    damage();
    expectExit(await run("review", "local", "--no-verify"), 0);
    expect(fs.readdirSync(stackPath(".terraform-embedded", "providers"))).not.toEqual([]);
    expect(fs.readFileSync(stackPath(".terraform.lock.hcl"), "utf8")).toMatch(
      /^provider .*\{[^]*hashes = \[[^]*\}\n$/m,
    );
  });
});

test("if only lakeform is killed, Terraform continues, the next deploy waits for it, and nothing is created twice", async () => {
  setResource(root, "etl-local", {
    databricks_job: {
      ...Object.fromEntries(["a", "b", "c", "d", "e"].map((name) => [name, job(name, "2")])),
    },
  });
  workspace.faults.add({
    method: "POST",
    path: "/api/2.2/jobs/create",
    when: "after",
    delay_ms: 3000,
  });
  const child = spawn(
    process.execPath,
    [path.join(repository, "bin", "lakeform.js"), "deploy", "local", "--auto-approve"],
    {
      cwd: root,
      env: { PATH: process.env.PATH, ...env },
      stdio: "ignore",
    },
  );
  const ended = new Promise((resolve) => child.once("exit", resolve));
  while (!workspace.faults.list().some(({ fired }) => fired > 0))
    await new Promise((resolve) => setTimeout(resolve, 50));
  child.kill("SIGKILL");
  await ended;
  const result = await deploy();
  expectExit(result, 0);
  expect(result.stderr).toContain(
    "a Terraform process started by a killed command is still running",
  );
  expect(await jobNames()).toEqual(["a", "b", "c", "d", "e"]);
  for (const name of fs.readdirSync(path.dirname(state)))
    expect([name, fs.statSync(path.join(path.dirname(state), name)).mode & 0o077]).toEqual([
      name,
      0,
    ]);
}, 60_000);
