import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import type { JsonObject } from "../../src/workspace/errors";
import {
  guideJob,
  notebook,
  present,
  startTestWorkspace,
  asId,
  type TestWorkspace,
} from "./jobs-support";

let server: TestWorkspace;
beforeAll(async () => {
  server = await startTestWorkspace();
});
afterAll(() => server.close());
afterEach(() => server.ok("DELETE", "/_lakeform/outcomes"));

const createJob = async (settings: JsonObject, version = "2.2"): Promise<number> =>
  (await server.ok("POST", `/api/${version}/jobs/create`, settings)).job_id as number;
const runNow = async (job_id: number, fields: JsonObject = {}): Promise<number> =>
  (await server.ok("POST", "/api/2.2/jobs/run-now", { job_id, ...fields })).run_id as number;
const getRun = (id: number, query = "", version = "2.2"): Promise<JsonObject> =>
  server.ok("GET", `/api/${version}/jobs/runs/get?run_id=${id}${query}`);
const setOutcomes = (...outcomes: JsonObject[]): Promise<JsonObject> =>
  server.ok("PUT", "/_lakeform/outcomes", { outcomes });
const findTask = (run: JsonObject, key: string): JsonObject =>
  (run.tasks as JsonObject[]).filter((task) => task.task_key === key).at(-1) as JsonObject;

