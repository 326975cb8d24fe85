import {
  AllPurposeCluster,
  DbtTask,
  SqlWarehouse,
  type TaskProps,
  Workflow,
} from "../../../constructs";
import { synth, type Json } from "../support";

const taskOf = (props: TaskProps): Json => {
  const { resourceOf } = synth((stack) =>
    new Workflow(stack, "j", { name: "j" }).addTask("a", props),
  );
  return (resourceOf("databricks_job").task as Json[])[0] ?? {};
};

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
