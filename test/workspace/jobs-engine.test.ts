import fc from "fast-check";
import type { JsonObject } from "../../src/workspace/errors";
import { nextFire, parseCron } from "../../src/workspace/jobs/cron";
import { compareOperands } from "../../src/workspace/jobs/condition";
import { createTaskRun, type EngineHost } from "../../src/workspace/jobs/endings";
import { advance, cancel, nextDue, repair, start } from "../../src/workspace/jobs/engine";
import { Outcomes } from "../../src/workspace/jobs/outcomes";
import { splitNames } from "../../src/workspace/jobs/references";
import { latest, isTerminal, type Run } from "../../src/workspace/jobs/run-model";
import { makeRun, present } from "./jobs-support";
import { WorkspaceClock } from "../../src/workspace/clock";

const T0 = Date.UTC(2026, 0, 5, 12);

/** Runs these tasks to their end with only their own timers. */
function simulate(
  tasks: JsonObject[],
  script: JsonObject[] = [],
  extra: Partial<Run> = {},
  until?: number,
) {
  let id = 1000;
  const outcomes = new Outcomes(script);
  const host: EngineHost = {
    nextId: () => ++id,
    outcome: (run, task, attempt) => outcomes.outcomeFor(run, task, attempt),
    assignCluster: (_run, _task, attempt, setup_ms) => ({
      cluster_id: "cluster",
      ready: (attempt.start ?? 0) + setup_ms,
    }),
    startChild: () => ({ error: "there are no other jobs" }),
    childProgress: () => undefined,
    cancelChild: () => undefined,
    launch: () => undefined,
    findResult: () => undefined,
    workspace: { id: "1", url: "http://w" },
    terminating_ms: 100,
  };
  const run = makeRun({
    tasks: tasks.map((spec) => createTaskRun(spec, host.nextId())),
    start: T0,
    ...extra,
  });
  const runUntil = (limit = Number.MAX_SAFE_INTEGER): number => {
    let now = T0;
    for (let due = nextDue(run); due !== undefined && due <= limit; due = nextDue(run)) {
      now = Math.max(now, due);
      advance(run, now, host);
    }
    return now;
  };
  start(run, T0, host);
  const now = runUntil(until);
  return {
    run,
    host,
    runUntil,
    now,
    task: (key: string) => latest(present(run.tasks.find((task) => task.key === key))),
    attempts: (key: string) => present(run.tasks.find((task) => task.key === key)).attempts,
  };
}

const task = (
  key: string,
  dependencies: string[] = [],
  overrides: JsonObject = {},
): JsonObject => ({
  task_key: key,
  notebook_task: { notebook_path: "/x" },
  depends_on: dependencies.map((task_key) => ({ task_key })),
  ...overrides,
});

