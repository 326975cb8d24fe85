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
    expect(taskResult).toMatchObject({ result: "SUCCESS", exit: "22", error: "" });
  });

  test("a failing cell is reported with its number, source line and traceback", async () => {
    const taskResult = await lab.runCells("def f(value):\n    return 1 / value", "y = 1\nf(y - 1)");
    expect(taskResult).toMatchObject({
      result: "FAILED",
      error: "ZeroDivisionError: division by zero (cell 2, line 2: f(y - 1))",
    });
    expect(taskResult.trace).toContain('File "/Shared/cells, cell 2", line 2');
    expect(taskResult.trace).toContain("return 1 / value");
    expect(taskResult.trace).not.toContain("lakeform_task");
  });

  test("a syntax error names the line of the cell", async () => {
    expect(await lab.runCells("a = 1", "b = 2\nif b\n  pass")).toMatchObject({
      result: "FAILED",
      error: expect.stringMatching(/^SyntaxError: .*\(cell 2, line 2: if b\)$/) as string,
    });
  });

  test("Jupyter notebooks, top-level await and the value of a cell's last line are supported", async () => {
    const cell = (source: string): JsonObject => ({
      cell_type: "code",
      metadata: {},
      outputs: [],
      source: [source],
    });
    const cells = [
      cell("import asyncio\nawait asyncio.sleep(0)\nn = 41"),
      { cell_type: "markdown", source: "# hello" },
      cell("n + 1"),
      cell("%sh echo shell"),
    ];
    await lab.importSource(
      "/Shared/jupyter",
      JSON.stringify({ cells, metadata: {}, nbformat: 4, nbformat_minor: 0 }),
      {
        format: "JUPYTER",
      },
    );
    const runResult = await lab.runTasks([notebookTask("jupyter")]);
    const page = await exportOf(runResult.tasks.jupyter?.id);
    expect(runResult.result).toBe("SUCCESS");
    expect(page).toContain('<pre class="out">42\n</pre>');
    expect(page).toContain('<pre class="out">shell\n</pre>');
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
      exit: "HELLO LAKE; hello lake",
    });
    await lab.importNotebook("/Shared/lib/broken", "ok = 1", "ok +");
    expect((await lab.runCells("# MAGIC %run ./lib/broken")).error).toMatch(
      /^SyntaxError: .* \(cell 2 of \/Shared\/lib\/broken, line 1: ok \+\)$/,
    );
    expect((await lab.runCells("# MAGIC %run ./lib/nothing")).error).toMatch(
      /^%run .\/lib\/nothing: the notebook cannot be read: .*doesn't exist.* \(cell 1\)$/,
    );
  });

  test("shell, file system and IPython magics are executed; an unsupported command fails with a message", async () => {
    const taskResult = await lab.runCells(
      "# MAGIC %sh\n# MAGIC mkdir -p /dbfs/tmp/sh\n# MAGIC echo from the shell > /dbfs/tmp/sh/a.txt",
      "# MAGIC %fs ls dbfs:/tmp/sh",
      "%matplotlib inline\n!echo bang\nx = '''\n%not a magic\n'''",
      "dbutils.notebook.exit(dbutils.fs.head('dbfs:/tmp/sh/a.txt').strip())",
    );
    expect(taskResult).toMatchObject({ error: "", result: "SUCCESS", exit: "from the shell" });
    expect((await lab.runCells("# MAGIC %scala\n# MAGIC val x = 1")).error).toBe(
      "a cell in scala cannot be executed here: Python, SQL and shell cells can (cell 1)",
    );
    expect((await lab.runCells("# MAGIC %sh exit 3")).error).toBe(
      "the shell ended with exit code 3 (cell 1)",
    );
    expect((await lab.runCells("# MAGIC %pip install left-pad")).error).toMatch(
      /^LibraryError: %pip install left-pad: installing packages is off here: .*--allow-pip/,
    );
    expect((await lab.runCells("dbutils.data.summarize(1)")).error).toMatch(
      /^AttributeError: the local workspace has no dbutils.data; it has: fs, /,
    );
    expect((await lab.runCells("dbutils.fs.mount('a', 'b')")).error).toMatch(
      /the local workspace has no dbutils.fs.mount; it has: cp, /,
    );
  });

  test("without pyspark, the first use of spark names the two alternatives, and nothing before it fails", async () => {
    const taskResult = await lab.runCells(
      "from databricks.sdk.runtime import *\nprint(spark)",
      "spark.table('a')",
    );
    expect(taskResult.error).toMatch(
      /^RuntimeError: this Python has no pyspark.*install pyspark.*script this task's outcome.*\(cell 2, line 1/s,
    );
    expect((await lab.runCells("a = 1", "%sql\nselect 1", "spark.sql('select 1')")).error).toMatch(
      /this Python has no pyspark.*Two ways out.*\(cell 3/s,
    );
    expect((await lab.runCells("from pyspark.sql import functions as F")).error).toMatch(
      /^ModuleNotFoundError: No module named 'pyspark.*Two ways out/,
    );
  });

  test("restartPython clears the namespace, and the next cell runs", async () => {
    const taskResult = await lab.runCells(
      "x = 1",
      "dbutils.library.restartPython()",
      "dbutils.notebook.exit(str('x' in globals()))",
    );
    expect(taskResult).toMatchObject({ result: "SUCCESS", exit: "False" });
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
      exit: "42",
    });
    expect((await lab.runCells("dbutils.notebook.run('child', 60)")).error).toMatch(
      /^ExecutionError: the notebook \/Shared\/child ended FAILED: ZeroDivisionError/,
    );
  });
});