describe("a run", () => {
  test("passes through PENDING, RUNNING and TERMINATED on the clock, in both state formats", async () => {
    const id = await runNow(await createJob(guideJob, "2.1"), {
      notebook_params: { input_date: "2024-01-01" },
    });
    const first = await getRun(id, "", "2.1");
    expect(first).toMatchObject({
      run_id: id,
      number_in_job: id,
      state: { life_cycle_state: "PENDING", user_cancelled_or_timedout: false },
      status: { state: "PENDING" },
      trigger: "ONE_TIME",
      run_type: "JOB_RUN",
      format: "MULTI_TASK",
      overriding_parameters: { notebook_params: { input_date: "2024-01-01" } },
      tasks: [
        {
          task_key: "ingest",
          state: { life_cycle_state: "PENDING" },
          status: { state: "PENDING" },
        },
        {
          task_key: "transform",
          state: { life_cycle_state: "BLOCKED" },
          status: { state: "BLOCKED" },
        },
      ],
    });
    expect(first.run_page_url).toMatch(`${server.workspace.host}/jobs/`);
    await server.advance(250);
    expect(await getRun(id)).toMatchObject({
      state: { life_cycle_state: "RUNNING" },
      tasks: [{ state: { life_cycle_state: "RUNNING" } }, {}],
    });
    await server.advance("1s");
    const last = await getRun(id);
    expect(last).toMatchObject({
      state: { life_cycle_state: "TERMINATED", result_state: "SUCCESS" },
      status: { state: "TERMINATED", termination_details: { code: "SUCCESS", type: "SUCCESS" } },
      run_duration: 800,
      tasks: [
        {
          setup_duration: 200,
          execution_duration: 200,
          state: { result_state: "SUCCESS" },
          cluster_instance: { cluster_id: expect.stringMatching(/^\d{4}-\d{6}-/) as string },
        },
        {},
      ],
    });
    const [ingest, transform] = last.tasks as JsonObject[];
    expect(ingest?.cluster_instance).toMatchObject({
      cluster_id: (transform?.cluster_instance as JsonObject).cluster_id,
    });
  });

  test("has the platform's result, messages and output when it fails", async () => {
    await setOutcomes({
      task: "ingest",
      result: "FAILED",
      error: "ValueError: no data",
      error_trace: "Traceback …",
    });
    const id = await runNow(await createJob(guideJob));
    await server.advance("10s");
    const run = await getRun(id);
    expect(run.state).toEqual({
      life_cycle_state: "INTERNAL_ERROR",
      result_state: "FAILED",
      state_message:
        "Task ingest failed with message: Workload failed, see run output for details. This caused all downstream tasks to get skipped.",
      user_cancelled_or_timedout: false,
    });
    expect(run.status).toMatchObject({
      state: "TERMINATED",
      termination_details: { code: "RUN_EXECUTION_ERROR", type: "CLIENT_ERROR" },
    });
    expect(findTask(run, "ingest").state).toMatchObject({
      life_cycle_state: "TERMINATED",
      result_state: "FAILED",
    });
    expect(findTask(run, "transform").state).toMatchObject({
      life_cycle_state: "SKIPPED",
      result_state: "UPSTREAM_FAILED",
    });
    const output = await server.ok(
      "GET",
      `/api/2.1/jobs/runs/get-output?run_id=${asId(findTask(run, "ingest").run_id)}`,
    );
    expect(output).toMatchObject({
      error: "ValueError: no data",
      error_trace: "Traceback …",
      metadata: { job_run_id: id, task_key: "ingest" },
    });
    const multiTaskOutput = await server.call("GET", `/api/2.1/jobs/runs/get-output?run_id=${id}`);
    expect(multiTaskOutput).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining("multiple tasks is not supported") as string },
    });
  });

  test("returns output, export and task values of a notebook", async () => {
    await setOutcomes({ task: "a", output: { rows: 3 }, values: { rows: 3 } });
    const id = await runNow(
      await createJob({
        tasks: [
          notebook("a"),
          {
            ...notebook("b", ["a"]),
            notebook_task: {
              notebook_path: "/b",
              base_parameters: { n: "{{tasks.a.values.rows}}" },
            },
          },
        ],
      }),
    );
    await server.advance("10s");
    const run = await getRun(id, "&include_resolved_values=true");
    expect(findTask(run, "b").resolved_values).toEqual({
      notebook_task: { base_parameters: { n: "3" } },
    });
    const taskRunId = asId(findTask(run, "a").run_id);
    expect(
      await server.ok("GET", `/api/2.2/jobs/runs/get-output?run_id=${taskRunId}`),
    ).toMatchObject({
      notebook_output: { result: '{"rows":3}', truncated: false },
    });
    expect(await server.ok("GET", `/api/2.0/jobs/runs/export?run_id=${taskRunId}`)).toMatchObject({
      views: [{ name: "a", type: "NOTEBOOK" }],
    });
  });

  test("uses job parameters with defaults, overrides and references, and passes them to notebooks", async () => {
    const job = await createJob({
      parameters: [
        { name: "day", default: "today" },
        { name: "env", default: "dev" },
      ],
      tasks: [
        {
          task_key: "a",
          notebook_task: {
            notebook_path: "/a",
            base_parameters: { day: "task", p: "{{job.parameters.env}}/{{job.name}}" },
          },
        },
      ],
    });
    const id = await runNow(job, { job_parameters: { day: "monday" } });
    const run = await getRun(id, "&include_resolved_values=true");
    expect(run.job_parameters).toEqual([
      { name: "day", default: "today", value: "monday" },
      { name: "env", default: "dev", value: "dev" },
    ]);
    expect(findTask(run, "a").resolved_values).toEqual({
      notebook_task: { base_parameters: { day: "monday", env: "dev", p: "dev/Untitled" } },
    });
  });

  test("passes through TERMINATING to CANCELED when it is canceled once or twice", async () => {
    const id = await runNow(await createJob(guideJob));
    await server.advance(250);
    await server.ok("POST", "/api/2.1/jobs/runs/cancel", { run_id: id });
    expect(await getRun(id)).toMatchObject({
      state: { life_cycle_state: "TERMINATING" },
      status: { state: "TERMINATING" },
    });
    await server.advance("1s");
    const run = await getRun(id);
    expect(run).toMatchObject({
      state: {
        life_cycle_state: "TERMINATED",
        result_state: "CANCELED",
        user_cancelled_or_timedout: true,
      },
      status: { termination_details: { code: "USER_CANCELED" } },
    });
    await server.ok("POST", "/api/2.1/jobs/runs/cancel", { run_id: id });
    expect(await getRun(id)).toEqual(run);
  });

  test("has its task at the top level in API 2.0", async () => {
    await setOutcomes({ task: "Legacy", result: "FAILED" });
    const cluster = {
      spark_version: "15.4.x-scala2.12",
      node_type_id: "i3.xlarge",
      num_workers: 1,
    };
    const existing_cluster_id = asId(
      (await server.ok("POST", "/api/2.0/clusters/create", cluster)).cluster_id,
    );
    await server.advance("1s");
    const id = await runNow(
      await createJob(
        { name: "Legacy", existing_cluster_id, notebook_task: { notebook_path: "/l" } },
        "2.0",
      ),
    );
    await server.advance("10s");
    const run = await getRun(id, "", "2.0");
    expect(run).toMatchObject({
      format: "SINGLE_TASK",
      state: { life_cycle_state: "TERMINATED", result_state: "FAILED" },
      task: { notebook_task: { notebook_path: "/l" } },
      cluster_spec: { existing_cluster_id },
      cluster_instance: { cluster_id: existing_cluster_id },
      setup_duration: 200,
    });
    expect(run.tasks).toBeUndefined();
    expect((await server.ok("GET", `/api/2.0/jobs/runs/get-output?run_id=${id}`)).error).toBe(
      "Workload failed, see run output for details",
    );
  });

  test("runs only the requested tasks and those that they depend on", async () => {
    const job = await createJob({
      tasks: [notebook("a"), notebook("b", ["a"]), notebook("c", ["b"]), notebook("d")],
    });
    const results = async (only: string[]): Promise<unknown[]> => {
      const id = await runNow(job, { only });
      await server.advance("10s");
      return ((await getRun(id)).tasks as JsonObject[]).map(
        (task) => (task.state as JsonObject).result_state,
      );
    };
    expect(await results(["b"])).toEqual(["DISABLED", "SUCCESS", "DISABLED", "DISABLED"]);
    expect(await results(["+b"])).toEqual(["SUCCESS", "SUCCESS", "DISABLED", "DISABLED"]);
    expect(await results(["b+", "d"])).toEqual(["DISABLED", "SUCCESS", "SUCCESS", "SUCCESS"]);
    expect(
      await server.call("POST", "/api/2.2/jobs/run-now", { job_id: job, only: ["x"] }),
    ).toMatchObject({ status: 400 });
  });

  test("is returned again for the same idempotency token; the token of a deleted run is an error", async () => {
    const job = await createJob({ tasks: [notebook("a")] });
    const ids = await Promise.all([1, 2, 3].map(() => runNow(job, { idempotency_token: "tok" })));
    expect(new Set(ids).size).toBe(1);
    expect(
      ((await server.ok("GET", `/api/2.2/jobs/runs/list?job_id=${job}`)).runs as unknown[]).length,
    ).toBe(1);
    expect(
      (await server.call("POST", "/api/2.2/jobs/runs/delete", { run_id: present(ids[0]) })).body
        .error_code,
    ).toBe("INVALID_STATE");
    await server.advance("10s");
    await server.ok("POST", "/api/2.2/jobs/runs/delete", { run_id: present(ids[0]) });
    expect(await server.call("GET", `/api/2.2/jobs/runs/get?run_id=${ids[0]}`)).toMatchObject({
      status: 400,
      body: { message: `Run ${ids[0]} does not exist.` },
    });
    expect(
      (
        await server.call("POST", "/api/2.2/jobs/run-now", {
          job_id: job,
          idempotency_token: "tok",
        })
      ).status,
    ).toBe(400);
  });

  test("rejects parameters over 10,000 bytes", async () => {
    const job = await createJob({ tasks: [notebook("a")] });
    const response = await server.call("POST", "/api/2.1/jobs/run-now", {
      job_id: job,
      notebook_params: { a: "x".repeat(10_000) },
    });
    expect(response).toMatchObject({
      status: 400,
      body: { error_code: "INVALID_PARAMETER_VALUE" },
    });
  });

  test("can be submitted without a listed job", async () => {
    const { run_id } = await server.ok("POST", "/api/2.1/jobs/runs/submit", {
      run_name: "once",
      tasks: [notebook("a"), notebook("b", ["a"])],
      idempotency_token: "s-1",
    });
    expect(
      (
        await server.ok("POST", "/api/2.1/jobs/runs/submit", {
          run_name: "once",
          tasks: [notebook("a")],
          idempotency_token: "s-1",
        })
      ).run_id,
    ).toBe(run_id);
    await server.advance("10s");
    const run = await getRun(run_id as number);
    expect(run).toMatchObject({
      run_name: "once",
      run_type: "SUBMIT_RUN",
      state: { result_state: "SUCCESS" },
    });
    expect((await server.call("GET", `/api/2.1/jobs/get?job_id=${asId(run.job_id)}`)).status).toBe(
      400,
    );
    expect(
      (await server.call("POST", "/api/2.1/jobs/runs/submit", { run_name: "none" })).status,
    ).toBe(400);
  });
});

