import {
  AllPurposeCluster,
  ClusterSize,
  Group,
  InstancePool,
  NodeType,
  SparkVersion,
} from "../../../constructs";
import { codes, defaultChild, synth } from "../support";

const props = {
  name: "jobs",
  nodeType: NodeType.of("i3.xlarge"),
  idleInstanceAutoterminationMinutes: 15,
};

describe("instance pool", () => {
  test("renders its fields, and can be used by clusters", () => {
    const { resourceOf } = synth((stack) => {
      const pool = new InstancePool(stack, "pool", {
        ...props,
        preloadedSparkVersion: SparkVersion.LTS_15_4,
        azureAttributes: { availability: "SPOT_AZURE" },
      });
      pool.permissions.allow("CAN_ATTACH_TO", Group.users);
      expect(defaultChild(pool)).toBe("databricks_instance_pool");
      new AllPurposeCluster(stack, "c", {
        name: "c",
        sparkVersion: SparkVersion.LTS_15_4,
        instancePool: pool,
        size: ClusterSize.fixed(1),
      });
    });
    expect(resourceOf("databricks_instance_pool")).toMatchObject({
      instance_pool_name: "jobs",
      azure_attributes: { availability: "SPOT_AZURE" },
    });
    expect(resourceOf("databricks_cluster").instance_pool_id).toMatch(/databricks_instance_pool/);
    expect(InstancePool.fromId("p").renderId()).toBe("p");
  });
  test("rejects more idle instances than the maximum capacity", () => {
    expect(
      codes(
        (stack) => new InstancePool(stack, "p", { ...props, minIdleInstances: 3, maxCapacity: 2 }),
      ),
    ).toEqual(["BAD_POOL"]);
  });
});
