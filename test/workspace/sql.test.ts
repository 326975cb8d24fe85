import type { JsonObject } from "../../src/workspace/errors";
import { statementsOf, translate, parseUse } from "../../src/workspace/sql/dialect";
import { describeWithPython } from "../support/python";
import { Lab, notebookTask } from "./execution-support";
import { present } from "./jobs-support";

describe("Databricks SQL is translated for DuckDB", () => {
  const options = {
    parameters: { day: "'2024-01-01'", table: "'main.default.t'" },
    catalogs: new Set(["main", "lake"]),
    user: "ada@example.com",
    catalog: "main",
    schema: "default",
    toLocalPath: (path: string): string => `/mapped${path}`,
  };
  test.each([
    ["select * from main.default.t", 'select * from "main "."default"."t"'],
    ["select `a b`, o.`x` from lake.s.t as o", 'select "a b", "o"."x" from "lake"."s"."t" as o'],
    [`select "it's", 'it\\'s', 'a''b', r'\\d'`, "select 'it''s', 'it''s', 'a''b', '\\d'"],
    [
      "select :day, x::int, col:field, ':day' -- :day",
      "select '2024-01-01', x::int, col:field, ':day'",
    ],
    ["select * from IDENTIFIER(:table || '_daily')", 'select * from "main "."default"."t_daily"'],
    [
      "select * from csv.`/Volumes/main/default/v/a.csv`",
      "select * from read_csv('/mapped/Volumes/main/default/v/a.csv')",
    ],
    [
      "select '/Volumes/a' from read_json(['/Volumes/b', '/Volumes/c'])",
      "select '/Volumes/a' from read_json(['/mapped/Volumes/b', '/mapped/Volumes/c'])",
    ],
    [
      "create table t (a int comment 'x', b string) using delta partitioned by (a) comment 'y' tblproperties ('k' = ('v'))",
      "create table t (a int , b string)",
    ],
    ["select current_user(), current_schema( )", "select 'ada@example.com', 'default'"],
    ["select 1.5, 1e3, main.x from t main", 'select 1.5, 1e3, "main "."x" from t main'],
  ])("%s", (sql, expected) => {
    expect(translate(sql, options).replaceAll(/ +/g, " ")).toBe(expected);
  });

  test("statements are split outside of string literals and comments, and USE is parsed", () => {
    expect(statementsOf("select ';'; -- a; b\n/* ; */ select 2;\n;")).toEqual([
      "select ';'",
      "-- a; b\n/* ; */ select 2",
    ]);
    expect([
      parseUse("USE main.sales"),
      parseUse("use catalog Lake"),
      parseUse("select 1"),
    ]).toEqual([
      { objectType: "", names: ["main", "sales"] },
      { objectType: "catalog", names: ["lake"] },
      undefined,
    ]);
    expect(() => translate("select :nothing", options)).toThrow(
      "the parameter :nothing has no value; parameters with one: day, table",
    );
  });
});

