import { setTimeout as sleep } from "node:timers/promises";
import type { JsonObject } from "../../src/workspace/errors";
import { describeWithPython } from "../support/python";
import { Lab, notebookTask } from "./execution-support";
import { present } from "./jobs-support";

let lab: Lab;

describeWithPython("a notebook is executed", () => {
  beforeAll(async () => {
    lab = await Lab.open();
  });
  afterAll(() => lab.close());

  test("cells share one namespace, and the argument of dbutils.notebook.exit is the run's output", async () => {
    const taskResult = await lab.runCells(
      "x = 20",
      "# MAGIC %md\n# MAGIC # A title",
      "x + 1",
      "dbutils.notebook.exit(str(x + 2))",
      "raise Exception('not reached')",
    );
    expect(taskResult).toMatchObject({ result: "SUCCESS", exitValue: "22", error: "" });
  });

  test("a failing cell is reported with its number, source line and traceback", async () => {
    const taskResult = await lab.runCells("def f(value):\n    return 1 / value", "y = 1\nf(y - 1)");
    expect(taskResult).toMatchObject({
      result: "FAILED",
      error: "ZeroDivisionError: division by zero (cell 2, line 2: f(y - 1))",
    });
    expect(taskResult.errorTrace).toContain('File "/Shared/cells, cell 2", line 2');
    expect(taskResult.errorTrace).toContain("return 1 / value");
    expect(taskResult.errorTrace).not.toContain("lakeform_task");
  });

  test("a syntax error names the line of the cell", async () => {
    expect(await lab.runCells("a = 1", "b = 2\nif b\n  pass")).toMatchObject({
      result: "FAILED",
      error: expect.stringMatching(/^SyntaxError: .*\(cell 2, line 2: if b\)$/) as string,
    });
  });

  test("%run loads another notebook into the namespace, by relative or absolute path, with arguments", async () => {
    await lab.ok("POST", "/api/2.0/workspace/mkdirs", { path: "/Shared/lib" });
    await lab.importNotebook(
      "/Shared/lib/names",
      'dbutils.widgets.text("who", "nobody")\ngreeting = "hello " + dbutils.widgets.get("who")',
    );
    await lab.importNotebook("/Shared/lib/more", "# MAGIC %run ./names", "deep = greeting.upper()");
    const taskResult = await lab.runCells(
      '# MAGIC %run ./lib/more $who="lake"',
      "# MAGIC %run /Shared/lib/names",
      "dbutils.notebook.exit(deep + '; ' + greeting)",
    );
    expect(taskResult).toMatchObject({
      error: "",
      result: "SUCCESS",
      exitValue: "HELLO LAKE; hello lake",
    });
    await lab.importNotebook("/Shared/lib/broken", "ok = 1", "ok +");
    expect((await lab.runCells("# MAGIC %run ./lib/broken")).error).toMatch(
      /^SyntaxError: .* \(cell 2 of \/Shared\/lib\/broken, line 1: ok \+\)$/,
    );
    expect((await lab.runCells("# MAGIC %run ./lib/nothing")).error).toMatch(
      /^%run .\/lib\/nothing: the notebook cannot be read: .*doesn't exist.* \(cell 1\)$/,
    );
  });

  test("dbutils.notebook.run runs another notebook with arguments, and returns its exit value", async () => {
    await lab.importNotebook(
      "/Shared/child",
      'dbutils.widgets.text("n", "0")\nn = int(dbutils.widgets.get("n"))',
      "dbutils.notebook.exit(str(n * 2)) if n else 1 / 0",
    );
    expect(
      await lab.runCells("dbutils.notebook.exit(dbutils.notebook.run('./child', 60, {'n': 21}))"),
    ).toMatchObject({
      error: "",
      exitValue: "42",
    });
    expect((await lab.runCells("dbutils.notebook.run('child', 60)")).error).toMatch(
      /^ExecutionError: the notebook \/Shared\/child ended with FAILED: ZeroDivisionError/,
    );
  });

  test("the cancellation of a task does not cancel the notebook that another task runs", async () => {
    await lab.importNotebook("/Shared/slow", "import time\ntime.sleep(2)");
    await lab.importNotebook("/Shared/caller", "dbutils.notebook.run('slow', 60)");
    await lab.importNotebook("/Shared/endless", "import time\ntime.sleep(600)");
    const id = await lab.startRun([notebookTask("caller"), notebookTask("endless")]);
    const activeNames = async (): Promise<unknown[]> => {
      const { runs = [] } = await lab.ok("GET", "/api/2.2/jobs/runs/list?active_only=true");
      return (runs as JsonObject[]).map((run) => run.run_name);
    };
    while (!(await activeNames()).includes("/Shared/slow")) await sleep(20);
    const { tasks } = await lab.ok("GET", `/api/2.2/jobs/runs/get?run_id=${id}`);
    const endless = (tasks as JsonObject[]).find((task) => task.task_key === "endless");
    await lab.ok("POST", "/api/2.2/jobs/runs/cancel", { run_id: present(endless).run_id });
    expect((await lab.waitForEnd(id)).tasks).toMatchObject({
      caller: { result: "SUCCESS" },
      endless: { result: "CANCELED" },
    });
  });
});

