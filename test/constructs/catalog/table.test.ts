import { Schema, SqlWarehouse, Table, View } from "../../../constructs";
import { codes, defaultChild, synth } from "../support";

const common = { schema: Schema.fromName("main.shop"), warehouse: SqlWarehouse.fromId("1a2b") };
const columns = [{ name: "id", type: "bigint", identity: "always" }] as const;

describe("table", () => {
  test("is managed without a location and external with one; a view has a query", () => {
    const { resourcesOf } = synth((stack) => {
      const table = new Table(stack, "a", {
        ...common,
        name: "orders",
        columns,
        clusterKeys: ["id"],
      });
      new Table(stack, "b", {
        ...common,
        name: "logs",
        columns,
        storageLocation: "s3://bucket/logs",
        dataSourceFormat: "JSON",
      });
      new View(stack, "c", { ...common, name: "late", definition: "SELECT 1" });
      expect([defaultChild(table), Table.fromName("a.b.c").renderFullName()]).toEqual([
        "databricks_sql_table",
        "a.b.c",
      ]);
    });
    const place = { catalog_name: "main", schema_name: "shop", warehouse_id: "1a2b" };
    const column = [{ name: "id", type: "bigint", identity: "always" }];
    expect(resourcesOf("databricks_sql_table")).toEqual([
      {
        ...place,
        name: "orders",
        table_type: "MANAGED",
        data_source_format: "DELTA",
        column,
        cluster_keys: ["id"],
      },
      {
        ...place,
        name: "logs",
        table_type: "EXTERNAL",
        data_source_format: "JSON",
        column,
        storage_location: "s3://bucket/logs",
      },
      { ...place, name: "late", table_type: "VIEW", view_definition: "SELECT 1" },
    ]);
  });
  test("rejects a table without columns, and names without a schema", () => {
    expect(codes((stack) => new Table(stack, "a", { ...common, name: "t", columns: [] }))).toEqual([
      "TABLE_WITHOUT_COLUMNS",
    ]);
    expect(
      codes((stack) => new View(stack, "a", { ...common, name: "a.b", definition: "SELECT 1" })),
    ).toEqual(["BAD_NAME"]);
    expect(() => Table.fromName("b.c")).toThrow("catalog and schema");
  });
});
