import {
  ClusterSize,
  DedicatedCluster,
  NodeType,
  SparkSubmitTask,
  SparkVersion,
  Workflow,
} from "../../../constructs";
import { synth } from "../support";

describe("dedicated cluster", () => {
  test("is rendered as the new cluster of its task", () => {
    const { resourceOf } = synth((stack) => {
      const on = new DedicatedCluster(stack, "d", {
        sparkVersion: SparkVersion.LTS_15_4,
        nodeType: NodeType.of("i3.xlarge"),
        size: ClusterSize.fixed(1),
      });
      new Workflow(stack, "j", { name: "j" }).addTask("a", { run: SparkSubmitTask.of(["a"]), on });
    });
    expect(resourceOf("databricks_job")).toMatchObject({
      task: [{ new_cluster: { num_workers: 1 } }],
    });
  });
});
