import { AllPurposeCluster, PythonWheelTask } from "../../../constructs";
import { taskOf } from "../support";

describe("Python wheel task", () => {
  test("has positional or named parameters", () => {
    expect(
      taskOf({ run: PythonWheelTask.of("etl", "main", ["1"]), on: AllPurposeCluster.fromId("c") })
        .python_wheel_task,
    ).toEqual({
      package_name: "etl",
      entry_point: "main",
      parameters: ["1"],
    });
    expect(
      taskOf({
        run: PythonWheelTask.of("etl", "main", { a: "1" }),
        on: AllPurposeCluster.fromId("c"),
      }).python_wheel_task,
    ).toEqual({
      package_name: "etl",
      entry_point: "main",
      named_parameters: { a: "1" },
    });
  });
  test("rejects an empty package name", () =>
    expect(() => PythonWheelTask.of("", "main")).toThrow("a package and an entry point"));
});
