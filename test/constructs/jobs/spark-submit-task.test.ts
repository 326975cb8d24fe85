import {
  AllPurposeCluster,
  ClusterSize,
  DedicatedCluster,
  NodeType,
  SparkSubmitTask,
  SparkVersion,
  Workflow,
} from "../../../constructs";
import { synth, taskOf } from "../support";

describe("spark-submit task", () => {
  test("renders its arguments and its cluster", () => {
    const { resourceOf } = synth((stack) => {
      const on = new DedicatedCluster(stack, "d", {
        sparkVersion: SparkVersion.LTS_15_4,
        nodeType: NodeType.of("i3.xlarge"),
        size: ClusterSize.fixed(1),
      });
      new Workflow(stack, "j", { name: "j" }).addTask("a", {
        run: SparkSubmitTask.of(["--class", "a.B"]),
        on,
      });
    });
    expect(resourceOf("databricks_job")).toMatchObject({
      task: [{ spark_submit_task: { parameters: ["--class", "a.B"] } }],
    });
  });
  test("rejects a shared cluster", () => {
    expect(() =>
      taskOf({ run: SparkSubmitTask.of(["a"]), on: AllPurposeCluster.fromId("c") }),
    ).toThrow("SPARK_SUBMIT_CLUSTER");
  });
});