test("a single run can be scripted by a header", async () => {
  const job = await createJob({ name: "header", tasks: [notebook("a")], max_concurrent_runs: 2 });
  const start = async (
    headers: Record<string, string>,
  ): Promise<{ status: number; run_id: number }> => {
    const response = await fetch(`${server.workspace.host}/api/2.2/jobs/run-now`, {
      method: "POST",
      headers: { authorization: `Bearer ${server.workspace.token}`, ...headers },
      body: JSON.stringify({ job_id: job }),
    });
    return { status: response.status, ...((await response.json()) as { run_id: number }) };
  };
  const scriptedRun = await start({
    "x-lakeform-outcomes": JSON.stringify([{ task: "a", result: "FAILED", error: "by header" }]),
  });
  const plainRun = await start({});
  await server.advance("10s");
  expect(await getRun(scriptedRun.run_id)).toMatchObject({ state: { result_state: "FAILED" } });
  expect(await getRun(plainRun.run_id)).toMatchObject({ state: { result_state: "SUCCESS" } });
  expect((await start({ "x-lakeform-outcomes": "{" })).status).toBe(400);
  expect((await start({ "x-lakeform-outcomes": '{"tsk": 1}' })).status).toBe(400);
});

test("one task of a run can be canceled, after which tasks that handle failures run", async () => {
  await setOutcomes({ task: "a", duration: "1h" });
  const id = await runNow(
    await createJob({
      tasks: [
        notebook("a"),
        notebook("b", ["a"]),
        notebook("clean", ["a"], { run_if: "ALL_DONE" }),
      ],
    }),
  );
  await server.advance(300);
  await server.ok("POST", "/api/2.2/jobs/runs/cancel", {
    run_id: present(findTask(await getRun(id), "a").run_id),
  });
  await server.advance("10s");
  const results = ((await getRun(id)).tasks as JsonObject[]).map(
    (task) => (task.state as JsonObject).result_state,
  );
  expect(results).toEqual(["CANCELED", "UPSTREAM_CANCELED", "SUCCESS"]);
});

