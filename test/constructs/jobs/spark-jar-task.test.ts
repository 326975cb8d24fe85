import { AllPurposeCluster, SparkJarTask } from "../../../constructs";
import { taskOf } from "../support";

describe("JAR task", () => {
  test("renders its class and parameters", () => {
    expect(
      taskOf({ run: SparkJarTask.of("a.B", ["1"]), on: AllPurposeCluster.fromId("c") })
        .spark_jar_task,
    ).toEqual({
      main_class_name: "a.B",
      parameters: ["1"],
    });
  });
  test("rejects an invalid class name", () =>
    expect(() => SparkJarTask.of("a-b.jar")).toThrow("not the full name of a class"));
});
