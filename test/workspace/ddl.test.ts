/**
 * The local workspace executes DDL of tables and views in Unity Catalog without a SQL engine. The
 * tests build on each other: `orders` is created, changed and renamed to `sales`, and dropped.
 */
import { serve } from "./http-client";

interface Statement {
  readonly status: { readonly state: string; readonly error?: { readonly message: string } };
  readonly result?: { readonly data_array: readonly (readonly (string | null)[])[] };
}

let server: Awaited<ReturnType<typeof serve>>;
let warehouse_id: unknown;
beforeAll(async () => {
  server = await serve();
  ({ id: warehouse_id } = (
    await server.api("POST", "/api/2.0/sql/warehouses", { name: "w", cluster_size: "Small" })
  ).body);
  await server.api("POST", "/api/2.1/unity-catalog/schemas", {
    catalog_name: "main",
    name: "shop",
  });
});
afterAll(() => server.workspace.close());

const run = async (statement: string): Promise<Statement> =>
  (
    await server.api("POST", "/api/2.0/sql/statements", {
      statement,
      warehouse_id,
      schema: "shop",
    })
  ).body as unknown as Statement;
/** Runs a statement that must succeed. @returns the rows */
const runSuccessfully = async (statement: string): Promise<unknown> => {
  const { status, result } = await run(statement);
  expect([statement, status]).toEqual([statement, { state: "SUCCEEDED" }]);
  return result?.data_array;
};
const runRejected = async (statement: string): Promise<string> => {
  const { status } = await run(statement);
  expect([statement, status.state]).toEqual([statement, "FAILED"]);
  return status.error?.message ?? "";
};
const table = async (name: string): Promise<Record<string, unknown>> =>
  (await server.api("GET", `/api/2.1/unity-catalog/tables/main.shop.${name}`)).body;

test("CREATE stores the columns, comments, properties and locations of tables and views", async () => {
  await runSuccessfully(`-- orders
    CREATE TABLE IF NOT EXISTS \`main\`.shop.Orders (
      id BIGINT GENERATED ALWAYS AS IDENTITY (START WITH 1) NOT NULL COMMENT 'the number',
      price DECIMAL(10, 2),
      tags MAP<STRING, ARRAY<INT>>,
      country STRING
    ) USING delta PARTITIONED BY (country) COMMENT 'it\\'s all' TBLPROPERTIES ('team' = 'data', delta.appendOnly = true) OPTIONS (a 'b');`);
  expect(await table("orders")).toMatchObject({
    table_type: "MANAGED",
    data_source_format: "DELTA",
    comment: "it's all",
    properties: { team: "data", "delta.appendOnly": "true", "option.a": "b" },
    columns: [
      {
        name: "id",
        type_text: "bigint",
        type_name: "LONG",
        nullable: false,
        comment: "the number",
        position: 0,
      },
      { name: "price", type_text: "decimal(10,2)", type_name: "DECIMAL" },
      { name: "tags", type_text: "map<string,array<int>>", type_name: "MAP" },
      { name: "country", partition_index: 0 },
    ],
  });
  await runSuccessfully(
    "CREATE EXTERNAL TABLE logs (line STRING) USING json LOCATION 's3://bucket/logs' WITH (CREDENTIAL `c`)",
  );
  expect(await table("logs")).toMatchObject({
    table_type: "EXTERNAL",
    storage_location: "s3://bucket/logs",
    storage_credential_name: "c",
  });
  await runSuccessfully("CREATE OR REPLACE VIEW v (a COMMENT 'x') AS SELECT 1 AS a;");
  expect(await table("v")).toMatchObject({
    table_type: "VIEW",
    view_definition: "SELECT 1 AS a",
    columns: [{ name: "a", comment: "x" }],
  });
});