test("a workspace with an invalid outcomes script does not start", async () => {
  await expect(
    startTestWorkspace({ outcomes: { outcomes: [{ result: "GREAT" }] } }),
  ).rejects.toMatchObject({ code: "WORKSPACE_OUTCOMES" });
});

describe("several runs", () => {
  test("skip the second run without a queue, with the platform's message", async () => {
    const job = await createJob({ tasks: [notebook("a")] }, "2.1");
    await runNow(job);
    const secondRun = await getRun(await runNow(job));
    expect(secondRun.state).toMatchObject({
      life_cycle_state: "SKIPPED",
      result_state: "MAXIMUM_CONCURRENT_RUNS_REACHED",
      state_message:
        "Skipping this run because the limit of 1 maximum concurrent runs has been reached.",
    });
    expect(secondRun.status).toMatchObject({
      state: "TERMINATED",
      termination_details: { code: "MAX_CONCURRENT_RUNS_EXCEEDED" },
    });
  });

  test("run one after another with a queue, and cancel-all ends the waiting ones", async () => {
    const job = await createJob({ tasks: [notebook("a")] });
    const ids = [await runNow(job), await runNow(job), await runNow(job)];
    const states = async (): Promise<unknown[]> =>
      Promise.all(ids.map(async (id) => ((await getRun(id)).state as JsonObject).life_cycle_state));
    expect(await states()).toEqual(["PENDING", "QUEUED", "QUEUED"]);
    expect(await getRun(present(ids[1]))).toMatchObject({
      status: { state: "QUEUED", queue_details: { code: "MAX_CONCURRENT_RUNS_REACHED" } },
    });
    await server.advance(500);
    expect(await states()).toEqual(["TERMINATED", "PENDING", "QUEUED"]);
    expect((await getRun(present(ids[1]))).queue_duration).toBe(400);
    await server.ok("POST", "/api/2.2/jobs/runs/cancel-all", { job_id: job });
    await server.advance("1s");
    expect(await states()).toEqual(["TERMINATED", "TERMINATED", "TERMINATED"]);
    expect(await getRun(present(ids[2]))).toMatchObject({ state: { result_state: "CANCELED" } });
  });

  test("are not queued for more than 48 hours", async () => {
    await setOutcomes({ job: "slow", duration: "72h" });
    const job = await createJob({ name: "slow", tasks: [notebook("a")] });
    await runNow(job);
    const waitingRun = await runNow(job);
    await server.advance("47h");
    expect(await getRun(waitingRun)).toMatchObject({ state: { life_cycle_state: "QUEUED" } });
    await server.advance("2h");
    expect(await getRun(waitingRun)).toMatchObject({ state: { life_cycle_state: "SKIPPED" } });
  });

  test("do not block the clock with unlimited retries", async () => {
    await setOutcomes({ job: "never", result: "FAILED", setup: 0, duration: 0 });
    const id = await runNow(
      await createJob({ name: "never", tasks: [notebook("a", [], { max_retries: -1 })] }),
    );
    await server.advance("1m");
    expect(((await getRun(id)).tasks as unknown[]).length).toBe(62);
    await server.ok("POST", "/api/2.2/jobs/runs/cancel", { run_id: id });
    await server.advance("1m");
    expect(await getRun(id)).toMatchObject({ state: { result_state: "CANCELED" } });
  });

  test("are listed in pages by token and offset, with filters", async () => {
    const job = await createJob({ tasks: [notebook("a")], max_concurrent_runs: 100 });
    const ids: number[] = [];
    for (let index = 0; index < 12; index++) ids.unshift(await runNow(job));
    const list = async (query: string): Promise<JsonObject> =>
      server.ok("GET", `/api/2.1/jobs/runs/list?job_id=${job}${query}`);
    const first = await list("&limit=5");
    const runIds = (page: JsonObject): unknown[] =>
      ((page.runs ?? []) as JsonObject[]).map((item) => item.run_id);
    expect(runIds(first)).toEqual(ids.slice(0, 5));
    expect(runIds(await list(`&limit=5&page_token=${asId(first.next_page_token)}`))).toEqual(
      ids.slice(5, 10),
    );
    expect(await list("&limit=5&offset=10")).toMatchObject({ has_more: false });
    expect(runIds(await list("&limit=5&offset=10"))).toEqual(ids.slice(10));
    expect(runIds(await list("&active_only=true&limit=25"))).toEqual(ids);
    expect(await list("&completed_only=true")).toEqual({ has_more: false });
    await server.advance("10s");
    expect(runIds(await list("&active_only=true"))).toEqual([]);
    expect(runIds(await list("&completed_only=true&limit=25"))).toEqual(ids);
    expect(((await list("&expand_tasks=true&limit=1")).runs as JsonObject[])[0]).toMatchObject({
      tasks: [{ task_key: "a" }],
    });
    expect(
      (await server.call("GET", "/api/2.1/jobs/runs/list?active_only=true&completed_only=true"))
        .status,
    ).toBe(400);
    expect((await server.call("GET", "/api/2.1/jobs/runs/list?limit=26")).status).toBe(400);
  });

  test("include the run started by a run_job_task, which gets its result", async () => {
    const child = await createJob({
      name: "child",
      tasks: [notebook("inner")],
      parameters: [{ name: "p", default: "d" }],
    });
    const parent = await createJob({
      name: "parent",
      tasks: [
        {
          task_key: "call",
          run_job_task: { job_id: child, job_parameters: { p: "from {{job.name}}" } },
        },
      ],
    });
    const id = await runNow(parent);
    await server.advance("10s");
    const run = await getRun(id);
    expect(run.state).toMatchObject({ result_state: "SUCCESS" });
    const childRun = (findTask(run, "call").run_job_output as JsonObject).run_id as number;
    expect(await getRun(childRun)).toMatchObject({
      run_type: "WORKFLOW_RUN",
      trigger: "RUN_JOB_TASK",
      job_id: child,
      job_parameters: [{ value: "from parent" }],
    });
    await setOutcomes({ task: "inner", result: "FAILED" });
    const failingRun = await runNow(parent);
    await server.advance("10s");
    expect(await getRun(failingRun)).toMatchObject({ state: { result_state: "FAILED" } });
  });
});

