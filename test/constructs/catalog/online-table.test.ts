import { OnlineTable, Schema, Table } from "../../../constructs";
import { codes, defaultChild, synth } from "../support";

const copy = {
  schema: Schema.fromName("main.ml"),
  source: Table.fromName("main.ml.features"),
  primaryKeyColumns: ["id"],
};

describe("online table", () => {
  test("is copied when its pipeline runs, unless `run` sets another mode", () => {
    const { resourcesOf } = synth((stack) => {
      expect(defaultChild(new OnlineTable(stack, "a", { ...copy, name: "a" }))).toBe(
        "databricks_online_table",
      );
      new OnlineTable(stack, "b", { ...copy, name: "b", run: "continuously" });
    });
    const spec = { primary_key_columns: ["id"], source_table_full_name: "main.ml.features" };
    expect(resourcesOf("databricks_online_table")).toEqual([
      { name: "main.ml.a", spec: { ...spec, run_triggered: {} } },
      { name: "main.ml.b", spec: { ...spec, run_continuously: {} } },
    ]);
  });
  test("rejects a name with a dot", () => {
    expect(codes((stack) => new OnlineTable(stack, "a", { ...copy, name: "a.b" }))).toEqual([
      "BAD_NAME",
    ]);
  });
});
