import {
  AllPurposeCluster,
  ClusterSize,
  type ClusterSpecProps,
  NodeType,
  SparkVersion,
} from "../../../constructs";
import { synth } from "../support";

const base = {
  sparkVersion: SparkVersion.LTS_15_4,
  nodeType: NodeType.of("i3.xlarge"),
  size: ClusterSize.fixed(1),
};

describe("cloud attributes", () => {
  test("contain the attributes of one cloud", () => {
    const { resourceOf } = synth(
      (stack) =>
        new AllPurposeCluster(stack, "c", {
          ...base,
          name: "c",
          awsAttributes: { availability: "SPOT", firstOnDemand: 1 },
        }),
    );
    expect(resourceOf("databricks_cluster").aws_attributes).toEqual({
      availability: "SPOT",
      first_on_demand: 1,
    });
  });
  test("of two clouds do not compile", () => {
    // @ts-expect-error a cluster is in one cloud
    const props: ClusterSpecProps = { ...base, awsAttributes: {}, azureAttributes: {} };
    expect(Object.keys(props)).toContain("azureAttributes");
  });
});