describe("loops, retries, repair", () => {
  test("list for_each iterations in pages, with stats", async () => {
    const inputs = JSON.stringify(Array.from({ length: 120 }, (_, index) => index));
    const id = await runNow(
      await createJob({
        tasks: [
          { task_key: "loop", for_each_task: { inputs, concurrency: 50, task: notebook("each") } },
        ],
      }),
    );
    await server.advance("10s");
    const loop = findTask(await getRun(id), "loop");
    expect(loop).toMatchObject({
      state: { result_state: "SUCCESS" },
      for_each_task: {
        stats: {
          task_run_stats: {
            total_iterations: 120,
            succeeded_iterations: 120,
            failed_iterations: 0,
          },
        },
      },
    });
    const page = await getRun(loop.run_id as number);
    expect(page.iterations).toHaveLength(100);
    const secondPage = await getRun(
      loop.run_id as number,
      `&page_token=${asId(page.next_page_token)}`,
    );
    expect(secondPage.iterations).toHaveLength(20);
    const [iteration] = secondPage.iterations as JsonObject[];
    expect(await getRun(iteration?.run_id as number)).toMatchObject({
      job_run_id: id,
      state: { result_state: "SUCCESS" },
    });
  });

  test("list retries as separate attempts", async () => {
    await setOutcomes({ task: "a", attempt: 0, result: "FAILED" });
    const id = await runNow(
      await createJob({
        tasks: [notebook("a", [], { max_retries: 1, min_retry_interval_millis: 5000 })],
      }),
    );
    await server.advance(1000);
    expect((await getRun(id)).tasks).toMatchObject([
      { attempt_number: 0, state: { result_state: "FAILED" } },
      {
        attempt_number: 1,
        state: { life_cycle_state: "WAITING_FOR_RETRY" },
        status: { state: "WAITING" },
      },
    ]);
    await server.advance("10s");
    expect(await getRun(id)).toMatchObject({ state: { result_state: "SUCCESS" } });
  });

  test("list two repairs in the history", async () => {
    await setOutcomes(
      { task: "b", repair: 0, result: "FAILED" },
      { task: "b", repair: 1, result: "FAILED" },
    );
    const id = await runNow(
      await createJob({ tasks: [notebook("a"), notebook("b", ["a"]), notebook("c", ["b"])] }),
    );
    expect(
      (
        await server.call("POST", "/api/2.2/jobs/runs/repair", {
          run_id: id,
          rerun_all_failed_tasks: true,
        })
      ).body.error_code,
    ).toBe("INVALID_STATE");
    await server.advance("10s");
    expect(await server.call("POST", "/api/2.2/jobs/runs/repair", { run_id: id })).toMatchObject({
      status: 400,
    });
    const first = await server.ok("POST", "/api/2.2/jobs/runs/repair", {
      run_id: id,
      rerun_all_failed_tasks: true,
    });
    expect(await getRun(id)).toMatchObject({ state: { life_cycle_state: "PENDING" } });
    await server.advance("10s");
    expect(await getRun(id)).toMatchObject({ state: { result_state: "FAILED" } });
    expect(
      (await server.call("POST", "/api/2.2/jobs/runs/repair", { run_id: id, rerun_tasks: ["b"] }))
        .status,
    ).toBe(400);
    await server.ok("POST", "/api/2.2/jobs/runs/repair", {
      run_id: id,
      rerun_tasks: ["b"],
      rerun_dependent_tasks: true,
      latest_repair_id: present(first.repair_id),
    });
    await server.advance("10s");
    const run = await getRun(id, "&include_history=true");
    expect(run.state).toMatchObject({ life_cycle_state: "TERMINATED", result_state: "SUCCESS" });
    expect(run.repair_history).toMatchObject([
      { type: "ORIGINAL", state: { result_state: "FAILED" } },
      { type: "REPAIR", id: first.repair_id, state: { result_state: "FAILED" } },
      { type: "REPAIR", state: { result_state: "SUCCESS" } },
    ]);
    expect(
      (run.repair_history as { task_run_ids: number[] }[]).map((item) => item.task_run_ids.length),
    ).toEqual([3, 2, 2]);
    expect((run.tasks as unknown[]).length).toBe(7);
    expect(((await getRun(id)).tasks as unknown[]).length).toBe(3);
  });
});

