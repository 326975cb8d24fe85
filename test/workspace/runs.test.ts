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

let w: TestWorkspace;
beforeAll(async () => {
  w = await startTestWorkspace();
});
afterAll(() => w.close());
afterEach(() => w.ok("DELETE", "/_lakeform/outcomes"));

const create = async (settings: JsonObject, version = "2.2"): Promise<number> =>
  (await w.ok("POST", `/api/${version}/jobs/create`, settings)).job_id as number;
const runNow = async (job_id: number, more: JsonObject = {}): Promise<number> =>
  (await w.ok("POST", "/api/2.2/jobs/run-now", { job_id, ...more })).run_id as number;
const run = (id: number, more = "", version = "2.2"): Promise<JsonObject> =>
  w.ok("GET", `/api/${version}/jobs/runs/get?run_id=${id}${more}`);
const script = (...outcomes: JsonObject[]): Promise<JsonObject> =>
  w.ok("PUT", "/_lakeform/outcomes", { outcomes });
const taskOf = (whole: JsonObject, key: string): JsonObject =>
  (whole.tasks as JsonObject[]).filter((task) => task.task_key === key).at(-1) as JsonObject;

describe("a run", () => {
  test("goes through PENDING, RUNNING and TERMINATED on the clock, in both state formats", async () => {
    const id = await runNow(await create(guideJob, "2.1"), {
      notebook_params: { input_date: "2024-01-01" },
    });
    const first = await run(id, "", "2.1");
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
    expect(first.run_page_url).toMatch(`${w.workspace.host}/jobs/`);
    await w.advance(250);
    expect(await run(id)).toMatchObject({
      state: { life_cycle_state: "RUNNING" },
      tasks: [{ state: { life_cycle_state: "RUNNING" } }, {}],
    });
    await w.advance("1s");
    const last = await run(id);
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
    await script({
      task: "ingest",
      result: "FAILED",
      error: "ValueError: no data",
      error_trace: "Traceback …",
    });
    const id = await runNow(await create(guideJob));
    await w.advance("10s");
    const whole = await run(id);
    expect(whole.state).toEqual({
      life_cycle_state: "INTERNAL_ERROR",
      result_state: "FAILED",
      state_message:
        "Task ingest failed with message: Workload failed, see run output for details. This caused all downstream tasks to get skipped.",
      user_cancelled_or_timedout: false,
    });
    expect(whole.status).toMatchObject({
      state: "TERMINATED",
      termination_details: { code: "RUN_EXECUTION_ERROR", type: "CLIENT_ERROR" },
    });
    expect(taskOf(whole, "ingest").state).toMatchObject({
      life_cycle_state: "TERMINATED",
      result_state: "FAILED",
    });
    expect(taskOf(whole, "transform").state).toMatchObject({
      life_cycle_state: "SKIPPED",
      result_state: "UPSTREAM_FAILED",
    });
    const output = await w.ok(
      "GET",
      `/api/2.1/jobs/runs/get-output?run_id=${asId(taskOf(whole, "ingest").run_id)}`,
    );
    expect(output).toMatchObject({
      error: "ValueError: no data",
      error_trace: "Traceback …",
      metadata: { job_run_id: id, task_key: "ingest" },
    });
    const several = await w.call("GET", `/api/2.1/jobs/runs/get-output?run_id=${id}`);
    expect(several).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining("multiple tasks is not supported") as string },
    });
  });

  test("returns output, export and task values of a notebook", async () => {
    await script({ task: "a", output: { rows: 3 }, values: { rows: 3 } });
    const id = await runNow(
      await create({
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
    await w.advance("10s");
    const whole = await run(id, "&include_resolved_values=true");
    expect(taskOf(whole, "b").resolved_values).toEqual({
      notebook_task: { base_parameters: { n: "3" } },
    });
    const a = asId(taskOf(whole, "a").run_id);
    expect(await w.ok("GET", `/api/2.2/jobs/runs/get-output?run_id=${a}`)).toMatchObject({
      notebook_output: { result: '{"rows":3}', truncated: false },
    });
    expect(await w.ok("GET", `/api/2.0/jobs/runs/export?run_id=${a}`)).toMatchObject({
      views: [{ name: "a", type: "NOTEBOOK" }],
    });
  });

  test("uses job parameters with defaults, overrides and references, and passes them to notebooks", async () => {
    const job = await create({
      parameters: [{ name: "day", default: "today" }, { name: "env", default: "dev" }], // prettier-ignore
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
    const whole = await run(id, "&include_resolved_values=true");
    expect(whole.job_parameters).toEqual([{ name: "day", default: "today", value: "monday" }, { name: "env", default: "dev", value: "dev" }]); // prettier-ignore
    expect(taskOf(whole, "a").resolved_values).toEqual({
      notebook_task: { base_parameters: { day: "monday", env: "dev", p: "dev/Untitled" } },
    });
  });

  test("goes through TERMINATING to CANCELED when it is cancelled once or twice", async () => {
    const id = await runNow(await create(guideJob));
    await w.advance(250);
    await w.ok("POST", "/api/2.1/jobs/runs/cancel", { run_id: id });
    expect(await run(id)).toMatchObject({
      state: { life_cycle_state: "TERMINATING" },
      status: { state: "TERMINATING" },
    });
    await w.advance("1s");
    const whole = await run(id);
    expect(whole).toMatchObject({
      state: {
        life_cycle_state: "TERMINATED",
        result_state: "CANCELED",
        user_cancelled_or_timedout: true,
      },
      status: { termination_details: { code: "USER_CANCELED" } },
    });
    await w.ok("POST", "/api/2.1/jobs/runs/cancel", { run_id: id });
    expect(await run(id)).toEqual(whole);
  });

  test("has its task at the top level in API 2.0", async () => {
    await script({ task: "Legacy", result: "FAILED" });
    const cluster = {
      spark_version: "15.4.x-scala2.12",
      node_type_id: "i3.xlarge",
      num_workers: 1,
    };
    const existing_cluster_id = asId(
      (await w.ok("POST", "/api/2.0/clusters/create", cluster)).cluster_id,
    );
    await w.advance("1s");
    const id = await runNow(
      await create(
        { name: "Legacy", existing_cluster_id, notebook_task: { notebook_path: "/l" } },
        "2.0",
      ),
    );
    await w.advance("10s");
    const whole = await run(id, "", "2.0");
    expect(whole).toMatchObject({
      format: "SINGLE_TASK",
      state: { life_cycle_state: "TERMINATED", result_state: "FAILED" },
      task: { notebook_task: { notebook_path: "/l" } },
      cluster_spec: { existing_cluster_id },
      cluster_instance: { cluster_id: existing_cluster_id },
      setup_duration: 200,
    });
    expect(whole.tasks).toBeUndefined();
    expect((await w.ok("GET", `/api/2.0/jobs/runs/get-output?run_id=${id}`)).error).toBe(
      "Workload failed, see run output for details",
    );
  });

  test("runs only the requested tasks and those that they depend on", async () => {
    const job = await create({
      tasks: [notebook("a"), notebook("b", ["a"]), notebook("c", ["b"]), notebook("d")],
    });
    const results = async (only: string[]): Promise<unknown[]> => {
      const id = await runNow(job, { only });
      await w.advance("10s");
      return ((await run(id)).tasks as JsonObject[]).map(
        (task) => (task.state as JsonObject).result_state,
      );
    };
    expect(await results(["b"])).toEqual(["DISABLED", "SUCCESS", "DISABLED", "DISABLED"]);
    expect(await results(["+b"])).toEqual(["SUCCESS", "SUCCESS", "DISABLED", "DISABLED"]);
    expect(await results(["b+", "d"])).toEqual(["DISABLED", "SUCCESS", "SUCCESS", "SUCCESS"]);
    expect(
      await w.call("POST", "/api/2.2/jobs/run-now", { job_id: job, only: ["x"] }),
    ).toMatchObject({ status: 400 });
  });

  test("is returned again for the same idempotency token; the token of a deleted run is an error", async () => {
    const job = await create({ tasks: [notebook("a")] });
    const ids = await Promise.all([1, 2, 3].map(() => runNow(job, { idempotency_token: "tok" })));
    expect(new Set(ids).size).toBe(1);
    expect(
      ((await w.ok("GET", `/api/2.2/jobs/runs/list?job_id=${job}`)).runs as unknown[]).length,
    ).toBe(1);
    expect(
      (await w.call("POST", "/api/2.2/jobs/runs/delete", { run_id: present(ids[0]) })).body
        .error_code,
    ).toBe("INVALID_STATE");
    await w.advance("10s");
    await w.ok("POST", "/api/2.2/jobs/runs/delete", { run_id: present(ids[0]) });
    expect(await w.call("GET", `/api/2.2/jobs/runs/get?run_id=${ids[0]}`)).toMatchObject({
      status: 400,
      body: { message: `Run ${ids[0]} does not exist.` },
    });
    expect(
      (await w.call("POST", "/api/2.2/jobs/run-now", { job_id: job, idempotency_token: "tok" }))
        .status,
    ).toBe(400);
  });

  test("rejects parameters over 10,000 bytes", async () => {
    const job = await create({ tasks: [notebook("a")] });
    const answer = await w.call("POST", "/api/2.1/jobs/run-now", {
      job_id: job,
      notebook_params: { a: "x".repeat(10_000) },
    });
    expect(answer).toMatchObject({ status: 400, body: { error_code: "INVALID_PARAMETER_VALUE" } });
  });

  test("can be submitted without a listed job", async () => {
    const { run_id } = await w.ok("POST", "/api/2.1/jobs/runs/submit", {
      run_name: "once",
      tasks: [notebook("a"), notebook("b", ["a"])],
      idempotency_token: "s-1",
    });
    expect(
      (
        await w.ok("POST", "/api/2.1/jobs/runs/submit", {
          run_name: "once",
          tasks: [notebook("a")],
          idempotency_token: "s-1",
        })
      ).run_id,
    ).toBe(run_id);
    await w.advance("10s");
    const whole = await run(run_id as number);
    expect(whole).toMatchObject({
      run_name: "once",
      run_type: "SUBMIT_RUN",
      state: { result_state: "SUCCESS" },
    });
    expect((await w.call("GET", `/api/2.1/jobs/get?job_id=${asId(whole.job_id)}`)).status).toBe(
      400,
    );
    expect((await w.call("POST", "/api/2.1/jobs/runs/submit", { run_name: "none" })).status).toBe(
      400,
    );
  });
});

test("can be scripted alone by a header", async () => {
  const job = await create({ name: "header", tasks: [notebook("a")], max_concurrent_runs: 2 });
  const start = async (
    headers: Record<string, string>,
  ): Promise<{ status: number; run_id: number }> => {
    const response = await fetch(`${w.workspace.host}/api/2.2/jobs/run-now`, {
      method: "POST",
      headers: { authorization: `Bearer ${w.workspace.token}`, ...headers },
      body: JSON.stringify({ job_id: job }),
    });
    return { status: response.status, ...((await response.json()) as { run_id: number }) };
  };
  const scripted = await start({
    "x-lakeform-outcomes": JSON.stringify([{ task: "a", result: "FAILED", error: "by header" }]),
  });
  const plain = await start({});
  await w.advance("10s");
  expect(await run(scripted.run_id)).toMatchObject({ state: { result_state: "FAILED" } });
  expect(await run(plain.run_id)).toMatchObject({ state: { result_state: "SUCCESS" } });
  expect((await start({ "x-lakeform-outcomes": "{" })).status).toBe(400);
  expect((await start({ "x-lakeform-outcomes": '{"tsk": 1}' })).status).toBe(400);
});

test("can have one task cancelled, after which tasks that handle failures run", async () => {
  await script({ task: "a", duration: "1h" });
  const id = await runNow(
    await create({
      tasks: [
        notebook("a"),
        notebook("b", ["a"]),
        notebook("clean", ["a"], { run_if: "ALL_DONE" }),
      ],
    }),
  );
  await w.advance(300);
  await w.ok("POST", "/api/2.2/jobs/runs/cancel", {
    run_id: present(taskOf(await run(id), "a").run_id),
  });
  await w.advance("10s");
  const results = ((await run(id)).tasks as JsonObject[]).map(
    (task) => (task.state as JsonObject).result_state,
  );
  expect(results).toEqual(["CANCELED", "UPSTREAM_CANCELED", "SUCCESS"]);
});

test("rejects an invalid script in the header", async () => {
  await expect(
    startTestWorkspace({ outcomes: { outcomes: [{ result: "GREAT" }] } }),
  ).rejects.toMatchObject({ code: "WORKSPACE_OUTCOMES" });
});

describe("several runs", () => {
  test("skip the second run without a queue, with the platform's message", async () => {
    const job = await create({ tasks: [notebook("a")] }, "2.1");
    await runNow(job);
    const second = await run(await runNow(job));
    expect(second.state).toMatchObject({
      life_cycle_state: "SKIPPED",
      result_state: "MAXIMUM_CONCURRENT_RUNS_REACHED",
      state_message:
        "Skipping this run because the limit of 1 maximum concurrent runs has been reached.",
    });
    expect(second.status).toMatchObject({
      state: "TERMINATED",
      termination_details: { code: "MAX_CONCURRENT_RUNS_EXCEEDED" },
    });
  });

  test("run one after another with a queue, and cancel-all ends the waiting ones", async () => {
    const job = await create({ tasks: [notebook("a")] });
    const ids = [await runNow(job), await runNow(job), await runNow(job)];
    const states = async (): Promise<unknown[]> =>
      Promise.all(ids.map(async (id) => ((await run(id)).state as JsonObject).life_cycle_state));
    expect(await states()).toEqual(["PENDING", "QUEUED", "QUEUED"]);
    expect(await run(present(ids[1]))).toMatchObject({
      status: { state: "QUEUED", queue_details: { code: "MAX_CONCURRENT_RUNS_REACHED" } },
    });
    await w.advance(500);
    expect(await states()).toEqual(["TERMINATED", "PENDING", "QUEUED"]);
    expect((await run(present(ids[1]))).queue_duration).toBe(400);
    await w.ok("POST", "/api/2.2/jobs/runs/cancel-all", { job_id: job });
    await w.advance("1s");
    expect(await states()).toEqual(["TERMINATED", "TERMINATED", "TERMINATED"]);
    expect(await run(present(ids[2]))).toMatchObject({ state: { result_state: "CANCELED" } });
  });

  test("are not queued for more than 48 hours", async () => {
    await script({ job: "slow", duration: "72h" });
    const job = await create({ name: "slow", tasks: [notebook("a")] });
    await runNow(job);
    const waiting = await runNow(job);
    await w.advance("47h");
    expect(await run(waiting)).toMatchObject({ state: { life_cycle_state: "QUEUED" } });
    await w.advance("2h");
    expect(await run(waiting)).toMatchObject({ state: { life_cycle_state: "SKIPPED" } });
  });

  test("do not block the clock with unlimited retries", async () => {
    await script({ job: "never", result: "FAILED", setup: 0, duration: 0 });
    const id = await runNow(
      await create({ name: "never", tasks: [notebook("a", [], { max_retries: -1 })] }),
    );
    await w.advance("1m");
    expect(((await run(id)).tasks as unknown[]).length).toBe(62);
    await w.ok("POST", "/api/2.2/jobs/runs/cancel", { run_id: id });
    await w.advance("1m");
    expect(await run(id)).toMatchObject({ state: { result_state: "CANCELED" } });
  });

  test("are listed in pages by token and offset, with filters", async () => {
    const job = await create({ tasks: [notebook("a")], max_concurrent_runs: 100 });
    const ids: number[] = [];
    for (let index = 0; index < 12; index++) ids.unshift(await runNow(job));
    const list = async (query: string): Promise<JsonObject> =>
      w.ok("GET", `/api/2.1/jobs/runs/list?job_id=${job}${query}`);
    const first = await list("&limit=5");
    const idsOf = (page: JsonObject): unknown[] =>
      ((page.runs ?? []) as JsonObject[]).map((item) => item.run_id);
    expect(idsOf(first)).toEqual(ids.slice(0, 5));
    expect(idsOf(await list(`&limit=5&page_token=${asId(first.next_page_token)}`))).toEqual(
      ids.slice(5, 10),
    );
    expect(await list("&limit=5&offset=10")).toMatchObject({ has_more: false });
    expect(idsOf(await list("&limit=5&offset=10"))).toEqual(ids.slice(10));
    expect(idsOf(await list("&active_only=true&limit=25"))).toEqual(ids);
    expect(await list("&completed_only=true")).toEqual({ has_more: false });
    await w.advance("10s");
    expect(idsOf(await list("&active_only=true"))).toEqual([]);
    expect(idsOf(await list("&completed_only=true&limit=25"))).toEqual(ids);
    expect(((await list("&expand_tasks=true&limit=1")).runs as JsonObject[])[0]).toMatchObject({
      tasks: [{ task_key: "a" }],
    });
    expect(
      (await w.call("GET", "/api/2.1/jobs/runs/list?active_only=true&completed_only=true")).status,
    ).toBe(400);
    expect((await w.call("GET", "/api/2.1/jobs/runs/list?limit=26")).status).toBe(400);
  });

  test("include the run started by a run_job_task, which gets its result", async () => {
    const child = await create({
      name: "child",
      tasks: [notebook("inner")],
      parameters: [{ name: "p", default: "d" }],
    });
    const parent = await create({
      name: "parent",
      tasks: [
        {
          task_key: "call",
          run_job_task: { job_id: child, job_parameters: { p: "from {{job.name}}" } },
        },
      ],
    });
    const id = await runNow(parent);
    await w.advance("10s");
    const whole = await run(id);
    expect(whole.state).toMatchObject({ result_state: "SUCCESS" });
    const childRun = (taskOf(whole, "call").run_job_output as JsonObject).run_id as number;
    expect(await run(childRun)).toMatchObject({
      run_type: "WORKFLOW_RUN",
      trigger: "RUN_JOB_TASK",
      job_id: child,
      job_parameters: [{ value: "from parent" }],
    });
    await script({ task: "inner", result: "FAILED" });
    const failing = await runNow(parent);
    await w.advance("10s");
    expect(await run(failing)).toMatchObject({ state: { result_state: "FAILED" } });
  });
});

describe("loops, retries, repair", () => {
  test("list for_each iterations in pages, with stats", async () => {
    const inputs = JSON.stringify(Array.from({ length: 120 }, (_, index) => index));
    const id = await runNow(
      await create({
        tasks: [
          { task_key: "loop", for_each_task: { inputs, concurrency: 50, task: notebook("each") } },
        ],
      }),
    );
    await w.advance("10s");
    const loop = taskOf(await run(id), "loop");
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
    const page = await run(loop.run_id as number);
    expect(page.iterations).toHaveLength(100);
    const rest = await run(loop.run_id as number, `&page_token=${asId(page.next_page_token)}`);
    expect(rest.iterations).toHaveLength(20);
    const [one] = rest.iterations as JsonObject[];
    expect(await run(one?.run_id as number)).toMatchObject({
      job_run_id: id,
      state: { result_state: "SUCCESS" },
    });
  });

  test("list retries as separate attempts", async () => {
    await script({ task: "a", attempt: 0, result: "FAILED" });
    const id = await runNow(
      await create({
        tasks: [notebook("a", [], { max_retries: 1, min_retry_interval_millis: 5000 })],
      }),
    );
    await w.advance(1000);
    expect((await run(id)).tasks).toMatchObject([{ attempt_number: 0, state: { result_state: "FAILED" } }, { attempt_number: 1, state: { life_cycle_state: "WAITING_FOR_RETRY" }, status: { state: "WAITING" } }]); // prettier-ignore
    await w.advance("10s");
    expect(await run(id)).toMatchObject({ state: { result_state: "SUCCESS" } });
  });

  test("list two repairs in the history", async () => {
    await script(
      { task: "b", repair: 0, result: "FAILED" },
      { task: "b", repair: 1, result: "FAILED" },
    );
    const id = await runNow(
      await create({ tasks: [notebook("a"), notebook("b", ["a"]), notebook("c", ["b"])] }),
    );
    expect(
      (
        await w.call("POST", "/api/2.2/jobs/runs/repair", {
          run_id: id,
          rerun_all_failed_tasks: true,
        })
      ).body.error_code,
    ).toBe("INVALID_STATE");
    await w.advance("10s");
    expect(await w.call("POST", "/api/2.2/jobs/runs/repair", { run_id: id })).toMatchObject({
      status: 400,
    });
    const first = await w.ok("POST", "/api/2.2/jobs/runs/repair", {
      run_id: id,
      rerun_all_failed_tasks: true,
    });
    expect(await run(id)).toMatchObject({ state: { life_cycle_state: "PENDING" } });
    await w.advance("10s");
    expect(await run(id)).toMatchObject({ state: { result_state: "FAILED" } });
    expect(
      (await w.call("POST", "/api/2.2/jobs/runs/repair", { run_id: id, rerun_tasks: ["b"] }))
        .status,
    ).toBe(400);
    await w.ok("POST", "/api/2.2/jobs/runs/repair", {
      run_id: id,
      rerun_tasks: ["b"],
      rerun_dependent_tasks: true,
      latest_repair_id: present(first.repair_id),
    });
    await w.advance("10s");
    const whole = await run(id, "&include_history=true");
    expect(whole.state).toMatchObject({ life_cycle_state: "TERMINATED", result_state: "SUCCESS" });
    expect(whole.repair_history).toMatchObject([
      { type: "ORIGINAL", state: { result_state: "FAILED" } },
      { type: "REPAIR", id: first.repair_id, state: { result_state: "FAILED" } },
      { type: "REPAIR", state: { result_state: "SUCCESS" } },
    ]);
    expect(
      (whole.repair_history as { task_run_ids: number[] }[]).map(
        (item) => item.task_run_ids.length,
      ),
    ).toEqual([3, 2, 2]);
    expect((whole.tasks as unknown[]).length).toBe(7);
    expect(((await run(id)).tasks as unknown[]).length).toBe(3);
  });
});

describe("the clock", () => {
  test("fires a schedule until it is paused", async () => {
    const job = await create({
      tasks: [notebook("a")],
      schedule: { quartz_cron_expression: "0 0 * * * ?", timezone_id: "UTC" },
    });
    await w.advance("3h");
    const runs = async (): Promise<JsonObject[]> =>
      ((await w.ok("GET", `/api/2.1/jobs/runs/list?job_id=${job}&limit=25`)).runs ??
        []) as JsonObject[];
    const three = await runs();
    expect(three.map((item) => item.trigger)).toEqual(["PERIODIC", "PERIODIC", "PERIODIC"]);
    for (const item of three) expect((item.start_time as number) % 3_600_000).toBe(0);
    await w.ok("POST", "/api/2.2/jobs/update", {
      job_id: job,
      new_settings: {
        schedule: {
          quartz_cron_expression: "0 0 * * * ?",
          timezone_id: "UTC",
          pause_status: "PAUSED",
        },
      },
    });
    await w.advance("3h");
    expect(await runs()).toHaveLength(3);
  });

  test("starts the next run of a continuous job", async () => {
    const job = await create({ tasks: [notebook("a")], continuous: { pause_status: "UNPAUSED" } });
    await w.advance("150s");
    const runs = ((await w.ok("GET", `/api/2.1/jobs/runs/list?job_id=${job}`)).runs ??
      []) as JsonObject[];
    expect(runs.length).toBe(3);
    await w.ok("POST", "/api/2.2/jobs/delete", { job_id: job });
  });

  test("is not changed by invalid requests to the control routes", async () => {
    for (const body of [{}, { advance: "soon" }, { mode: "fast" }, { to: 1 }])
      expect((await w.call("POST", "/_lakeform/clock", body)).status).toBe(400);
    for (const body of [
      { outcomes: [{ tsk: "a" }] },
      { outcomes: [{ result: "GOOD" }] },
      { outcomes: [{ duration: "long" }] },
      { rules: [] },
    ])
      expect((await w.call("PUT", "/_lakeform/outcomes", body)).status).toBe(400);
  });
});

test("keeps its time in a restart, after which unfinished runs continue", async () => {
  const data = fs.mkdtempSync(path.join(os.tmpdir(), "lakeform-runs-"));
  try {
    const before = await startTestWorkspace({ data });
    const { job_id } = await before.ok("POST", "/api/2.2/jobs/create", guideJob);
    const { run_id } = await before.ok("POST", "/api/2.2/jobs/run-now", {
      job_id: present(job_id),
    });
    const queued = (await before.ok("POST", "/api/2.2/jobs/run-now", { job_id: present(job_id) }))
      .run_id;
    await before.advance(250);
    await before.ok("POST", "/_lakeform/outcomes", { task: "transform", output: "kept" });
    const { now } = await before.ok("GET", "/_lakeform/clock");
    await before.close();

    const after = await startTestWorkspace({ data }, { manual: false });
    expect(await after.ok("GET", "/_lakeform/clock")).toMatchObject({ mode: "manual", now });
    expect(await after.ok("GET", `/api/2.2/jobs/runs/get?run_id=${asId(run_id)}`)).toMatchObject({
      state: { life_cycle_state: "RUNNING" },
    });
    await after.advance("10s");
    for (const id of [run_id, queued]) {
      const whole = await after.ok("GET", `/api/2.2/jobs/runs/get?run_id=${asId(id)}`);
      expect(whole.state).toMatchObject({
        life_cycle_state: "TERMINATED",
        result_state: "SUCCESS",
      });
      const output = await after.ok(
        "GET",
        `/api/2.2/jobs/runs/get-output?run_id=${asId(taskOf(whole, "transform").run_id)}`,
      );
      expect(output.notebook_output).toMatchObject({ result: "kept" });
    }
    await after.close();
  } finally {
    fs.rmSync(data, { recursive: true, force: true });
  }
});
