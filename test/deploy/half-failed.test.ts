import fs from "node:fs";
import path from "node:path";
import { expectExit, lakeform } from "../support/cli";
import { makeProject, removeFolders } from "../support/project";
import { readRecordFile } from "../support/record-file";
import { callRest } from "../support/rest";
import { useWorkspace } from "../support/workspace";

const canary = "canary-7Qz41-never-shown";
const resource = {
  databricks_secret_scope: { s: { name: "half" } },
  databricks_secret: {
    k: { scope: "${databricks_secret_scope.s.name}", key: "k", string_value: "${var.CANARY}" },
  },
  databricks_job: {
    j: { name: "half", task: [{ task_key: "a", notebook_task: { notebook_path: "/Shared/a" } }] },
  },
};

const workspace = useWorkspace();
let env: NodeJS.ProcessEnv;
beforeAll(() => {
  env = {
    LAKEFORM_LOCAL_HOST: workspace.host,
    LAKEFORM_LOCAL_TOKEN: workspace.token,
    CANARY: canary,
  };
});
afterAll(removeFolders);

describe("a deploy in which a resource fails", () => {
  let root: string;

  beforeAll(() => {
    root = makeProject({
      "etl-local": {
        variables: { CANARY: { environment: "CANARY" } },
        variable: { CANARY: { type: "string", sensitive: true } },
        resource,
      },
    });
  });

  const readFile = (name: string): Promise<string | undefined> => readRecordFile(workspace, name);

  test("leaves an attempt but no record; the next review shows the attempt, and the next deploy completes it; only the state contains the secret", async () => {
    workspace.faults.add({
      method: "POST",
      path: "/api/2.2/jobs/create",
      nth: 1,
      status: 403,
      body: { error_code: "PERMISSION_DENIED", message: "no" },
    });
    const failedDeploy = await lakeform(root, ["deploy", "local", "--auto-approve"], env);
    workspace.faults.clear();
    expectExit(failedDeploy, 1);
    expect(failedDeploy.stderr).toContain("databricks_job.j");
    expect(JSON.parse((await readFile("attempt.json")) ?? "null")).toMatchObject({
      outcome: "failed",
      error: "TERRAFORM_FAILED",
    });
    expect(await readFile("record.json")).toBeUndefined();
    expect(await readFile("lock.json")).toBeUndefined();

    const reviewed = await lakeform(root, ["review", "local", "--quiet"], env);
    expectExit(reviewed, 0);
    expect(reviewed.stdout).toContain(
      "failed (TERRAFORM_FAILED): this plan starts from its partial result",
    );
    expect(reviewed.stdout).toContain("1 create, 0 update, 0 replace, 0 destroy (2 unchanged)");

    const secondDeploy = await lakeform(root, ["deploy", "local", "--auto-approve"], env);
    expectExit(secondDeploy, 0);
    const [record, attempt] = [await readFile("record.json"), await readFile("attempt.json")];
    expect(JSON.parse(attempt ?? "null")).toMatchObject({ outcome: "succeeded" });
    for (const result of [failedDeploy, reviewed, secondDeploy])
      expect(result.stdout + result.stderr).not.toContain(canary);
    expect(record).toContain("var.CANARY");
    expect(`${record}${attempt}`).not.toContain(canary);
    const filesWithSecret = fs
      .readdirSync(root, { recursive: true, encoding: "utf8" })
      .map((name) => path.join(root, name))
      .filter((file) => fs.statSync(file).isFile() && fs.readFileSync(file).includes(canary));
    expect(filesWithSecret.every((file) => /\.tfstate(\.backup)?$/.test(file))).toBe(true);
    expect(filesWithSecret.map((file) => fs.statSync(file).mode & 0o777)).toEqual(
      filesWithSecret.map(() => 0o600),
    );
    expect(filesWithSecret.length).toBeGreaterThan(0);
  });
});

describe("a deploy with --fail-on-active-runs", () => {
  test("is rejected while a changed job is running, and names the run", async () => {
    const post = (route: string, body: unknown): Promise<Record<string, unknown>> =>
      callRest(workspace, "POST", route, body);
    const task = (timeout?: number): unknown => ({
      task_key: "a",
      notebook_task: { notebook_path: "/Shared/a" },
      ...(timeout && { timeout_seconds: timeout }),
    });
    const name = "running";
    const projectWithTimeout = (timeout?: number): string =>
      makeProject({
        "runs-local": { resource: { databricks_job: { j: { name, task: [task(timeout)] } } } },
      });
    const project = projectWithTimeout();
    expectExit(await lakeform(project, ["deploy", "local", "--quiet", "--auto-approve"], env), 0);
    const { jobs } = (await callRest(workspace, "GET", `/api/2.2/jobs/list?name=${name}`)) as {
      jobs: { job_id: number }[];
    };
    // The clock is stopped: the run stays active.
    await post("/_lakeform/clock", { mode: "manual" });
    const { run_id: run } = await post("/api/2.2/jobs/run-now", { job_id: jobs[0]?.job_id });

    fs.copyFileSync(
      path.join(projectWithTimeout(60), "stacks.json"),
      path.join(project, "stacks.json"),
    );
    const args = ["deploy", "local", "--quiet", "--auto-approve", "--fail-on-active-runs"];
    const result = await lakeform(project, args, env);
    expectExit(result, 2);
    expect(result.stderr).toContain("ACTIVE_RUNS: ");
    expect(result.stderr).toContain(`(run ${String(run)})`);
    await post("/api/2.2/jobs/runs/cancel", { run_id: run });
    await post("/_lakeform/clock", { advance: 600_000 });
    expectExit(await lakeform(project, args, env), 0);
  });

  test("is rejected while a job is running that only healing would change", async () => {
    const name = "healed";
    const task = { task_key: "a", notebook_task: { notebook_path: "/Shared/a" } };
    const project = makeProject({
      "heals-local": { resource: { databricks_job: { j: { name, task: [task] } } } },
    });
    const args = ["deploy", "local", "--quiet", "--auto-approve"];
    expectExit(await lakeform(project, args, env), 0);
    const { jobs } = (await callRest(workspace, "GET", `/api/2.2/jobs/list?name=${name}`)) as {
      jobs: { job_id: number }[];
    };
    const job_id = jobs[0]?.job_id;
    const schedule = {
      quartz_cron_expression: "0 0 5 * * ?",
      timezone_id: "UTC",
      pause_status: "PAUSED",
    };
    await callRest(workspace, "POST", "/api/2.2/jobs/update", {
      job_id,
      new_settings: { schedule },
    });
    // The clock is stopped: the run stays active.
    await callRest(workspace, "POST", "/_lakeform/clock", { mode: "manual" });
    const { run_id: run } = await callRest(workspace, "POST", "/api/2.2/jobs/run-now", { job_id });
    const result = await lakeform(project, [...args, "--heal", "--fail-on-active-runs"], env);
    expectExit(result, 2);
    expect(result.stderr).toContain("ACTIVE_RUNS: ");
    expect(result.stderr).toContain(`(run ${String(run)})`);
  });
});