describe("the clock", () => {
  test("fires a schedule until it is paused", async () => {
    const job = await createJob({
      tasks: [notebook("a")],
      schedule: { quartz_cron_expression: "0 0 * * * ?", timezone_id: "UTC" },
    });
    await server.advance("3h");
    const runs = async (): Promise<JsonObject[]> =>
      ((await server.ok("GET", `/api/2.1/jobs/runs/list?job_id=${job}&limit=25`)).runs ??
        []) as JsonObject[];
    const scheduledRuns = await runs();
    expect(scheduledRuns.map((item) => item.trigger)).toEqual(["PERIODIC", "PERIODIC", "PERIODIC"]);
    for (const item of scheduledRuns) expect((item.start_time as number) % 3_600_000).toBe(0);
    await server.ok("POST", "/api/2.2/jobs/update", {
      job_id: job,
      new_settings: {
        schedule: {
          quartz_cron_expression: "0 0 * * * ?",
          timezone_id: "UTC",
          pause_status: "PAUSED",
        },
      },
    });
    await server.advance("3h");
    expect(await runs()).toHaveLength(3);
  });

  test("starts the next run of a continuous job", async () => {
    const job = await createJob({
      tasks: [notebook("a")],
      continuous: { pause_status: "UNPAUSED" },
    });
    await server.advance("150s");
    const runs = ((await server.ok("GET", `/api/2.1/jobs/runs/list?job_id=${job}`)).runs ??
      []) as JsonObject[];
    expect(runs.length).toBe(3);
    await server.ok("POST", "/api/2.2/jobs/delete", { job_id: job });
  });

  test("is not changed by invalid requests to the control routes", async () => {
    for (const body of [{}, { advance: "soon" }, { mode: "fast" }, { to: 1 }])
      expect((await server.call("POST", "/_lakeform/clock", body)).status).toBe(400);
    for (const body of [
      { outcomes: [{ tsk: "a" }] },
      { outcomes: [{ result: "GOOD" }] },
      { outcomes: [{ duration: "long" }] },
      { rules: [] },
    ])
      expect((await server.call("PUT", "/_lakeform/outcomes", body)).status).toBe(400);
  });
});

