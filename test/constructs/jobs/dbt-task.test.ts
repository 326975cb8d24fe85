import { AllPurposeCluster, DbtTask, SqlWarehouse } from "../../../constructs";
import { taskOf } from "../support";

describe("dbt task", () => {
  test("renders with its source", () => {
    expect(
      taskOf({
        run: DbtTask.of(["dbt run"], { schema: "gold", warehouse: SqlWarehouse.fromId("w") }),
        on: AllPurposeCluster.fromId("c"),
      }).dbt_task,
    ).toEqual({ commands: ["dbt run"], schema: "gold", source: "WORKSPACE", warehouse_id: "w" });
  });
  test.each([[[]], [["rm -rf /"]], [Array(11).fill("dbt run") as string[]]])(
    "rejects %j",
    (commands) => {
      expect(() => DbtTask.of(commands)).toThrow("one to ten commands");
    },
  );
});
