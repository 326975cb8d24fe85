import { spawn, type ChildProcess } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { startWorkspace, type RunningWorkspace } from "../../src/workspace/server";
import { childrenOf } from "../support/children";
import { expectExit, lakeform } from "../support/cli";
import { makeHome, makeProject, removeFolders, repository } from "../support/project";
import { readRecordFile, recordFolder } from "../support/record-file";

const canary = "canary-interrupted-9Xk2";
const resource = {
  databricks_secret_scope: { s: { name: "slow" } },
  databricks_secret: {
    k: { scope: "${databricks_secret_scope.s.name}", key: "k", string_value: "${var.CANARY}" },
  },
  databricks_job: {
    j: {
      name: "slow",
      depends_on: ["databricks_secret.k"],
      task: [{ task_key: "a", notebook_task: { notebook_path: "/a" } }],
    },
  },
  databricks_cluster_policy: {
    p: { name: "after", depends_on: ["databricks_job.j"], definition: "{}" },
  },
};

/** Interrupts the real command, while a slow workspace creates a job. */
describe("a real apply", () => {
  let workspace: RunningWorkspace;
  let env: NodeJS.ProcessEnv;
  let root: string;

  beforeEach(async () => {
    workspace = await startWorkspace();
    // All commands use one HOME: the provider's notes about creates are in it.
    env = {
      LAKEFORM_LOCAL_HOST: workspace.host,
      LAKEFORM_LOCAL_TOKEN: workspace.token,
      CANARY: canary,
      HOME: makeHome(),
    };
    root = makeProject({
      "etl-local": {
        variables: { CANARY: { environment: "CANARY" } },
        variable: { CANARY: { type: "string", sensitive: true } },
        resource,
      },
    });
  });
  afterEach(() => workspace.close());
  afterAll(removeFolders);

  interface Running {
    readonly child: ChildProcess;
    readonly ended: Promise<{ code: number | null; output: string }>;
  }

  function start(words: readonly string[]): Running {
    const child = spawn(process.execPath, [path.join(repository, "bin", "lakeform.js"), ...words], {
      cwd: root,
      env: { PATH: process.env.PATH, CHECKPOINT_DISABLE: "1", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => (output += chunk.toString("utf8")));
    return {
      child,
      ended: new Promise((resolve) => child.once("close", (code) => resolve({ code, output }))),
    };
  }

  async function waitFor(
    event: string,
    hasHappened: () => boolean | Promise<boolean>,
  ): Promise<void> {
    const end = Date.now() + 60_000;
    while (!(await hasHappened())) {
      if (Date.now() > end) throw new Error(`timed out waiting until ${event}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  const get = async (route: string): Promise<Record<string, unknown> | undefined> => {
    const response = await fetch(`${workspace.host}${route}`, {
      headers: { authorization: `Bearer ${workspace.token}` },
    });
    return response.status === 404
      ? undefined
      : ((await response.json()) as Record<string, unknown>);
  };
  const readRecord = async (name: string): Promise<unknown> => {
    const text = await readRecordFile(workspace, name);
    return text === undefined ? undefined : JSON.parse(text);
  };
  const stateFile = (): string => path.join(root, ".lakeform", "state", "etl-local.tfstate");
  const isSecretInState = (): boolean =>
    fs.existsSync(stateFile()) &&
    fs.readFileSync(stateFile(), "utf8").includes('"databricks_secret"');
  const stackFolder = (): string => path.join(root, "cdktf.out", "stacks", "etl-local");
  const listPlans = (): string[] =>
    fs.existsSync(stackFolder())
      ? fs.readdirSync(stackFolder()).filter((name) => name.startsWith(".lakeform-"))
      : [];
  const listJobs = async (): Promise<unknown[]> =>
    ((await get("/api/2.2/jobs/list?name=slow"))?.jobs ?? []) as unknown[];
  const delayCalls = (method: string, route: string): void =>
    void workspace.faults.add({ method, path: route, when: "after", delay_ms: 3000 });

  async function deployAgain(): Promise<void> {
    workspace.faults.clear();
    const result = await lakeform(root, ["deploy", "local", "--auto-approve"], env);
    expectExit(result, 0);
    expect(result.stdout + result.stderr).not.toContain(canary);
    expect(await listJobs()).toHaveLength(1);
    expect(await readRecord("attempt.json")).toMatchObject({ outcome: "succeeded" });
    expect(await readRecord("lock.json")).toBeUndefined();
    expect(listPlans()).toEqual([]);
  }

  test("that is interrupted with Ctrl-C finishes the call in flight, records the attempt as failed, and removes lock and plan; the next deploy creates the rest", async () => {
    delayCalls("POST", "/api/2.2/jobs/create");
    const { child, ended } = start(["deploy", "local", "--auto-approve"]);
    await waitFor("the job is being created", async () => (await listJobs()).length === 1);
    child.kill("SIGINT");
    const { code, output } = await ended;
    expect([code, output]).toEqual([
      130,
      expect.stringContaining("INTERRUPTED: interrupted during terraform apply"),
    ]);
    expect(output).not.toContain("execution halted");
    expect(output).not.toContain(canary);
    expect(await readRecord("attempt.json")).toMatchObject({
      outcome: "failed",
      error: "INTERRUPTED",
    });
    expect(await readRecord("record.json")).toBeUndefined();
    expect(await readRecord("lock.json")).toBeUndefined();
    expect(listPlans()).toEqual([]);
    const reviewed = await lakeform(root, ["review", "local", "--quiet"], env);
    expect(reviewed.stdout).toContain(
      "failed (INTERRUPTED): this plan starts from its partial result",
    );
    expect(reviewed.stdout).toContain("1 create, 0 update, 0 replace, 0 destroy (3 unchanged)");
    await deployAgain();
  });

  test.each(["SIGINT", "SIGTERM"] as const)(
    "that gets %s twice ends immediately, with Terraform; nothing is locked, and nothing is created twice",
    async (signal) => {
      workspace.faults.add({
        method: "POST",
        path: "/api/2.2/jobs/create",
        when: "after",
        delay_ms: 60_000,
      });
      const { child, ended } = start(["deploy", "local", "--auto-approve"]);
      await waitFor("the job is being created", async () => (await listJobs()).length === 1);
      const terraform = childrenOf(child.pid ?? 0);
      child.kill(signal);
      await new Promise((resolve) => setTimeout(resolve, 500));
      const interruptedAt = Date.now();
      child.kill(signal);
      const { code, output } = await ended;
      expect(Date.now() - interruptedAt).toBeLessThan(6000);
      expect([code, output]).toEqual([
        signal === "SIGINT" ? 130 : 143,
        expect.stringContaining("INTERRUPTED: stopped immediately by a second signal"),
      ]);
      expect(terraform.filter((pid) => fs.existsSync(`/proc/${pid}/exe`))).toEqual([]);
      expect(await readRecord("lock.json")).toBeUndefined();
      expect(listPlans()).toEqual([]);
      await deployAgain();
    },
  );

  test("that is killed together with Terraform leaves a plan that only its owner can read; the next review removes it, and includes the created objects", async () => {
    workspace.faults.add({
      method: "POST",
      path: "/api/2.2/jobs/create",
      when: "before",
      delay_ms: 60_000,
    });
    const { child, ended } = start(["deploy", "local", "--auto-approve"]);
    await waitFor("the secret is in the state", isSecretInState);
    await waitFor("the create of the job is sent", () =>
      workspace.faults.list().some(({ fired }) => fired > 0),
    );
    const terraform = childrenOf(child.pid ?? 0);
    expect(terraform).toHaveLength(1);
    child.kill("SIGKILL");
    for (const pid of terraform) process.kill(-pid, "SIGKILL");
    await ended;
    const remainingPlans = listPlans();
    expect(remainingPlans.filter((name) => name.endsWith(".tfplan"))).toHaveLength(1);
    for (const name of remainingPlans)
      expect([name, fs.statSync(path.join(stackFolder(), name)).mode & 0o777]).toEqual([
        name,
        0o600,
      ]);
    expect(await readRecord("attempt.json")).toMatchObject({ outcome: "started" });
    // The workspace still creates the job after Terraform has ended: the next deploy adopts it.
    workspace.faults.clear();
    await waitFor("the job is created", async () => (await listJobs()).length === 1);
    const reviewed = await lakeform(root, ["review", "local", "--quiet"], env);
    expectExit(reviewed, 0);
    expect(reviewed.stdout).toContain("was interrupted: this plan starts from its partial result");
    expect(reviewed.stdout).toContain("2 create, 0 update, 0 replace, 0 destroy (2 unchanged)");
    expect(listPlans()).toEqual([]);
    await deployAgain();
  });

  test("blocks a second deploy, whose error names the lock holder", async () => {
    delayCalls("POST", "/api/2.2/jobs/create");
    const results = await Promise.all(
      [1, 2].map(() => start(["deploy", "local", "--quiet", "--auto-approve"]).ended),
    );
    expect(results.map(({ code }) => code).sort()).toEqual([0, 1]);
    expect(results.find(({ code }) => code === 1)?.output).toMatch(
      /LOCKED: another deploy of this stack holds the lock.*given: .* on .* since /s,
    );
    expect(await listJobs()).toHaveLength(1);
    expect(await readRecord("lock.json")).toBeUndefined();
  });

  test("of a destroy is recorded as failed if it is interrupted, and the next destroy finishes it", async () => {
    await deployAgain();
    delayCalls("POST", "/api/2.2/jobs/delete");
    const { child, ended } = start(["destroy", "local", "--auto-approve"]);
    await waitFor("the job is being deleted", async () => (await listJobs()).length === 0);
    child.kill("SIGINT");
    expect((await ended).code).toBe(130);
    workspace.faults.clear();
    expect(await readRecord("attempt.json")).toMatchObject({ outcome: "failed" });
    expect(await readRecord("lock.json")).toBeUndefined();
    expectExit(await lakeform(root, ["destroy", "local", "--quiet", "--auto-approve"], env), 0);
    expect(await readRecord("record.json")).toBeUndefined();
    expect(await get("/api/2.0/secrets/list?scope=slow")).toBeUndefined();
  });

  test("whose command gets SIGTERM while no Terraform process runs leaves neither lock nor plan of any stack", async () => {
    const scope = (name: string): unknown => ({ databricks_secret_scope: { s: { name } } });
    root = makeProject({
      "etl-local": { resource: scope("one") },
      "more-local": { resource: scope("two") },
    });
    const lock = (stack: string): Promise<unknown> =>
      get(`/api/2.0/workspace/get-status?path=${path.dirname(recordFolder)}/${stack}/lock.json`);
    // This delays the plans after the locks.
    workspace.faults.add({ method: "GET", path: "/api/2.0/workspace/export", delay_ms: 2000 });
    const { child, ended } = start(["deploy", "local", "--auto-approve"]);
    const areLocked = async (): Promise<boolean> =>
      (await lock("etl-local")) !== undefined && (await lock("more-local")) !== undefined;
    await waitFor(
      "both stacks are locked, and no Terraform runs",
      async () => (await areLocked()) && childrenOf(child.pid ?? 0).length === 0,
    );
    child.kill("SIGTERM");
    expect((await ended).code).toBe(143);
    workspace.faults.clear();
    expect([await lock("etl-local"), await lock("more-local"), listPlans()]).toEqual([
      undefined,
      undefined,
      [],
    ]);
  });
});
