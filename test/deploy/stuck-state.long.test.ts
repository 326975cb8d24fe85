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
const run = (...words: string[]): Promise<CliResult> => lakeform(root, [...words, "--quiet"], env);
const deploy = (): Promise<CliResult> => lakeform(root, ["deploy", "local", "--auto-approve"], env);

const call = (method: string, route: string, body?: unknown): Promise<Record<string, unknown>> =>
  callRest(workspace, method, route, body);
interface Listed {
  readonly job_id: number;
  readonly settings: { readonly name: string };
}
const listed = async (): Promise<readonly Listed[]> =>
  ((await call("GET", "/api/2.2/jobs/list?limit=100")).jobs ?? []) as Listed[];
const jobs = async (): Promise<string[]> =>
  (await listed()).map(({ settings }) => settings.name).sort();
const write = (name: string, text: string): Promise<unknown> =>
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
const changed = (change: (parsed: StateFile) => void): string => {
  const parsed = JSON.parse(completeState) as StateFile;
  change(parsed);
  return `${JSON.stringify(parsed, null, 2)}\n`;
};

describe("a state that differs from the deployed one", () => {
  afterEach(() => fs.writeFileSync(state, completeState));

  const refused = async (result: Promise<CliResult>): Promise<string> => {
    const { code, stderr } = await result;
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/^STATE_NOT_DEPLOYED: etl-local is deployed/m),
    ]);
    expect(stderr).toMatch(/use the deployed state[^]*terraform -chdir=\S+ import /);
    expect(await jobs()).toEqual(["a", "b"]);
    return stderr;
  };

  test("is rejected as partial if an object that would be created again has the stamp", async () => {
    const part = changed((parsed) => {
      parsed.serial += 1;
      parsed.resources = parsed.resources.filter(({ name }) => name !== "b");
    });
    fs.writeFileSync(state, part);
    const refusal = await refused(run("deploy", "local", "--auto-approve"));
    const [b] = (await listed()).filter(({ settings }) => settings.name === "b");
    expect(refusal).toContain(
      `job ${b?.job_id} (databricks_job.b) (stamp test/etl-local) not in the local state`,
    );
    expect(refusal).toContain(`import databricks_job.b ${b?.job_id}`);
    await refused(run("review", "local", "--no-verify"));
  });

  test("is compared with the record for an object of a kind without a stamp, which verify reports", async () => {
    setResource(root, "etl-local", {
      ...jobsOf("2"),
      databricks_token: { t: { comment: "of the stack" } },
    });
    expectExit(await deploy(), 0);
    const kept = fs.readFileSync(state, "utf8");
    const parsed = JSON.parse(kept) as StateFile;
    parsed.serial += 1;
    parsed.resources = parsed.resources.filter(({ name }) => name !== "t");
    fs.writeFileSync(state, `${JSON.stringify(parsed, null, 2)}\n`);
    const refusal = await refused(run("deploy", "local", "--auto-approve"));
    expect(refusal).toMatch(
      /token [0-9a-f]+ \(databricks_token\.t\): deployed .*, not in the local state/,
    );
    const verified = await lakeform(root, ["verify", "local"], env);
    expectExit(verified, 2);
    expect(verified.stderr).toContain(
      "the local state of etl-local differs from the deployed one (it lacks databricks_token.t)",
    );
    fs.writeFileSync(state, kept);
    setResource(root, "etl-local", jobsOf("2"));
    expectExit(await deploy(), 0);
    completeState = fs.readFileSync(state, "utf8");
  });

  test("may be caused by a running deploy, which the error says if the lock is held", async () => {
    await write(
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
    await refused(run("deploy", "local", "--auto-approve"));
    await write("record.json", Buffer.from(String(content), "base64").toString("utf8"));
  });
});

test("a differing state is not assumed if a removed object is created again", async () => {
  const [b] = (await listed()).filter(({ settings }) => settings.name === "b");
  await call("POST", "/api/2.2/jobs/delete", { job_id: b?.job_id });
  expectExit(await deploy(), 0);
  expect(await jobs()).toEqual(["a", "b"]);
  completeState = fs.readFileSync(state, "utf8");
});

describe("a truncated state", () => {
  const cuts: readonly (readonly [string, (text: string) => string])[] = [
    ["truncated to an empty file", () => ""],
    ["truncated in the middle", (text) => text.slice(0, text.length / 2)],
    ["truncated before the last byte", (text) => text.slice(0, -3)],
  ];

  test.each(cuts)(
    "is reported by verify and restored by the next deploy: %s",
    async (_name, cut) => {
      fs.writeFileSync(`${state}.backup`, completeState);
      fs.writeFileSync(state, cut(completeState));
      const verified = await run("verify", "local");
      expectExit(verified, 1);
      expect(verified.stderr).toContain("BROKEN_STATE");
      const deployed = await deploy();
      expectExit(deployed, 0);
      expect(deployed.stderr).toMatch(
        /the state of etl-local was truncated by a killed command: restored from .*\.backup/,
      );
      expect(await jobs()).toEqual(["a", "b"]);
      expect(fs.statSync(state).mode & 0o777).toBe(0o600);
      completeState = fs.readFileSync(state, "utf8");
    },
  );

  test("is reported by verify and review without changes while another deploy holds the lock", async () => {
    await write(
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
    for (const words of [
      ["verify", "local"],
      ["review", "local"],
    ]) {
      const result = await run(...words);
      expectExit(result, 1);
      expect(result.stderr).toMatch(
        /DEPLOY_UNDER_WAY: a deploy of etl-local is running[^]*ann on another/,
      );
    }
    fs.writeFileSync(state, completeState);
    await call("POST", "/api/2.0/workspace/delete", { path: `${folder}/lock.json` });
  });

  test("is named with the restore command if its backup is older than the last deploy", async () => {
    fs.writeFileSync(
      `${state}.backup`,
      changed((parsed) => (parsed.serial -= 1)),
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
  const inStack = (...names: string[]): string =>
    path.join(root, "cdktf.out", "stacks", "etl-local", ...names);

  test.each([
    [
      "missing providers",
      () => fs.rmSync(inStack(".terraform-embedded", "providers"), { recursive: true }),
    ],
    [
      "a lock file truncated in its first line",
      () => fs.truncateSync(inStack(".terraform.lock.hcl"), 20),
    ],
    [
      "a lock file truncated in a block",
      () => fs.truncateSync(inStack(".terraform.lock.hcl"), 160),
    ],
    ["an empty lock file", () => fs.truncateSync(inStack(".terraform.lock.hcl"), 0)],
    ["a missing folder", () => fs.rmSync(inStack(".terraform-embedded"), { recursive: true })],
  ])("are recreated: %s", async (_name, damage) => {
    damage();
    expectExit(await run("review", "local", "--no-verify"), 0);
    expect(fs.readdirSync(inStack(".terraform-embedded", "providers"))).not.toEqual([]);
    expect(fs.readFileSync(inStack(".terraform.lock.hcl"), "utf8")).toMatch(
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
  expect(result.stderr).toContain("Terraform of a killed command is still running");
  expect(await jobs()).toEqual(["a", "b", "c", "d", "e"]);
  for (const name of fs.readdirSync(path.dirname(state)))
    expect([name, fs.statSync(path.join(path.dirname(state), name)).mode & 0o077]).toEqual([
      name,
      0,
    ]);
}, 60_000);