test("the clock keeps its time through a restart, after which unfinished runs continue", async () => {
  const data = fs.mkdtempSync(path.join(os.tmpdir(), "lakeform-runs-"));
  try {
    const firstServer = await startTestWorkspace({ data });
    const { job_id } = await firstServer.ok("POST", "/api/2.2/jobs/create", guideJob);
    const { run_id } = await firstServer.ok("POST", "/api/2.2/jobs/run-now", {
      job_id: present(job_id),
    });
    const queuedRun = (
      await firstServer.ok("POST", "/api/2.2/jobs/run-now", { job_id: present(job_id) })
    ).run_id;
    await firstServer.advance(250);
    await firstServer.ok("POST", "/_lakeform/outcomes", { task: "transform", output: "kept" });
    const { now } = await firstServer.ok("GET", "/_lakeform/clock");
    await firstServer.close();

    const restartedServer = await startTestWorkspace({ data }, { manualClock: false });
    expect(await restartedServer.ok("GET", "/_lakeform/clock")).toMatchObject({
      mode: "manual",
      now,
    });
    expect(
      await restartedServer.ok("GET", `/api/2.2/jobs/runs/get?run_id=${asId(run_id)}`),
    ).toMatchObject({
      state: { life_cycle_state: "RUNNING" },
    });
    await restartedServer.advance("10s");
    for (const id of [run_id, queuedRun]) {
      const run = await restartedServer.ok("GET", `/api/2.2/jobs/runs/get?run_id=${asId(id)}`);
      expect(run.state).toMatchObject({
        life_cycle_state: "TERMINATED",
        result_state: "SUCCESS",
      });
      const output = await restartedServer.ok(
        "GET",
        `/api/2.2/jobs/runs/get-output?run_id=${asId(findTask(run, "transform").run_id)}`,
      );
      expect(output.notebook_output).toMatchObject({ result: "kept" });
    }
    await restartedServer.close();
  } finally {
    fs.rmSync(data, { recursive: true, force: true });
  }
});
