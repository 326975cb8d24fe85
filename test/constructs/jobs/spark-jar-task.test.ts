import { AllPurposeCluster, SparkJarTask, type TaskProps, Workflow } from "../../../constructs";
import { synth, type Json } from "../support";

const taskOf = (props: TaskProps): Json => {
  const { resourceOf } = synth((stack) =>
    new Workflow(stack, "j", { name: "j" }).addTask("a", props),
  );
  return (resourceOf("databricks_job").task as Json[])[0] ?? {};
};

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