describeWithPython("SQL is executed", () => {
  let lab: Lab;
  let warehouse: string;
  beforeAll(async () => {
    lab = await Lab.open();
    warehouse = (
      await lab.ok("POST", "/api/2.0/sql/warehouses", { name: "wh", cluster_size: "X-Small" })
    ).id as string;
    await lab.ok("POST", "/api/2.1/unity-catalog/schemas", { catalog_name: "main", name: "sales" });
    await lab.ok("POST", "/api/2.1/unity-catalog/volumes", {
      catalog_name: "main",
      schema_name: "sales",
      name: "raw",
      volume_type: "MANAGED",
    });
  });
  afterAll(() => lab.close());

  const runStatement = (text: string, overrides: JsonObject = {}): Promise<JsonObject> =>
    lab.ok("POST", "/api/2.0/sql/statements", {
      statement: text,
      warehouse_id: warehouse,
      ...overrides,
    });
  const rowsIn = (response: JsonObject): unknown =>
    (response.result as JsonObject | undefined)?.data_array ?? response.status;
  const sqlTask = async (
    key: string,
    sql: string,
    overrides: JsonObject = {},
    parameters: JsonObject = {},
  ): Promise<JsonObject> => {
    const content = Buffer.from(sql).toString("base64");
    await lab.ok("POST", "/api/2.0/workspace/import", {
      path: `/Shared/${key}.sql`,
      format: "AUTO",
      overwrite: true,
      content,
    });
    return {
      task_key: key,
      sql_task: {
        warehouse_id: warehouse,
        parameters,
        file: { path: `/Workspace/Shared/${key}.sql` },
      },
      ...overrides,
    };
  };

  test("a SQL task creates a table from a volume's file; the next tasks read its rows", async () => {
    await lab.importNotebook(
      "/Shared/write",
      "open('/Volumes/main/sales/raw/orders.csv', 'w').write('id,amount\\n1,2.5\\n2,4.0\\n')",
    );
    await lab.importNotebook("/Shared/read", "dbutils.notebook.exit(dbutils.widgets.get('total'))");
    const loadTask = await sqlTask(
      "load",
      "USE main.sales;\nCREATE OR REPLACE TABLE orders USING DELTA AS SELECT * FROM read_csv('/Volumes/main/sales/raw/orders.csv') WHERE amount > :least;\n" +
        "SELECT count(*) AS orders, sum(amount) AS total FROM orders;",
      { depends_on: [{ task_key: "write" }] },
      { least: "1" },
    );
    const readTask = notebookTask(
      "read",
      { depends_on: [{ task_key: "load" }] },
      { total: "{{tasks.load.output.first_row.total}}" },
    );
    const runResult = await lab.runTasks([notebookTask("write"), loadTask, readTask]);
    expect(runResult.tasks.load).toMatchObject({ result: "SUCCESS", error: "" });
    expect(runResult.tasks.read).toMatchObject({ result: "SUCCESS", exitValue: "6.5" });
    expect((await lab.getOutput(present(runResult.tasks.load).id)).sql_output).toEqual({
      query_output: {
        query_text: expect.stringContaining("USE main.sales") as string,
        warehouse_id: warehouse,
      },
    });
    const table = await lab.ok("GET", "/api/2.1/unity-catalog/tables/main.sales.orders");
    expect(table).toMatchObject({
      table_type: "MANAGED",
      columns: [
        { name: "id", type_text: "bigint" },
        { name: "amount", type_name: "DOUBLE" },
      ],
    });
    expect(
      rowsIn(
        await runStatement("SELECT id FROM orders ORDER BY id", {
          catalog: "main",
          schema: "sales",
        }),
      ),
    ).toEqual([["1"], ["2"]]);
  });

  test("objects created by REST in Unity Catalog are visible in SQL, and removed with them", async () => {
    const columns = [{ name: "a", type_text: "int", type_name: "INT", position: 0 }];
    await lab.ok("POST", "/api/2.1/unity-catalog/tables", {
      catalog_name: "main",
      schema_name: "sales",
      name: "made",
      table_type: "MANAGED",
      data_source_format: "DELTA",
      columns,
    });
    await runStatement("INSERT INTO main.sales.made VALUES (7)");
    expect(rowsIn(await runStatement("SELECT a FROM main.sales.made"))).toEqual([["7"]]);
    await lab.ok("DELETE", "/api/2.1/unity-catalog/tables/main.sales.made");
    expect(rowsIn(await runStatement("SELECT a FROM main.sales.made"))).toMatchObject({
      state: "FAILED",
    });
    await runStatement("CREATE SCHEMA main.scratch");
    await runStatement("CREATE VIEW main.scratch.v AS SELECT 1 AS one");
    expect(await lab.ok("GET", "/api/2.1/unity-catalog/tables/main.scratch.v")).toMatchObject({
      table_type: "VIEW",
    });
    await runStatement("DROP SCHEMA main.scratch CASCADE");
    const { schemas } = await lab.ok("GET", "/api/2.1/unity-catalog/schemas?catalog_name=main");
    expect((schemas as JsonObject[]).map(({ name }) => name)).toEqual(["default", "sales"]);
  });

  test("SQL cells share a session and read widgets; a SQL notebook is executed", async () => {
    const taskResult = await lab.runCells(
      "dbutils.widgets.text('least', '2')",
      "# MAGIC %sql\n# MAGIC CREATE TEMP VIEW big AS SELECT * FROM range(5) AS r(n) WHERE n >= CAST(:least AS INT);\n# MAGIC SELECT sum(n) AS total FROM big",
      "dbutils.notebook.exit(f'{_sqldf.first().total} {_sqldf.count()} {_sqldf.columns}')",
    );
    expect(taskResult).toMatchObject({ error: "", exitValue: "9 1 ['total']" });
    const manyRows = await lab.runCells(
      "# MAGIC %sql\n# MAGIC SELECT * FROM range(5000)",
      "dbutils.notebook.exit(str(_sqldf.count()))",
    );
    expect(manyRows).toMatchObject({ error: "", exitValue: "5000" });
    const source =
      "-- Databricks notebook source\nSELECT 1 AS one\n\n-- COMMAND ----------\n\nSELECT nothing FROM nowhere";
    await lab.importSource("/Shared/inSql", source, { language: "SQL" });
    const failedTask = (await lab.runTasks([notebookTask("inSql")])).tasks.inSql;
    expect(failedTask?.error).toMatch(
      /^SqlError: Catalog Error: Table with name nowhere does not exist![\s\S]*\(cell 2\b/,
    );
  });

  test("statements support types, parameters, limits, errors and cancel", async () => {
    const response = await runStatement(
      "SELECT :n + 1 AS n, :name AS name, DATE '2024-02-29' AS d, TIMESTAMP '2024-02-29 10:00:00' AS t, [1, 2] AS l, NULL AS nothing",
      {
        parameters: [
          { name: "n", value: "41", type: "INT" },
          { name: "name", value: "it's" },
        ],
      },
    );
    const manifest = response.manifest as {
      schema: { columns: { type_name: string; type_text: string }[] };
    };
    expect(manifest.schema.columns.map(({ type_name }) => type_name)).toEqual([
      "INT",
      "STRING",
      "DATE",
      "TIMESTAMP",
      "ARRAY",
      "INT",
    ]);
    expect(rowsIn(response)).toEqual([
      ["42", "it's", "2024-02-29", "2024-02-29T10:00:00.000Z", "[1,2]", null],
    ]);
    expect(await runStatement("SELECT * FROM range(10)", { row_limit: 3 })).toMatchObject({
      manifest: { truncated: true, total_row_count: 3 },
    });
    expect(rowsIn(await runStatement("SELEC 1"))).toMatchObject({
      state: "FAILED",
      error: { message: expect.stringContaining("syntax error") as string },
    });
    const endless = "SELECT count(*) FROM range(1000000000000) AS r(n) WHERE n % 7 = 3";
    const slowStatement = await runStatement(endless, { wait_timeout: "0s" });
    expect(slowStatement).toMatchObject({ status: { state: "RUNNING" } });
    await lab.ok("POST", `/api/2.0/sql/statements/${slowStatement.statement_id as string}/cancel`);
    for (let state = "RUNNING"; state !== "CANCELED";) {
      const current = await lab.ok(
        "GET",
        `/api/2.0/sql/statements/${slowStatement.statement_id as string}`,
      );
      state = (current.status as JsonObject).state as string;
      expect(["RUNNING", "CANCELED"]).toContain(state);
    }
    const runId = await lab.startRun([await sqlTask("endless", endless)]);
    await lab.ok("POST", "/api/2.2/jobs/runs/cancel", { run_id: runId });
    expect(await lab.waitForEnd(runId)).toMatchObject({ result: "CANCELED" });
  });

  test("a saved query is executed with its defaults; an alert and a missing query fail with a message", async () => {
    const savedQuery = await lab.ok("POST", "/api/2.0/sql/queries", {
      query: {
        display_name: "tables",
        warehouse_id: warehouse,
        catalog: "main",
        schema: "sales",
        query_text: "SELECT current_schema() || :suffix || :other AS place",
        parameters: [
          { name: "suffix", text_value: { value: "!" } },
          { name: "other", text_value: { value: "?" } },
        ],
      },
    });
    const sqlTaskWith = (key: string, overrides: JsonObject): JsonObject => ({
      task_key: key,
      sql_task: { warehouse_id: warehouse, ...overrides },
    });
    const runResult = await lab.runTasks([
      sqlTaskWith("query", {
        query: { query_id: savedQuery.id ?? "" },
        parameters: { other: "." },
      }),
      notebookTask(
        "read",
        { depends_on: [{ task_key: "query" }] },
        { total: "{{tasks.query.output.first_row.place}}" },
      ),
      sqlTaskWith("none", { query: { query_id: "none" } }),
      sqlTaskWith("alert", { alert: { alert_id: "1" } }),
      sqlTaskWith("missing", { file: { path: "/Shared/none.sql" } }),
    ]);
    expect(runResult.tasks.query).toMatchObject({ result: "SUCCESS", error: "" });
    expect(runResult.tasks.read).toMatchObject({ exitValue: "sales!." });
    expect(runResult.tasks.none?.message).toContain("Query none does not exist.");
    expect(runResult.tasks.alert?.error).toContain(
      "a SQL task with a saved alert cannot be executed here",
    );
    expect(runResult.tasks.missing?.message).toContain(
      'Unable to access the file "/Shared/none.sql"',
    );
  });
});