describe("the run engine", () => {
  test("runs a chain of tasks in order and on the clock", () => {
    const { run, task: taskNamed, now } = simulate([task("a"), task("b", ["a"])]);
    expect(run).toMatchObject({ life: "TERMINATED", result: "SUCCESS", end: T0 + 800 });
    expect(now).toBe(T0 + 800);
    expect(taskNamed("a")).toMatchObject({
      life: "TERMINATED",
      result: "SUCCESS",
      start: T0,
      executing: T0 + 200,
      end: T0 + 400,
    });
    expect(taskNamed("b")).toMatchObject({ start: T0 + 400, executing: T0 + 600, end: T0 + 800 });
  });

  test("fails the run with the platform's message if a task fails", () => {
    const { run, task: taskNamed } = simulate(
      [task("a"), task("b", ["a"])],
      [{ task: "a", result: "FAILED", error: "boom" }],
    );
    expect(run).toMatchObject({
      life: "INTERNAL_ERROR",
      result: "FAILED",
      code: "RUN_EXECUTION_ERROR",
      message:
        "Task a failed with message: Workload failed, see run output for details. This caused all downstream tasks to get skipped.",
    });
    expect(taskNamed("a")).toMatchObject({
      life: "TERMINATED",
      result: "FAILED",
      message: "Workload failed, see run output for details",
    });
    expect(taskNamed("b")).toMatchObject({ life: "SKIPPED", result: "UPSTREAM_FAILED" });
  });

  test.each([
    ["ALL_SUCCESS", "UPSTREAM_FAILED", "FAILED"],
    ["AT_LEAST_ONE_SUCCESS", "SUCCESS", "SUCCESS_WITH_FAILURES"],
    ["NONE_FAILED", "UPSTREAM_FAILED", "FAILED"],
    ["ALL_DONE", "SUCCESS", "SUCCESS_WITH_FAILURES"],
    ["AT_LEAST_ONE_FAILED", "SUCCESS", "SUCCESS_WITH_FAILURES"],
    ["ALL_FAILED", "EXCLUDED", "SUCCESS_WITH_FAILURES"],
  ])("run_if %s after one success and one failure: %s", (run_if, result, runResult) => {
    const { run, task: taskNamed } = simulate(
      [task("good"), task("bad"), task("last", ["good", "bad"], { run_if })],
      [{ task: "bad", result: "FAILED" }],
    );
    expect(taskNamed("last").result).toBe(result);
    expect(run.result).toBe(runResult);
  });

  test("runs the true branch of a condition, excludes the other, and runs the join", () => {
    const condition = {
      task_key: "if",
      condition_task: { op: "GREATER_THAN", left: "{{job.parameters.n}}", right: "10" },
    };
    const tasks = [
      condition,
      { ...task("yes"), depends_on: [{ task_key: "if", outcome: "true" }] },
      { ...task("no"), depends_on: [{ task_key: "if", outcome: "false" }] },
      task("join", ["yes", "no"]),
    ];
    const { run, task: taskNamed } = simulate(tasks, [], {
      parameters: [{ name: "n", value: "12" }],
    });
    expect(taskNamed("if")).toMatchObject({ result: "SUCCESS", outcome: "true" });
    expect([
      taskNamed("yes").result,
      taskNamed("no").result,
      taskNamed("join").result,
      run.result,
    ]).toEqual(["SUCCESS", "EXCLUDED", "SUCCESS", "SUCCESS"]);
  });

  test("passes task values to downstream tasks, and fails a task that uses an unknown one", () => {
    const taskUsing = (name: string): JsonObject => ({
      ...task("b", ["a"]),
      notebook_task: { notebook_path: "/x", base_parameters: { n: `{{tasks.a.values.${name}}}` } },
    });
    const valid = simulate([task("a"), taskUsing("rows")], [{ task: "a", values: { rows: 7 } }]);
    expect(valid.task("b").resolved?.notebook_task).toMatchObject({ base_parameters: { n: "7" } });
    const invalid = simulate([task("a"), taskUsing("rows")]);
    expect(invalid.task("b")).toMatchObject({
      result: "FAILED",
      code: "INVALID_RUN_CONFIGURATION",
    });
  });

  test("retries up to the maximum, after the interval", () => {
    const { run, attempts } = simulate(
      [task("a", [], { max_retries: 2, min_retry_interval_millis: 1000 })],
      [{ task: "a", attempt: 0, result: "FAILED" }],
    );
    expect(attempts("a").map((item) => [item.attempt, item.result])).toEqual([
      [0, "FAILED"],
      [1, "SUCCESS"],
    ]);
    expect(attempts("a")[1]?.start).toBe(T0 + 400 + 1000);
    expect(run.result).toBe("SUCCESS");
    const alwaysFailing = simulate([task("a", [], { max_retries: 2 })], [{ result: "FAILED" }]);
    expect(alwaysFailing.attempts("a")).toHaveLength(3);
    expect(alwaysFailing.run.result).toBe("FAILED");
  });

  test("applies a task's timeout, with and without retry_on_timeout", () => {
    const slow = [{ task: "a", duration: "10s", attempt: 0 }];
    const withoutRetry = simulate([task("a", [], { timeout_seconds: 5, max_retries: 1 })], slow);
    expect(withoutRetry.task("a")).toMatchObject({
      attempt: 0,
      result: "TIMEDOUT",
      code: "CANCELED",
      end: T0 + 5000,
    });
    const withRetry = simulate(
      [task("a", [], { timeout_seconds: 5, max_retries: 1, retry_on_timeout: true })],
      slow,
    );
    expect(withRetry.attempts("a").map((item) => item.result)).toEqual(["TIMEDOUT", "SUCCESS"]);
  });

  test("ends all tasks at the run's timeout", () => {
    const { run, task: taskNamed } = simulate(
      [task("a"), task("b", ["a"])],
      [{ task: "a", duration: "1h" }],
      { timeout_seconds: 60 },
    );
    expect(run).toMatchObject({
      life: "TERMINATED",
      result: "TIMEDOUT",
      code: "CANCELED",
      end: T0 + 60_100,
    });
    expect(taskNamed("a").result).toBe("TIMEDOUT");
    expect(taskNamed("b").result).toBe("UPSTREAM_CANCELED");
  });

  test("passes through TERMINATING when it is canceled", () => {
    const {
      run,
      host,
      runUntil,
      task: taskNamed,
    } = simulate([task("a"), task("b", ["a"])], [], {}, T0 + 250);
    expect(run.life).toBe("RUNNING");
    cancel(run, T0 + 250, host, "me");
    expect(run.life).toBe("TERMINATING");
    runUntil();
    expect(run).toMatchObject({
      life: "TERMINATED",
      result: "CANCELED",
      code: "USER_CANCELED",
      cancelled: true,
      end: T0 + 350,
    });
    expect([taskNamed("a").result, taskNamed("b").result]).toEqual([
      "CANCELED",
      "UPSTREAM_CANCELED",
    ]);
  });

  test("limits the concurrency of a for_each, gives each iteration its input, and fails it with any iteration", () => {
    const loop = (concurrency: number): JsonObject => ({
      task_key: "loop",
      for_each_task: {
        inputs: '[1, 2, {"a": 3}]',
        concurrency,
        task: {
          task_key: "each",
          notebook_task: { notebook_path: "/x", base_parameters: { i: "{{input}}" } },
        },
      },
    });
    const concurrent = simulate([loop(2)]);
    const iterations = present(concurrent.task("loop").iterations);
    expect(iterations.map((item) => present(latest(item).start) - T0)).toEqual([0, 0, 400]);
    expect(
      iterations.map(
        (item) => (present(latest(item).resolved).notebook_task as JsonObject).base_parameters,
      ),
    ).toEqual([{ i: "1" }, { i: "2" }, { i: '{"a":3}' }]);
    expect(concurrent.run.result).toBe("SUCCESS");
    const failing = simulate([loop(1)], [{ task: "each", iteration: 1, result: "FAILED" }]);
    expect(failing.task("loop").iterations).toHaveLength(3);
    expect(failing.run.result).toBe("FAILED");
    expect(
      simulate([{ ...loop(1), for_each_task: { inputs: "no", task: task("each") } }]).task("loop")
        .result,
    ).toBe("FAILED");
  });

  test("runs only the failed tasks again on repair", () => {
    const { run, host, runUntil, attempts } = simulate(
      [task("a"), task("b", ["a"]), task("c", ["b"])],
      [{ task: "b", repair: 0, result: "FAILED" }],
    );
    expect(run.result).toBe("FAILED");
    repair(run, new Set(["b", "c"]), T0 + 5000, host);
    expect(run.life).toBe("PENDING");
    runUntil();
    expect(run).toMatchObject({ life: "TERMINATED", result: "SUCCESS" });
    expect([attempts("a").length, attempts("b").length, attempts("c").length]).toEqual([1, 2, 2]);
    expect(run.original).toMatchObject({ life: "INTERNAL_ERROR", result: "FAILED" });
  });

  test("ends every run and all of its tasks for any graph, outcomes and run_if", () => {
    const runIfs = [
      "ALL_SUCCESS",
      "AT_LEAST_ONE_SUCCESS",
      "NONE_FAILED",
      "ALL_DONE",
      "AT_LEAST_ONE_FAILED",
      "ALL_FAILED",
    ];
    const results = ["SUCCESS", "FAILED", "TIMEDOUT", "CANCELED", "SKIPPED"];
    const taskArray = fc.array(
      fc.record({
        deps: fc.array(fc.nat(20), { maxLength: 3 }),
        run_if: fc.constantFrom(...runIfs),
        result: fc.constantFrom(...results),
        retries: fc.nat(2),
      }),
      { minLength: 1, maxLength: 12 },
    );
    fc.assert(
      fc.property(taskArray, fc.boolean(), (items, cancelled) => {
        const tasks = items.map((item, index) =>
          task(
            `t${index}`,
            index === 0 ? [] : [...new Set(item.deps.map((dep) => `t${dep % index}`))],
            {
              run_if: item.run_if,
              max_retries: item.retries,
            },
          ),
        );
        const script = items.map((item, index) => ({ task: `t${index}`, result: item.result }));
        const { run, host, runUntil } = simulate(
          tasks,
          script,
          {},
          cancelled ? T0 + 500 : undefined,
        );
        if (cancelled) {
          cancel(run, T0 + 500, host, "me");
          runUntil();
        }
        expect(isTerminal(run.life)).toBe(true);
        expect(run.result).toBeDefined();
        for (const task of run.tasks)
          expect(
            task.attempts.every(
              (attempt) =>
                isTerminal(attempt.life) &&
                attempt.result !== undefined &&
                attempt.end !== undefined,
            ),
          ).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

describe("dynamic references", () => {
  const resolve = (text: string, run: Partial<Run> = {}): unknown => {
    const { task: taskNamed } = simulate(
      [
        task("a"),
        {
          ...task("b", ["a"]),
          notebook_task: { notebook_path: "/b", base_parameters: { v: text } },
        },
      ],
      [{ task: "a", values: { n: 7, flag: true, list: [{ x: "deep" }], "odd name": "o" } }],
      {
        parameters: [
          { name: "p", value: "P" },
          { name: "a.b", value: "AB" },
          { name: "today", value: "on {{job.start_time.iso_date}}" },
        ],
        ...run,
      },
    );
    const attempt = taskNamed("b");
    return attempt.code === "INVALID_RUN_CONFIGURATION"
      ? attempt.message
      : (attempt.resolved?.notebook_task as { base_parameters: { v: string } }).base_parameters.v;
  };
  test.each([
    ["{{job.id}}-{{job.run_id}}-{{job.name}}", "2-1-job"],
    ["{{ job.parameters.p }}", "P"],
    ["{{job.parameters.`a.b`}}", "AB"],
    [
      "{{job.start_time.iso_date}} {{job.start_time.hour}} {{job.start_time.is_weekday}} {{job.start_time.iso_weekday}}",
      "2026-01-05 12 true 1",
    ],
    ["{{job.start_time.timestamp_ms}}", String(T0)],
    ["{{job.trigger.type}} {{job.repair_count}}", "manual 0"],
    ["{{task.name}} {{task.execution_count}} {{task.notebook_path}}", "b 1 /b"],
    [
      "{{tasks.a.result_state}} {{tasks.a.execution_count}} {{tasks.a.notebook_path}}",
      "success 1 /x",
    ],
    [
      "{{tasks.a.values.n}} {{tasks.a.values.flag}} {{tasks.a.values.list.0.x}} {{tasks.a.values.`odd name`}}",
      "7 true deep o",
    ],
    ["{{workspace.id}} {{workspace.url}}", "1 http://w"],
    ["{{task_key}} {{start_date}} {{task_retry_count}} {{parent_run_id}}", "b 2026-01-05 0 1"],
    ["{{unknown.thing}} { {{}} }", "{{unknown.thing}} { {{}} }"],
    [
      "{{job.parameters.missing}}",
      "Unable to resolve reference {{job.parameters.missing}}: the job has no parameter 'missing'.",
    ],
    [
      "{{tasks.zz.values.n}}",
      "Unable to resolve reference {{tasks.zz.values.n}}: the job has no task 'zz'.",
    ],
    [
      "{{job.parameters.[p]}} {{ job.parameters.[ p ] }} {{job.parameters.[a.b]}} {{job.parameters[a.b]}} {{job.parameters.[`a.b`]}}",
      "P P AB AB AB",
    ],
    ["{{ job . parameters . `a.b` }}", "AB"],
    ["{{job.start_time.[iso_date]}} {{job.[id]}}", "2026-01-05 2"],
    [
      "{{tasks.[a].values.[odd name]}} {{tasks.`a`.result_state}} {{tasks.[a].values.[list].0.x}}",
      "o success deep",
    ],
    ["{{tasks.[a].error_code}}|{{tasks.a.run_id}}", "|1001"],
    ["{{job.trigger.file_arrival.location}}|{{job.trigger.table_update.updated_tables}}", "|[]"],
    ["{{job.parameters.today}}", "on 2026-01-05"],
    [
      "{{job.parameters.[}} {{job.parameters.`p}} {{.}} {{job..id}}",
      "{{job.parameters.[}} {{job.parameters.`p}} {{.}} {{job..id}}",
    ],
    [
      "{{job.notebook_url}}",
      "Unable to resolve reference {{job.notebook_url}}: it is not a known reference.",
    ],
    [
      "{{job.parameters.[missing]}}",
      "Unable to resolve reference {{job.parameters.[missing]}}: the job has no parameter 'missing'.",
    ],
    [
      "{{tasks.a.values.list.9}}",
      "Unable to resolve reference {{tasks.a.values.list.9}}: there is no '9'.",
    ],
  ])("%s is resolved", (text, expected) => expect(resolve(text)).toBe(expected));

  test("return the data of the trigger that started the run", () => {
    const arrival = { location: "/Volumes/a/b/c/", tables: { "main.s.t": { version: 3, at: T0 } } };
    const texts = [
      "{{job.trigger.file_arrival.location}}",
      "{{job.trigger.table_update.updated_tables}}",
      "{{job.trigger.table_update.main.s.t.version}}",
      "{{job.trigger.table_update.[main.s.t].commit_timestamp.iso_datetime}}",
      "{{job.trigger.table_update.`main.s.T`.version}}",
    ];
    expect(texts.map((text) => resolve(text, { trigger: "TABLE", arrival }))).toEqual([
      "/Volumes/a/b/c/",
      '["main.s.t"]',
      "3",
      "2026-01-05T12:00:00",
      "3",
    ]);
  });

  test("property: resolve any name equally in backquotes and in brackets", () => {
    const name = fc.stringMatching(/^[^`[\]]{1,20}$/).filter((text) => text.trim() === text);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(name, fc.constantFrom("ticks", "brackets", "both")), {
          minLength: 1,
          maxLength: 6,
        }),
        (names) => {
          const path = names.map(([text, notation]) =>
            notation === "ticks"
              ? `\`${text}\``
              : notation === "brackets"
                ? `[${text}]`
                : `[\`${text}\`]`,
          );
          expect(splitNames(path.join("."))).toEqual(names.map(([text]) => text));
        },
      ),
    );
  });
});

describe("conditions", () => {
  test.each([
    ["EQUAL_TO", "12.0", "12", false],
    ["NOT_EQUAL", "12.0", "12", true],
    ["EQUAL_TO", "true", "true", true],
    ["GREATER_THAN_OR_EQUAL", "12.0", "12", true],
    ["GREATER_THAN_OR_EQUAL", "10.0", "12", false],
    ["LESS_THAN", "9", "12", true],
    ["LESS_THAN", "x", "12", undefined],
  ] as const)("%s(%s, %s) is %s", (op, left, right, expected) =>
    expect(compareOperands(op, left, right)).toBe(expected),
  );
});

describe("Quartz cron", () => {
  const next = (expression: string, zone: string, after: string): string | undefined => {
    const cron = parseCron(expression);
    const time = cron === undefined ? undefined : nextFire(cron, zone, Date.parse(after));
    return time === undefined ? undefined : new Date(time).toISOString();
  };
  test.each([
    ["0 0 6 * * ?", "UTC", "2026-01-05T06:00:00Z", "2026-01-06T06:00:00.000Z"],
    ["0 0 6 * * ?", "Europe/Berlin", "2026-01-05T00:00:00Z", "2026-01-05T05:00:00.000Z"],
    ["0 0/15 8-9 ? * MON-FRI", "UTC", "2026-01-09T09:45:00Z", "2026-01-12T08:00:00.000Z"],
    ["0 30 2 * * ?", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-30T00:30:00.000Z"],
    ["0 30 2 * * ?", "Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-25T01:30:00.000Z"],
    ["0 0 * * * ?", "Europe/Berlin", "2026-10-24T23:00:00Z", "2026-10-25T01:00:00.000Z"],
    ["0 0 * * * ?", "Europe/Berlin", "2026-10-25T01:00:00Z", "2026-10-25T02:00:00.000Z"],
    ["0 0 0 L * ?", "UTC", "2026-02-01T00:00:00Z", "2026-02-28T00:00:00.000Z"],
    ["0 0 0 LW * ?", "UTC", "2026-01-05T00:00:00Z", "2026-01-30T00:00:00.000Z"],
    ["0 0 0 31W * ?", "UTC", "2026-09-01T00:00:00Z", "2026-10-30T00:00:00.000Z"],
    ["0 0 0 ? * 6L", "UTC", "2026-01-05T00:00:00Z", "2026-01-30T00:00:00.000Z"],
    ["0 0 0 ? * FRI#2", "UTC", "2026-01-10T00:00:00Z", "2026-02-13T00:00:00.000Z"],
    ["0 0 0 29 2 ?", "UTC", "2026-01-05T00:00:00Z", "2028-02-29T00:00:00.000Z"],
    ["0 0 0 1 1 ? 2030", "UTC", "2026-01-05T00:00:00Z", "2030-01-01T00:00:00.000Z"],
    ["0 0 0 1 1 ? 2020", "UTC", "2026-01-05T00:00:00Z", undefined],
    ["10 * * * * ?", "UTC", "2026-01-05T00:00:10Z", "2026-01-05T00:01:10.000Z"],
    ["0 /15 6 * * ?", "UTC", "2026-01-05T06:15:00Z", "2026-01-05T06:30:00.000Z"],
    ["0 0 0 ? /6 2", "UTC", "2026-01-26T00:00:00Z", "2026-07-06T00:00:00.000Z"],
    ["0 0 0 ? * 2/2", "UTC", "2026-01-05T00:00:00Z", "2026-01-07T00:00:00.000Z"],
    ["0 0 0 ? * MON/2", "UTC", "2026-01-05T00:00:00Z", "2026-01-12T00:00:00.000Z"],
    ["0 0 0 ? * MON-FRI/2", "UTC", "2026-01-05T00:00:00Z", "2026-01-06T00:00:00.000Z"],
    ["0 0 0 1 JAN/2 ?", "UTC", "2026-01-05T00:00:00Z", "2027-01-01T00:00:00.000Z"],
  ])("%s in %s fires next after %s", (expression, zone, after, expected) =>
    expect(next(expression, zone, after)).toBe(expected),
  );

  test.each([
    "",
    "* * * * *",
    "0 0 6 * * *",
    "0 0 6 ? * ?",
    "61 * * * * ?",
    "0 0 24 * * ?",
    "0 0 0 ? * 8",
    "0 0 0 32 * ?",
    "a b c d e f",
    "0 0/0 * * * ?",
    "0 / * * * ?",
    "0 1,,2 * * * ?",
    "0 , * * * ?",
    "0 0 0 L-31 * ?",
    "0 0 0 L-31W * ?",
    "0 0 0 0W * ?",
    "0 0 0 32W * ?",
  ])("rejects %p", (expression) => expect(parseCron(expression)).toBeUndefined());
});

describe("the workspace's clock", () => {
  test("fires timers in order when it is moved, each at its own time, including those set by timers", () => {
    const clock = WorkspaceClock.stopped(1000);
    const firings: [string, number][] = [];
    clock.setTimer(300, () => firings.push(["late", clock.now()]));
    clock.setTimer(100, () => {
      firings.push(["early", clock.now()]);
      clock.setTimer(50, () => firings.push(["set by a timer", clock.now()]));
    });
    clock.setTimer(200, () => firings.push(["cancelled", clock.now()]))();
    clock.advance(250);
    expect(firings).toEqual([
      ["early", 1100],
      ["set by a timer", 1150],
    ]);
    expect(clock.now()).toBe(1250);
    clock.advance(1000);
    expect(firings.at(-1)).toEqual(["late", 1300]);
  });

  test("can be moved, stopped and resumed while it runs", async () => {
    const clock = new WorkspaceClock();
    let fired = 0;
    clock.setTimer(3_600_000, () => fired++);
    clock.setTimer(3_600_020, () => fired++);
    clock.advance(3_600_000);
    expect(fired).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(fired).toBe(2);
    clock.stop();
    const now = clock.now();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(clock.now()).toBe(now);
    expect(new WorkspaceClock(undefined, clock.state).now()).toBe(now);
  });
});
