import fs from "node:fs";
import path from "node:path";
import { repository } from "../support/project";
import { describeWithPython } from "../support/python";
import { Lab, notebookTask } from "../workspace/execution-support";

describeWithPython("the notebooks of the daily ETL", () => {
  test("ingest validates and writes the sample, transform aggregates it, and both return their results", async () => {
    const lab = await Lab.open();
    try {
      for (const name of ["ingest_raw_data", "transform_data"])
        await lab.importSource(
          `/Shared/${name}`,
          fs.readFileSync(path.join(repository, "stacks", "notebooks", `${name}.py`), "utf8"),
        );
      const sample = fs.readFileSync(
        path.join(repository, "stacks", "data", "sample.json"),
        "utf8",
      );
      await lab.writeDbfsFile(
        "/raw/sample.json",
        `${sample}{"id": "x", "amount": 1, "currency": "EUR", "at": "2024-01-01"}\n`,
      );
      const parameters = { input_path: "dbfs:/raw", input_date: "2024-01-01" };
      const task = (task_key: string, notebook: string, settings = {}) => ({
        ...notebookTask(task_key, settings),
        notebook_task: { notebook_path: `/Shared/${notebook}`, base_parameters: parameters },
      });
      const run = await lab.runTasks([
        task("ingest", "ingest_raw_data"),
        task("transform", "transform_data", { depends_on: [{ task_key: "ingest" }] }),
      ]);
      expect(run.tasks).toMatchObject({
        ingest: { error: "", exitValue: "3" },
        transform: { error: "", exitValue: "CHF 7.25, EUR 111.5" },
      });
      expect(await lab.readDbfsFile("/tmp/daily-etl/daily_events/2024-01-01.csv")).toBe(
        "day,currency,amount,source\r\n2024-01-01,CHF,7.25,dbfs:/raw\r\n2024-01-01,EUR,111.5,dbfs:/raw\r\n",
      );
    } finally {
      await lab.close();
    }
  });
});
