/** Further cases of stuck-state.test.ts, and processes killed during a deploy. */
import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { expectExit } from "../support/cli";
import { repository, setResource } from "../support/project";
import {
  call,
  changedState,
  completeState,
  deleteRecordFile,
  deploy,
  env,
  expectRejected,
  job,
  jobNames,
  jobsOf,
  listJobs,
  recordFolder,
  rememberState,
  restoreState,
  root,
  run,
  state,
  useDeployedProject,
  whileLocked,
  workspace,
  writeRecordFile,
} from "./stuck-state-lab";

useDeployedProject();

describe("a state that differs from the deployed one", () => {
  afterEach(restoreState);

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
    rememberState();
    const stateWithoutToken = changedState((parsed) => {
      parsed.serial += 1;
      parsed.resources = parsed.resources.filter(({ name }) => name !== "t");
    });
    fs.writeFileSync(state, stateWithoutToken);
    const errorText = await expectRejected(run("deploy", "local", "--auto-approve"));
    expect(errorText).toMatch(
      /token [0-9a-f]+ \(databricks_token\.t\): deployed .*, not in the state/,
    );
    expect(errorText).toMatch(/import databricks_token\.t [0-9a-f]+$/m);
    expect(errorText).not.toContain("several objects");
    const verifyResult = await run("verify", "local");
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
    restoreState();
    setResource(root, "etl-local", jobsOf("2"));
    expectExit(await deploy(), 0);
    rememberState();
  });

  test("is reported as a running deploy while the lock is held", async () => {
    fs.rmSync(state);
    const { code, stderr } = await whileLocked(() => run("review", "local"));
    expect([code, stderr]).toEqual([1, expect.stringContaining("DEPLOY_UNDER_WAY")]);
  });

  test("is detected by the stamps if there is neither a state nor a record", async () => {
    const { content } = await call(
      "GET",
      `/api/2.0/workspace/export?${new URLSearchParams({ path: `${recordFolder}/record.json`, format: "AUTO" }).toString()}`,
    );
    await deleteRecordFile("record.json");
    fs.rmSync(state);
    await expectRejected(run("deploy", "local", "--auto-approve"));
    await writeRecordFile("record.json", Buffer.from(String(content), "base64").toString("utf8"));
  });
});

test("a deploy creates an object again that was deleted in the workspace", async () => {
  const [b] = (await listJobs()).filter(({ settings }) => settings.name === "b");
  await call("POST", "/api/2.2/jobs/delete", { job_id: b?.job_id });
  expectExit(await deploy(), 0);
  expect(await jobNames()).toEqual(["a", "b"]);
  rememberState();
});

describe("a truncated state", () => {
  const cases: readonly (readonly [string, (text: string) => string])[] = [
    ["truncated to an empty file", () => ""],
    ["truncated in the middle", (text) => text.slice(0, text.length / 2)],
    ["truncated before the last byte", (text) => text.slice(0, -3)],
  ];

  test.each(cases)(
    "is reported by verify and restored by the next deploy: %s",
    async (_case, truncate) => {
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
      rememberState();
    },
  );

  test("is reported by verify and review without changes while another deploy holds the lock", async () => {
    fs.writeFileSync(state, completeState.slice(0, 100));
    for (const args of [
      ["verify", "local"],
      ["review", "local"],
    ]) {
      const result = await whileLocked(() => run(...args));
      expectExit(result, 1);
      expect(result.stderr).toMatch(
        /DEPLOY_UNDER_WAY: a deploy of etl-local is running[^]*ann on another/,
      );
    }
    restoreState();
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
    restoreState();
  });

  test("is reported without a restore command if there is no backup", async () => {
    fs.rmSync(`${state}.backup`, { force: true });
    fs.writeFileSync(state, completeState.slice(0, 100));
    const result = await deploy();
    expectExit(result, 1);
    expect(result.stderr).toMatch(/BROKEN_STATE: .* there is no backup\n/);
    expect(result.stderr).not.toContain("cp ");
    restoreState();
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
  ])("are recreated: %s", async (_case, damage) => {
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
