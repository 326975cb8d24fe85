import fs from "node:fs";
import path from "node:path";
import { expectExit, lakeform, type CliResult } from "../support/cli";
import { makeHome, makeProject, removeFolders, setResource } from "../support/project";
import { callRest } from "../support/rest";
import { useWorkspace } from "../support/workspace";
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

  const cases: readonly (readonly [string, ((parsed: StateFile) => void) | undefined, string])[] = [
    ["none", undefined, "there is no state on this machine or in its backend"],
    ["a different state", (parsed) => (parsed.lineage = "other"), "lineage other"],
    ["an older copy", (parsed) => (parsed.serial -= 1), "older than the deployed one"],
  ];
  test.each(cases)("makes deploy, review and destroy fail: %s", async (_name, change, reason) => {
    if (change === undefined) fs.rmSync(state);
    else fs.writeFileSync(state, changedState(change));
    for (const args of [
      ["deploy", "local", "--auto-approve"],
      ["review", "local"],
      ["destroy", "local", "--auto-approve"],
    ])
      expect(await expectRejected(run(...args))).toContain(reason);
  });

  test("is part of verify's report, with a deploy that is running on another machine", async () => {
    fs.rmSync(state);
    const path = "/Workspace/Shared/.lakeform/test/etl-local/lock.json";
    const lock = { id: "1", by: "ann", host: "box", pid: 1, since: "2026-01-01T00:00:00Z" };
    await call("POST", "/api/2.0/workspace/import", {
      path,
      format: "AUTO",
      content: Buffer.from(JSON.stringify(lock)).toString("base64"),
    });
    const verified = await run("verify", "local", "--format", "json");
    await call("POST", "/api/2.0/workspace/delete", { path });
    expectExit(verified, 2);
    const report = JSON.parse(verified.stdout) as {
      readonly stacks: readonly { readonly weaker: readonly string[] }[];
      readonly unmanaged: readonly { readonly reason: string }[];
    };
    expect(report.stacks[0]?.weaker).toEqual(
      expect.arrayContaining([
        expect.stringContaining("a deploy is running (ann on box since 2026"),
        expect.stringContaining(
          "differs from the deployed one (there is no state on this machine or in its backend)",
        ),
      ]),
    );
    expect(report.unmanaged.map(({ reason }) => reason)).toEqual(
      Array(2).fill(expect.stringMatching(/; it may be deployed: read the note of etl-local/)),
    );
  });
});

describe("a truncated state with Terraform's lock file", () => {
  const lockFile = (): string => path.join(path.dirname(state), ".etl-local.tfstate.lock.info");
  const truncate = (): void => {
    fs.writeFileSync(`${state}.backup`, completeState);
    fs.writeFileSync(state, completeState.slice(0, 100));
  };
  afterEach(() => {
    fs.rmSync(lockFile(), { force: true });
    fs.writeFileSync(state, completeState);
  });

  test("is restored if Terraform was killed, also with an engine that is not initialized yet", async () => {
    truncate();
    fs.writeFileSync(lockFile(), '{"ID":"killed"}');
    const engine = path.join(path.dirname(state), "terraform");
    fs.writeFileSync(engine, '#!/bin/sh\nexec terraform "$@"\n', { mode: 0o755 });
    env = { ...env, TERRAFORM_BINARY_NAME: engine };
    const result = await deploy();
    expectExit(result, 0);
    expect(result.stderr).toMatch(/truncated by a killed command or a full disk: restored from/);
    completeState = fs.readFileSync(state, "utf8");
  });

  test("is not restored while a process writes it", async () => {
    truncate();
    fs.writeFileSync(lockFile(), '{"ID":"running"}');
    const writing = setInterval(() => fs.appendFileSync(state, " "), 200);
    try {
      const result = await deploy();
      expectExit(result, 1);
      expect(result.stderr).toContain("DEPLOY_UNDER_WAY");
    } finally {
      clearInterval(writing);
    }
  });
});