describeWithPython("parameters, task values and references of executed tasks", () => {
  beforeAll(async () => {
    lab = await Lab.open();
  });
  afterAll(() => lab.close());

  test("widget values come from the job's parameters, run-now, base parameters and the notebook's default, in this order", async () => {
    const names = ["a", "b", "c", "d"];
    await lab.importNotebook(
      "/Shared/widgets",
      names.map((name) => `dbutils.widgets.text("${name}", "default")`).join("\n"),
      `import json\ndbutils.notebook.exit(json.dumps([dbutils.widgets.get(n) for n in "abcd"] + [dbutils.widgets.getAll()["e"]]))`,
    );
    const runResult = await lab.runJob(
      {
        parameters: [{ name: "d", default: "job" }],
        tasks: [
          notebookTask("widgets", {}, { b: "base", c: "base", d: "base", e: "{{task.name}}" }),
        ],
      },
      { notebook_params: { c: "run-now", d: "run-now" } },
    );
    expect(JSON.parse(present(runResult.tasks.widgets?.exitValue))).toEqual([
      "default",
      "base",
      "run-now",
      "job",
      "widgets",
    ]);
    expect((await lab.runCells("dbutils.widgets.get('nothing')")).error).toMatch(
      /^InputWidgetNotDefined: No input widget named nothing is defined/,
    );
  });

  test("task values reach other tasks, conditions and loops, and a missing value fails the task with a message that names it", async () => {
    await lab.importNotebook(
      "/Shared/set",
      'dbutils.jobs.taskValues.set(key="rows", value=3)\ndbutils.jobs.taskValues.set(key="files", value=["a", "b", "c"])',
    );
    await lab.importNotebook(
      "/Shared/get",
      'dbutils.notebook.exit(str(dbutils.jobs.taskValues.get(taskKey="set", key="rows", debugValue=0) + 1))',
    );
    await lab.importNotebook(
      "/Shared/each",
      'dbutils.widgets.text("file", "")\nassert dbutils.widgets.get("file") != "b"',
    );
    await lab.importNotebook("/Shared/missing", 'dbutils.jobs.taskValues.get("set", "columns")');
    await lab.importNotebook("/Shared/never", "pass");
    const dependsOn = (key: string, overrides: JsonObject = {}): JsonObject => ({
      depends_on: [{ task_key: key, ...overrides }],
    });
    const runResult = await lab.runJob({
      tasks: [
        notebookTask("set"),
        notebookTask("get", dependsOn("set")),
        notebookTask("missing", dependsOn("set")),
        {
          task_key: "many",
          condition_task: { op: "GREATER_THAN", left: "{{tasks.set.values.rows}}", right: "5" },
          ...dependsOn("set"),
        },
        notebookTask("never", dependsOn("many", { outcome: "true" })),
        {
          task_key: "loop",
          ...dependsOn("set"),
          for_each_task: {
            inputs: "{{tasks.set.values.files}}",
            concurrency: 2,
            task: notebookTask("each", {}, { file: "{{input}}" }),
          },
        },
      ],
    });
    expect(runResult.tasks).toMatchObject({
      get: { result: "SUCCESS", exitValue: "4" },
      missing: {
        result: "FAILED",
        error: expect.stringContaining(
          "No task value named 'columns' was set by task 'set' (it set: files, rows)",
        ) as string,
      },
      never: { result: "EXCLUDED" },
      loop: { result: "FAILED", message: "1 of 3 iterations failed" },
    });
    expect(
      await lab.runCells(
        "dbutils.notebook.exit(str(dbutils.jobs.taskValues.get('cells', 'x', default=7, debugValue=1)))",
      ),
    ).toMatchObject({ error: "", exitValue: "7" });
    expect((await lab.runCells("dbutils.jobs.taskValues.get('nope', 'x')")).error).toMatch(
      /Task key does not exist in run: nope; it has: cells/,
    );
    expect((await lab.runCells("dbutils.jobs.taskValues.set('x', object())")).error).toMatch(
      /the value of 'x' cannot be represented as JSON/,
    );
  });
});
