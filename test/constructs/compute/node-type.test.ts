import { AllPurposeCluster, ClusterSize, NodeType, SparkVersion } from "../../../constructs";
import { synth } from "../support";

describe("node type", () => {
  test("is given by the cloud's name, or looked up", () => {
    expect(String(NodeType.of("Standard_DS3_v2"))).toBe("Standard_DS3_v2");
    const { json } = synth((stack) => {
      const nodeType = NodeType.matching(stack, "small", { minCores: 4, localDisk: true });
      new AllPurposeCluster(stack, "c", {
        name: "c",
        sparkVersion: SparkVersion.LTS_15_4,
        nodeType,
        size: ClusterSize.fixed(1),
      });
    });
    expect(json.data).toMatchObject({
      databricks_node_type: { small: { min_cores: 4, local_disk: true } },
    });
  });
  test.each(["", "a b", "-x"])("rejects %p", (id) => {
    expect(() => NodeType.of(id)).toThrow("not a node type id");
  });
});
