import {
  AllPurposeCluster,
  Aspects,
  ClusterSize,
  InstancePool,
  NodeType,
  PipelineTask,
  SparkVersion,
  SqlWarehouse,
  TagEverything,
  Workflow,
} from "../../../constructs";
import { synth } from "../support";

describe("tag everything", () => {
  test("tags everything that supports tags, and keeps existing tags", () => {
    const { resourceOf } = synth((stack) => {
      new Workflow(stack, "job", { name: "j", tags: { team: "own" } }).addTask("a", {
        run: PipelineTask.of("p"),
      });
      new SqlWarehouse(stack, "warehouse", { name: "w", clusterSize: "Small" });
      new InstancePool(stack, "pool", {
        name: "p",
        nodeType: NodeType.of("i3.xlarge"),
        idleInstanceAutoterminationMinutes: 1,
      });
      new AllPurposeCluster(stack, "cluster", {
        name: "c",
        sparkVersion: SparkVersion.LTS_15_4,
        nodeType: NodeType.of("i3.xlarge"),
        size: ClusterSize.fixed(1),
      });
      Aspects.of(stack).add(new TagEverything({ team: "a" }));
    });
    const stamp = { lakeform: "tests/test-local" };
    expect(resourceOf("databricks_job").tags).toEqual({ team: "own", ...stamp });
    expect(resourceOf("databricks_cluster").custom_tags).toEqual({ team: "a", ...stamp });
    expect(resourceOf("databricks_instance_pool").custom_tags).toEqual({ team: "a", ...stamp });
    expect(resourceOf("databricks_sql_endpoint").tags).toEqual({
      custom_tags: [
        { key: "lakeform", value: "tests/test-local" },
        { key: "team", value: "a" },
      ],
    });
  });
});