test("ALTER and COMMENT change tables and views", async () => {
  for (const statement of [
    "ALTER TABLE orders ADD COLUMN note STRING COMMENT 'n' FIRST",
    "ALTER TABLE orders ADD COLUMNS (a INT, b INT) ",
    "ALTER TABLE orders DROP COLUMN IF EXISTS (a, nothing)",
    "ALTER TABLE orders RENAME COLUMN b TO c",
    "ALTER TABLE orders ALTER COLUMN price COMMENT 'net'",
    "ALTER TABLE orders ALTER COLUMN price SET NOT NULL",
    "ALTER TABLE orders SET TBLPROPERTIES (team = 'ml')",
    "ALTER TABLE orders UNSET TBLPROPERTIES ('delta.appendOnly')",
    "ALTER TABLE orders CLUSTER BY (id, price)",
    "ALTER TABLE orders OWNER TO `team`",
    "COMMENT ON TABLE orders IS 'all of them'",
    "ALTER TABLE orders RENAME TO main.shop.sales",
    "ALTER VIEW v AS SELECT 2",
  ])
    await runSuccessfully(statement);
  const sales = await table("sales");
  expect((sales.columns as { name: string }[]).map(({ name }) => name)).toEqual([
    "note",
    "id",
    "price",
    "tags",
    "country",
    "c",
  ]);
  expect(sales).toMatchObject({
    owner: "team",
    comment: "all of them",
    properties: { team: "ml", clusteringColumns: '[["id"],["price"]]' },
  });
  expect((sales.columns as object[])[2]).toMatchObject({ comment: "net", nullable: false });
  expect(await table("v")).toMatchObject({ view_definition: "SELECT 2" });
});

test("SHOW and DESCRIBE return tables, views, columns and properties", async () => {
  expect(await runSuccessfully("SHOW TABLES IN main.shop")).toEqual([
    ["shop", "logs", "false"],
    ["shop", "sales", "false"],
    ["shop", "v", "false"],
  ]);
  expect(await runSuccessfully("SHOW VIEWS")).toEqual([["shop", "v", "false"]]);
  expect(await runSuccessfully("SHOW TBLPROPERTIES sales")).toEqual([
    ["clusteringColumns", '[["id"],["price"]]'],
    ["option.a", "b"],
    ["team", "ml"],
  ]);
  expect(await runSuccessfully("SHOW COLUMNS IN logs")).toEqual([["line"]]);
  expect(await runSuccessfully("DESCRIBE TABLE EXTENDED logs")).toEqual([["line", "string", null]]);
});

test("other SQL, syntax errors, and missing or existing objects are rejected with a message", async () => {
  expect(await runRejected("INSERT INTO sales VALUES (1)")).toContain(
    "the local workspace has no SQL engine",
  );
  expect(await runRejected("CREATE FUNCTION f() RETURN 1")).toContain(
    "the local workspace has no SQL engine",
  );
  expect(await runRejected("CREATE TABLE sales (a INT)")).toContain("already exists");
  expect(await runRejected("ALTER TABLE nothing ADD COLUMN a INT")).toContain("cannot be found");
  expect(await runRejected("ALTER TABLE sales ALTER COLUMN nothing COMMENT 'x'")).toContain(
    "has no column nothing",
  );
  expect(await runRejected("DROP VIEW sales")).toContain("is a table, not a view");
  expect(await runRejected("CREATE TABLE t (a INT) CLUSTERED ON (a)")).toContain(
    "Syntax error at or near 'CLUSTERED'",
  );
  expect(await runRejected("DROP TABLE a b")).toContain("Syntax error at or near 'b'");
});

test("a SELECT of a literal returns it", async () => {
  expect(await runSuccessfully("SELECT 1")).toEqual([["1"]]);
});

test("DROP deletes a table", async () => {
  await runSuccessfully("DROP TABLE IF EXISTS nothing");
  await runSuccessfully("DROP TABLE sales");
  expect((await server.api("GET", "/api/2.1/unity-catalog/tables/main.shop.sales")).status).toBe(
    404,
  );
});
