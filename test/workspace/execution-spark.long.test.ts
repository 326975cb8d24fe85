import { spawnSync } from "node:child_process";
import { Lab, notebookTask } from "./execution-support";

/** A Python interpreter with pyspark and Java: the one in this variable, or python3. */
const python = process.env["LAKEFORM_SPARK_PYTHON"] ?? "python3";
const hasSpark = spawnSync(python, ["-c", "import pyspark"]).status === 0;
const title = "notebooks use a local Spark session where pyspark is installed";

if (!hasSpark)
  process.stderr.write(
    `\nNOT RUN: "${title}": ${python} has no pyspark (LAKEFORM_SPARK_PYTHON names another Python)\n`,
  );

(hasSpark ? describe : describe.skip)(
  hasSpark ? title : `NOT RUN, there is no pyspark: ${title}`,
  () => {
    let lab: Lab;
    beforeAll(async () => {
      lab = await Lab.open({ execution: { python } });
    });
    afterAll(() => lab.close());

    test("Python and SQL cells write files to volumes and DBFS, and the next task of the run reads them", async () => {
      await lab.ok("POST", "/api/2.1/unity-catalog/volumes", {
        catalog_name: "main",
        schema_name: "default",
        name: "raw",
        volume_type: "MANAGED",
      });
      await lab.importNotebook(
        "/Shared/write",
        "open('/Volumes/main/default/raw/a.json', 'w').write('{\"n\": 1}\\n{\"n\": 2}\\n')",
        "frame = spark.read.json('/Volumes/main/default/raw/a.json')\ndisplay(frame)\nframe.createOrReplaceTempView('numbers')",
        "# MAGIC %sql\n# MAGIC SELECT sum(n) AS total FROM numbers",
        "frame.write.mode('overwrite').parquet('/dbfs/out')\ndbutils.notebook.exit(str(_sqldf.first().total))",
      );
      await lab.importNotebook(
        "/Shared/read",
        "dbutils.notebook.exit(str(spark.read.parquet('dbfs:/out').count()))",
      );
      const runResult = await lab.waitForEnd(
        await lab.startRun([
          notebookTask("write"),
          notebookTask("read", { depends_on: [{ task_key: "write" }] }),
        ]),
        500_000,
      );
      expect(runResult.tasks.write).toMatchObject({ error: "", exitValue: "3" });
      expect(runResult.tasks.read).toMatchObject({ error: "", exitValue: "2" });
    });
  },
);
