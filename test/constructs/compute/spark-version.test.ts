import { AllPurposeCluster, ClusterSize, NodeType, SparkVersion } from "../../../constructs";
import { synth } from "../support";

describe("Spark version", () => {
  test("is a constant, a version key, or looked up", () => {
    expect(
      [
        SparkVersion.LTS_15_4,
        SparkVersion.of("12.2.x-scala2.12"),
        SparkVersion.of("custom:my-15.4"),
      ].map(String),
    ).toEqual(["15.4.x-scala2.12", "12.2.x-scala2.12", "custom:my-15.4"]);
    const { json } = synth((stack) => {
      const sparkVersion = SparkVersion.matching(stack, "lts", { longTermSupport: true });
      new AllPurposeCluster(stack, "c", {
        name: "c",
        sparkVersion,
        nodeType: NodeType.of("i3.xlarge"),
        size: ClusterSize.fixed(1),
      });
    });
    expect(json.data).toMatchObject({
      databricks_spark_version: { lts: { long_term_support: true } },
    });
  });
  test.each(["", "latest", "15.4 LTS"])("rejects %p", (key) => {
    expect(() => SparkVersion.of(key)).toThrow("not a Databricks Runtime version key");
  });
});