describeWithPython("parameters, task values and references of executed tasks", () => {
  beforeAll(async () => {
    lab = await Lab.open();
  });
  afterAll(() => lab.close());

  const runJob = async (settings: JsonObject, runOptions: JsonObject = {}) => {
    const { job_id } = await lab.ok("POST", "/api/2.2/jobs/create", { name: "job", ...settings });
    return lab.waitForEnd(
      (await lab.ok("POST", "/api/2.2/jobs/run-now", { job_id, ...runOptions })).run_id as number,
    );
  };

  test("widget values come from the job's parameters, run-now, base parameters and the notebook's default, in this order", async () => {
    const names = ["a", "b", "c", "d"];
    await lab.importNotebook(
      "/Shared/widgets",
      names.map((name) => `dbutils.widgets.text("${name}", "default")`).join("\n"),
      `import json\ndbutils.notebook.exit(json.dumps([dbutils.widgets.get(n) for n in "abcd"] + [dbutils.widgets.getAll()["e"]]))`,
    );
    const runResult = await runJob(
      {
        parameters: [{ name: "d", default: "job" }],
        tasks: [
          notebookTask("widgets", {}, { b: "base", c: "base", d: "base", e: "{{task.name}}" }),
        ],
      },
      { notebook_params: { c: "run-now", d: "run-now" } },
    );
    expect(JSON.parse(present(runResult.tasks.widgets?.exit))).toEqual([
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
    const runResult = await runJob({
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
      get: { result: "SUCCESS", exit: "4" },
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
      (
        await lab.runCells(
          "dbutils.jobs.taskValues.get('cells', 'x', default=7, debugValue=1) + 1 / 0",
        )
      ).error,
    ).toContain("ZeroDivisionError");
    expect((await lab.runCells("dbutils.jobs.taskValues.get('nope', 'x')")).error).toMatch(
      /Task key does not exist in run: nope; it has: cells/,
    );
    expect((await lab.runCells("dbutils.jobs.taskValues.set('x', object())")).error).toMatch(
      /the value of 'x' cannot be represented as JSON/,
    );
  });

  test("retries, run_if and repair use the outcome of the execution", async () => {
    await lab.importNotebook(
      "/Shared/flaky",
      "import os\nfirst = not os.path.exists('/dbfs/tmp/seen')\nopen('/dbfs/tmp/seen', 'a').close()",
      "assert not first",
    );
    await lab.importNotebook("/Shared/clean", "dbutils.notebook.exit('cleaned')");
    await lab.importNotebook("/Shared/open", "assert 'yes' in open('/dbfs/tmp/gate').read()");
    await lab.writeFile("/tmp/gate", "no");
    const runResult = await runJob({
      tasks: [
        notebookTask("flaky", { max_retries: 1 }),
        notebookTask("open"),
        notebookTask("clean", { run_if: "ALL_DONE", depends_on: [{ task_key: "open" }] }),
      ],
    });
    expect(runResult).toMatchObject({
      result: "SUCCESS_WITH_FAILURES",
      tasks: {
        flaky: { result: "SUCCESS" },
        open: { result: "FAILED" },
        clean: { exit: "cleaned" },
      },
    });
    await lab.writeFile("/tmp/gate", "yes");
    await lab.ok("POST", "/api/2.2/jobs/runs/repair", {
      run_id: runResult.id,
      rerun_all_failed_tasks: true,
      rerun_dependent_tasks: true,
    });
    expect((await lab.waitForEnd(runResult.id)).result).toBe("SUCCESS");
  });

  test("a scripted entry takes precedence over execution, and a kind that cannot be executed is reported", async () => {
    await lab.importNotebook("/Shared/real", "dbutils.notebook.exit('real')");
    await lab.ok("PUT", "/_lakeform/outcomes", {
      defaults: { setup: 0, duration: 0 },
      outcomes: [
        { task: "scripted", output: "scripted" },
        { task: "warehouse", logs: "done" },
      ],
    });
    const jar = (task_key: string): JsonObject => ({
      ...notebookTask(task_key),
      notebook_task: undefined,
      spark_jar_task: { main_class_name: "A" },
    });
    const runResult = await lab.runTasks([
      notebookTask("real"),
      { ...notebookTask("scripted"), notebook_task: { notebook_path: "/Shared/real" } },
      jar("jar"),
      jar("warehouse"),
    ]);
    await lab.ok("DELETE", "/_lakeform/outcomes");
    expect(runResult.tasks).toMatchObject({
      real: { exit: "real" },
      scripted: { exit: "scripted" },
      jar: {
        result: "FAILED",
        error:
          "a spark_jar_task cannot be executed here; script its outcome instead (docs/outcomes.md)",
      },
      warehouse: { result: "SUCCESS", logs: "done" },
    });
  });
});

async function exportOf(id: number | undefined): Promise<string> {
  const { views } = await lab.ok("GET", `/api/2.2/jobs/runs/export?run_id=${present(id)}`);
  return (views as { content: string }[])[0]?.content ?? "";
}
