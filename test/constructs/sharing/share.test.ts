import { Share, SqlWarehouse, Schema, Table, Volume } from "../../../constructs";
import { codes, defaultChild, synth } from "../support";

describe("share", () => {
  test("accepts tables of the stack or their names, with partitions", () => {
    const { resourceOf } = synth((stack) => {
      const table = new Table(stack, "t", {
        schema: Schema.fromName("main.shop"),
        name: "orders",
        warehouse: SqlWarehouse.fromId("1a2b"),
        columns: [{ name: "id", type: "bigint" }],
      });
      const share = new Share(stack, "s", {
        name: "sales",
        objects: [{ object: table, historyDataSharing: true }],
      });
      share.add({
        object: "main.shop.late",
        type: "VIEW",
        partitions: [[{ name: "country", op: "EQUAL", value: "DE" }]],
      });
      expect(defaultChild(share)).toBe("databricks_share");
    });
    expect(resourceOf("databricks_share")).toEqual({
      name: "sales",
      object: [
        {
          name: expect.stringMatching(/^\$\{databricks_sql_table\..*\.id\}$/) as string,
          data_object_type: "TABLE",
          history_data_sharing_status: "ENABLED",
        },
        {
          name: "main.shop.late",
          data_object_type: "VIEW",
          partition: [{ value: [{ name: "country", op: "EQUAL", value: "DE" }] }],
        },
      ],
    });
  });
  test("rejects a duplicate object", () => {
    const object = { object: "a.b.c" };
    expect(
      codes((stack) => new Share(stack, "s", { name: "s", objects: [object, object] })),
    ).toEqual(["DUPLICATE_SHARED_OBJECT"]);
  });
  test("accepts volumes of the stack, and existing ones", () => {
    const { resourceOf } = synth((stack) => {
      const volume = new Volume(stack, "v", {
        schema: Schema.fromName("main.shop"),
        name: "files",
      });
      new Share(stack, "s", {
        name: "files",
        objects: [
          { object: volume, type: "VOLUME" },
          { object: Volume.fromName("main.shop.old"), type: "VOLUME" },
        ],
      });
    });
    expect(resourceOf("databricks_share").object).toMatchObject([
      { name: expect.stringMatching(/^\$\{databricks_volume\..*\.id\}$/) as string },
      { name: "main.shop.old" },
    ]);
  });
});
