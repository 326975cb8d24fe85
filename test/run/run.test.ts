import type { Id } from "../../src/api";
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { startWorkspace, type RunningWorkspace } from "../../src/workspace/server";
import { connect, families, take, type Connection, type Families } from "../../src/api";
import { guideJob } from "../support/guide-job";
import { command, type CommandResult } from "./command";

describe("run and runs", () => {
  let workspace: RunningWorkspace;
  let client: Connection;
  let api: Families;
  let jobId: Id;
  const lakeform = (...words: string[]): Promise<CommandResult> =>
    command(words, { DATABRICKS_HOST: workspace.host, DATABRICKS_TOKEN: workspace.token });

  const workspaceCall = async (method: string, route: string, body?: object): Promise<void> => {
    const response = await fetch(workspace.host + route, {
      method,
      headers: { authorization: `Bearer ${workspace.token}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    expect(response.status).toBe(200);
  };

  beforeAll(async () => {
    workspace = await startWorkspace();
    client = connect({ host: workspace.host, token: workspace.token, env: {} });
    api = families(client);
    jobId = await api.jobs.create(guideJob);
    await api.jobs.create({
      name: "twice",
      tasks: [{ task_key: "a", notebook_task: { notebook_path: "/Shared/x" } }],
    });
    await api.jobs.create({
      name: "twice",
      tasks: [{ task_key: "b", notebook_task: { notebook_path: "/Shared/x" } }],
    });
  });
  afterAll(async () => {
    await client.close();
    await workspace.close();
  });

  test("starts a job by name, shows its tasks advancing, and ends with 0", async () => {
    // Long enough that the command reads the run at least once while the task is running.
    await client.put("/_lakeform/outcomes", {
      outcomes: [{ job: "*", task: "ingest", duration: "2s" }],
    });
    const result = await lakeform(
      "run",
      "daily-etl-pipeline",
      "--notebook-param",
      "input_date=2024-01-01",
    );
    await client.delete("/_lakeform/outcomes");
    expect(result).toMatchObject({ code: 0 });
    expect(result.stdout).toMatch(/✓ daily-etl-pipeline \(run \d+\): SUCCESS/);
    expect(result.stdout).toMatch(/✓ ingest +SUCCESS[^\n]*\n +└─▶ ✓ transform +SUCCESS/);
    expect(result.stderr).toMatch(/ingest RUNNING[\s\S]*ingest SUCCESS[\s\S]*transform SUCCESS/);
  });

  test("starts one task of a job by id, with JSON output and without progress", async () => {
    const result = await lakeform(
      "run",
      String(jobId),
      "--only",
      "ingest",
      "--format",
      "json",
      "--quiet",
    );
    expect(result).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(result.stdout)).toMatchObject({
      schema: "lakeform/run/1",
      job_id: jobId,
      success: true,
      tasks: [
        { task_key: "ingest", state: "SUCCESS" },
        { task_key: "transform", state: "DISABLED" },
      ],
    });
  });

  test("exits with 2 for a failed run, with the failing task's error and the end of its log; repair succeeds", async () => {
    const error = "ValueError: no data for 2024-01-01";
    await client.put("/_lakeform/outcomes", {
      outcomes: [
        { task: "ingest", result: "FAILED", error, error_trace: `Traceback\n  line 3\n${error}` },
      ],
    });
    const result = await lakeform("run", "daily-etl-pipeline", "--format", "json", "--quiet");
    await client.delete("/_lakeform/outcomes");
    expect(result.code).toBe(2);
    const report = JSON.parse(result.stdout) as { run_id: number; failures: unknown };
    expect(report).toMatchObject({
      success: false,
      failures: [{ task: "ingest", error: "ValueError: no data for 2024-01-01" }],
    });

    const showResult = await lakeform("runs", "show", String(report.run_id));
    expect(showResult.code).toBe(2);
    expect(showResult.stdout).toMatch(/task ingest FAILED: ValueError: no data[\s\S]*\| Traceback/);
    expect(showResult.stdout).toMatch(
      /✗ ingest +FAILED[^\n]*\n +└─▶ (-|✗) transform +UPSTREAM_FAILED/,
    );

    const repairResult = await lakeform("runs", "repair", String(report.run_id), "--quiet");
    expect(repairResult).toMatchObject({ code: 0 });
    expect(repairResult.stdout).toMatch(/SUCCESS[\s\S]*✓ ingest[\s\S]*✓ transform/);
  });

  test("explains the failed tasks of a run that ends with SUCCESS_WITH_FAILURES", async () => {
    await api.jobs.create({
      name: "cleans up",
      tasks: [
        { task_key: "load", notebook_task: { notebook_path: "/Shared/load" } },
        {
          task_key: "clean_up",
          depends_on: [{ task_key: "load" }],
          run_if: "ALL_DONE",
          notebook_task: { notebook_path: "/Shared/clean_up" },
        },
      ],
    });
    await client.put("/_lakeform/outcomes", {
      outcomes: [{ job: "cleans up", task: "load", result: "FAILED", error: "no data" }],
    });
    const result = await lakeform("run", "cleans up", "--quiet");
    await client.delete("/_lakeform/outcomes");
    expect(result.code).toBe(0);
    expect(result.stdout).toContain("SUCCESS_WITH_FAILURES");
    expect(result.stdout).toContain("task load FAILED: no data");
    const runId = /run (\d+)\)/.exec(result.stdout)?.[1] ?? "";
    expect(await lakeform("runs", "show", runId)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("task load FAILED: no data") as string,
    });
  });

  test.each([
    ["a 503 before the call takes effect", { status: 503 }],
    ["a gateway's page", { status: 502, headers: { "content-type": "text/html" }, when: "after" }],
    ["half a response", { truncate: true }],
  ])("makes a repair with a lost response only once: %s", async (_name, how) => {
    await client.put("/_lakeform/outcomes", { outcomes: [{ task: "ingest", result: "FAILED" }] });
    const { run_id: runId } = JSON.parse(
      (await lakeform("run", "daily-etl-pipeline", "--format", "json", "--quiet")).stdout,
    ) as {
      run_id: number;
    };
    await client.delete("/_lakeform/outcomes");
    await client.post("/_lakeform/faults", {
      method: "POST",
      path: "/api/2.2/jobs/runs/repair",
      nth: 1,
      ...how,
    });
    expect(await lakeform("runs", "repair", String(runId), "--quiet")).toMatchObject({ code: 0 });
    await client.delete("/_lakeform/faults");
    const { repair_history: history } = (await client.get("/api/2.2/jobs/runs/get", {
      query: { run_id: runId, include_history: true },
    })) as {
      repair_history: { type: string }[];
    };
    expect(history.map(({ type }) => type)).toEqual(["ORIGINAL", "REPAIR"]);
  });

  test("does not wait with --no-wait, after which runs can be listed, followed and cancelled", async () => {
    await client.put("/_lakeform/outcomes", { outcomes: [{ task: "*", duration: "60s" }] });
    const startedRun = JSON.parse(
      (await lakeform("run", "daily-etl-pipeline", "--no-wait", "--format", "json")).stdout,
    ) as { run_id: number };
    await client.delete("/_lakeform/outcomes");
    const activeRuns = await lakeform("runs", "list", "--active", "--format", "json");
    expect(JSON.parse(activeRuns.stdout)).toMatchObject({
      schema: "lakeform/runs/1",
      runs: [{ run_id: startedRun.run_id }],
    });
    const lateResult = await lakeform(
      "runs",
      "show",
      String(startedRun.run_id),
      "--follow",
      "--timeout",
      "0.5",
    );
    expect(lateResult).toMatchObject({ code: 1 });
    expect(lateResult.stderr).toContain(
      `RUN_NOT_FINISHED: timed out waiting for the run; it is still running`,
    );
    const cancelResult = await lakeform("runs", "cancel", String(startedRun.run_id));
    expect(cancelResult).toMatchObject({ code: 0 });
    expect(cancelResult.stdout).toMatch(/CANCELED/);
    expect((await lakeform("runs", "show", String(startedRun.run_id))).code).toBe(2);
  });

  test("returns the same run for the same idempotency token", async () => {
    const run = async (): Promise<number> =>
      (
        JSON.parse(
          (
            await lakeform(
              "run",
              String(jobId),
              "--no-wait",
              "--format",
              "json",
              "--idempotency-token",
              "tok-1",
            )
          ).stdout,
        ) as {
          run_id: number;
        }
      ).run_id;
    expect(await run()).toBe(await run());
  });

  test("lists the runs of a job without a stack, and rejects an unknown job", async () => {
    const listResult = await lakeform(
      "runs",
      "list",
      "daily-etl-pipeline",
      "--host",
      workspace.host,
      "--format",
      "json",
    );
    const { runs } = JSON.parse(listResult.stdout) as { runs: { job_id: number }[] };
    expect(new Set(runs.map((run) => run.job_id))).toEqual(new Set([jobId]));
    expect((await lakeform("runs", "list", "nope")).stderr).toContain("UNKNOWN_JOB");
  });

  test("shows with runs output what each task returned, printed or failed with", async () => {
    await workspaceCall("PUT", "/_lakeform/outcomes", {
      outcomes: [
        { task: "ingest", output: "3 rows" },
        { task: "transform", result: "FAILED", error: "no rows", error_trace: "line 1\nline 2" },
      ],
    });
    const run = JSON.parse(
      (await lakeform("run", String(jobId), "--format", "json", "--quiet")).stdout,
    ) as { run_id: number };
    await workspaceCall("DELETE", "/_lakeform/outcomes");
    const outputText = await lakeform("runs", "output", String(run.run_id));
    expect(outputText).toMatchObject({
      code: 0,
      stdout: "ingest SUCCESS: 3 rows\ntransform FAILED\n  | no rows\n  | line 1\n  | line 2\n",
    });
    const outputJson = await lakeform("runs", "output", String(run.run_id), "--format", "json");
    expect(JSON.parse(outputJson.stdout)).toMatchObject({
      schema: "lakeform/run-output/1",
      tasks: [{ task: "ingest", result: "3 rows" }, { error: "no rows" }],
    });
    expect((await lakeform("runs", "output", "424242")).stderr).toContain("UNKNOWN_RUN");
  });

  test("exports the notebooks of all tasks, or of one", async () => {
    const out = mkdtempSync(path.join(os.tmpdir(), "lakeform-export-"));
    const run = JSON.parse(
      (await lakeform("run", String(jobId), "--format", "json", "--quiet")).stdout,
    ) as {
      run_id: number;
      tasks: { run_id: number }[];
    };
    const { files } = JSON.parse(
      (await lakeform("runs", "export", String(run.run_id), "--out", out, "--format", "json"))
        .stdout,
    ) as {
      files: string[];
    };
    expect(files.map((file) => path.basename(file).replaceAll(/\d{5,}/g, "N"))).toEqual([
      "ingest-N-1-ingest_raw_data.html",
      "transform-N-1-transform_data.html",
    ]);
    expect(readFileSync(files[0] ?? "", "utf8")).toMatch(/<html>[\s\S]*\/Shared\/ingest_raw_data/);
    const singleExport = await lakeform(
      "runs",
      "export",
      String(run.tasks[0]?.run_id),
      "--out",
      out,
    );
    expect(singleExport).toMatchObject({ code: 0 });
    expect(singleExport.stdout).toMatch(/\d+-1-ingest_raw_data\.html\n$/);
    expect((await lakeform("runs", "export", "424242", "--out", out)).stderr).toContain(
      "UNKNOWN_RUN",
    );
  });

  test("states how to check for a run if run-now gets no response, and a second attempt starts no second run", async () => {
    const countBefore = (await take(api.runs.list({ jobId }), 100)).length;
    workspace.faults.add({ path: "/api/2.2/jobs/run-now", delay_ms: 3000, when: "after" });
    const lateResult = await lakeform("run", String(jobId), "--timeout", "1");
    workspace.faults.clear();
    expect(lateResult).toMatchObject({ code: 1, stdout: "" });
    const [, list, token] =
      /RUN_MAY_HAVE_STARTED: .*DEADLINE_EXCEEDED[\s\S]*check with: lakeform (runs list \d+ --active);[\s\S]*--idempotency-token (\S+)/.exec(
        lateResult.stderr,
      ) ?? [];
    expect(await lakeform(...(list ?? "").split(" "))).toMatchObject({ code: 0 });
    const secondAttempt = await lakeform(
      "run",
      String(jobId),
      "--idempotency-token",
      token ?? "",
      "--quiet",
    );
    expect(secondAttempt).toMatchObject({ code: 0 });
    // Every connection is lost after the call took effect; the call is repeated with its token, so
    // there is only one run.
    workspace.faults.add({ path: "/api/2.2/jobs/run-now", drop: true, when: "after", times: 2 });
    expect(await lakeform("run", String(jobId), "--quiet")).toMatchObject({ code: 0 });
    workspace.faults.clear();
    expect(await take(api.runs.list({ jobId }), 100)).toHaveLength(countBefore + 2);
  });

  test("shows the id of a started run even if its state cannot be read", async () => {
    workspace.faults.add({ path: "/api/2.2/jobs/runs/get", status: 403 });
    const startResult = await lakeform("run", String(jobId), "--no-wait");
    const watchResult = await lakeform("run", String(jobId), "--quiet");
    workspace.faults.clear();
    expect(startResult).toMatchObject({ code: 0 });
    expect(startResult.stdout).toMatch(/^started run \d+ of /);
    expect(startResult.stderr).toContain("API_FORBIDDEN");
    expect(watchResult).toMatchObject({ code: 1, stdout: "" });
    expect(watchResult.stderr).toMatch(
      /run \d+ is no longer watched and may still be running; watch it: lakeform runs show \d+ --follow/,
    );
  });

  test("ends at --timeout if the workspace does not respond", async () => {
    workspace.faults.add({ path: "/api/2.2/jobs/runs/get", delay_ms: 5000 });
    const startedAt = Date.now();
    const lateResult = await lakeform("run", String(jobId), "--timeout", "0.5");
    workspace.faults.clear();
    expect(lateResult).toMatchObject({ code: 1 });
    expect(lateResult.stderr).toContain("RUN_NOT_FINISHED");
    expect(Date.now() - startedAt).toBeLessThan(4000);
  });

  test("rejects a name of two jobs, and lists their ids", async () => {
    const result = await lakeform("run", "twice");
    expect(result).toMatchObject({ code: 1, stdout: "" });
    expect(result.stderr).toMatch(
      /AMBIGUOUS_JOB: 2 jobs have this name\n {2}given: {3}twice\n {2}allowed: \d+ \(by admin@lakeform\.local\), \d+ .*\n {2}fix: {5}use the job id/,
    );
  });

  test("rejects an unknown job, a run of another workspace, and a parameter without a value", async () => {
    expect((await lakeform("run", "nope")).stderr).toMatch(
      /UNKNOWN_JOB[\s\S]*allowed: .*daily-etl-pipeline/,
    );
    expect((await lakeform("runs", "show", "424242")).stderr).toMatch(
      /UNKNOWN_RUN: no such run in this workspace\n.*run 424242[\s\S]*name the right one with --on, --profile or --host/,
    );
    expect((await lakeform("run", String(jobId), "--param", "x")).stderr).toContain(
      "BAD_PARAMETER",
    );
  });

  test("uses the workspace in the server file for the environment `local`, and accepts a construct path for the job", async () => {
    const project = mkdtempSync(path.join(os.tmpdir(), "lakeform-run-"));
    const write = (file: string, content: unknown): void => {
      mkdirSync(path.dirname(path.join(project, file)), { recursive: true });
      writeFileSync(path.join(project, file), JSON.stringify(content));
    };
    const metadata = {
      version: 1,
      project: "p",
      environment: "local",
      stack: "etl-local",
      provider: "embedded",
      stamp: "p/etl-local",
      resources: { "databricks_job.pipeline": { path: "etl-local/pipeline", stamped: true } },
      variables: {},
      ignores: [],
      suppressions: [],
    };
    write("cdktf.json", { app: "true" });
    write("cdktf.out/manifest.json", { stacks: { "etl-local": {} } });
    write("cdktf.out/stacks/etl-local/cdk.tf.json", {
      "//": { lakeform: metadata },
      resource: { databricks_job: { pipeline: { name: "daily-etl-pipeline" } } },
    });
    write(".lakeform/workspace/server.json", {
      host: workspace.host,
      token: workspace.token,
      workspace_id: workspace.workspaceId,
      pid: process.pid,
    });
    for (const words of [
      ["local", "etl-local/pipeline"],
      ["etl-local", "pipeline"],
      ["local", "daily-etl-pipeline"],
      ["etl-local/pipeline"],
    ]) {
      const result = await command(["run", ...words, "--no-wait"], {}, { cwd: project });
      expect(result).toMatchObject({ code: 0, stderr: "" });
      expect(result.stdout).toMatch(/^started run \d+ of daily-etl-pipeline/);
    }
    expect((await command(["run", "prod", "x"], {}, { cwd: project })).stderr).toContain(
      "UNKNOWN_STACK",
    );
    const list = await command(["runs", "local", "--limit", "2"], {}, { cwd: project });
    expect(list.stdout).toContain("daily-etl-pipeline");
  });
});
