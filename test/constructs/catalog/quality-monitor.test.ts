import { QualityMonitor, Schema, Table } from "../../../constructs";
import { codes, defaultChild, synth } from "../support";

const monitor = {
  table: Table.fromName("main.shop.orders"),
  assetsDir: "/Shared/m",
  outputSchema: Schema.fromName("main.quality"),
};

describe("quality monitor", () => {
  test("names the table and the schema of its metrics", () => {
    const { resourceOf } = synth((stack) => {
      expect(defaultChild(new QualityMonitor(stack, "m", { ...monitor, snapshot: true }))).toBe(
        "databricks_quality_monitor",
      );
    });
    expect(resourceOf("databricks_quality_monitor")).toEqual({
      table_name: "main.shop.orders",
      assets_dir: "/Shared/m",
      output_schema_name: "main.quality",
      snapshot: [{}],
    });
  });
  test("rejects a monitor without a type, or with two types", () => {
    expect(codes((stack) => new QualityMonitor(stack, "m", monitor))).toEqual(["ONE_OF"]);
    const timeSeries = { granularities: ["1 day"], timestampCol: "t" };
    expect(
      codes((stack) => new QualityMonitor(stack, "m", { ...monitor, snapshot: true, timeSeries })),
    ).toEqual(["ONE_OF"]);
  });
});
