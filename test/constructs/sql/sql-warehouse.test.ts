import { Group, SqlTask, SqlWarehouse, Workflow } from "../../../constructs";
import { codes, defaultChild, synth } from "../support";

describe("SQL warehouse", () => {
  test("renders with lakeform's stamp among its tags", () => {
    const { resourceOf } = synth((stack) => {
      const warehouse = new SqlWarehouse(stack, "w", {
        name: "reports",
        clusterSize: "Small",
        autoStopMins: 10,
        channel: "CHANNEL_NAME_PREVIEW",
        customTags: { a: "b" },
      });
      warehouse.permissions.allow("CAN_USE", Group.users);
      expect(defaultChild(warehouse)).toBe("databricks_sql_endpoint");
    });
    expect(resourceOf("databricks_sql_endpoint")).toEqual({
      name: "reports",
      cluster_size: "Small",
      auto_stop_mins: 10,
      channel: { name: "CHANNEL_NAME_PREVIEW" },
      tags: {
        custom_tags: [
          { key: "a", value: "b" },
          { key: "lakeform", value: "tests/test-local" },
        ],
      },
    });
  });
  test("is found by id or name if it exists already", () => {
    const { json } = synth((stack) => {
      new Workflow(stack, "j", { name: "j" }).addTask("a", {
        run: SqlTask.query("q", { warehouse: SqlWarehouse.fromName(stack, "found", "reports") }),
      });
    });
    expect(json.data).toMatchObject({ databricks_sql_warehouse: { found: { name: "reports" } } });
    expect(SqlWarehouse.fromId("w").renderWarehouseId()).toBe("w");
  });
  test("rejects a negative auto-stop time, a minimum of clusters above the maximum, and half a cluster", () => {
    expect(
      codes(
        (stack) =>
          new SqlWarehouse(stack, "w", { name: "w", clusterSize: "Small", autoStopMins: -1 }),
      ),
    ).toEqual(["BAD_AUTO_STOP"]);
    expect(
      codes(
        (stack) =>
          new SqlWarehouse(stack, "w", { name: "w", clusterSize: "Small", minNumClusters: 2 }),
      ),
    ).toEqual(["BAD_WAREHOUSE_SIZE"]);
    expect(
      codes(
        (stack) =>
          new SqlWarehouse(stack, "w", { name: "w", clusterSize: "Small", maxNumClusters: 1.5 }),
      ),
    ).toEqual(["BAD_WAREHOUSE_SIZE"]);
  });
});
