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

  test("shell, file system and IPython magics are executed; an unsupported command fails with a message", async () => {
    const taskResult = await lab.runCells(
      "# MAGIC %sh\n# MAGIC mkdir -p /dbfs/tmp/sh\n# MAGIC echo from the shell > /dbfs/tmp/sh/a.txt",
      "# MAGIC %fs ls dbfs:/tmp/sh",
      "%matplotlib inline\n!echo bang\nx = '''\n%not a magic\n'''",
      "dbutils.notebook.exit(dbutils.fs.head('dbfs:/tmp/sh/a.txt').strip())",
    );
    expect(taskResult).toMatchObject({ error: "", result: "SUCCESS", exitValue: "from the shell" });
    expect((await lab.runCells("# MAGIC %scala\n# MAGIC val x = 1")).error).toBe(
      "a cell in scala cannot be executed here: Python, SQL and shell cells can (cell 1)",
    );
    expect((await lab.runCells("# MAGIC %sh exit 3")).error).toBe(
      "the shell ended with exit code 3 (cell 1)",
    );
    expect((await lab.runCells("# MAGIC %pip install left-pad")).error).toMatch(
      /^LibraryError: %pip install left-pad: the local workspace does not install packages; .*--allow-pip/,
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
    expect(taskResult).toMatchObject({ result: "SUCCESS", exitValue: "False" });
  });
});

describeWithPython("parameters, task values and references of executed tasks", () => {
  beforeAll(async () => {
    lab = await Lab.open();
  });
  afterAll(() => lab.close());

  test("retries, run_if and repair use the outcome of the execution", async () => {
    await lab.importNotebook(
      "/Shared/flaky",
      "import os\nfirst = not os.path.exists('/dbfs/tmp/seen')\nopen('/dbfs/tmp/seen', 'a').close()",
      "assert not first",
    );
    await lab.importNotebook("/Shared/clean", "dbutils.notebook.exit('cleaned')");
    await lab.importNotebook("/Shared/open", "assert 'yes' in open('/dbfs/tmp/gate').read()");
    await lab.writeDbfsFile("/tmp/gate", "no");
    const runResult = await lab.runJob({
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
        clean: { exitValue: "cleaned" },
      },
    });
    await lab.writeDbfsFile("/tmp/gate", "yes");
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
      real: { exitValue: "real" },
      scripted: { exitValue: "scripted" },
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
