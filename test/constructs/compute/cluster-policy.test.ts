import {
  AllPurposeCluster,
  ClusterPolicy,
  ClusterSize,
  Group,
  NodeType,
  PolicyRule,
  SparkVersion,
  WorkspaceStack,
  type PolicyDefinition,
} from "../../../constructs";
import { codes, defaultChild, synth } from "../support";

describe("cluster policy", () => {
  test("writes its rules sorted, so that the JSON is stable", () => {
    const { resourceOf } = synth((stack) => {
      const policy = new ClusterPolicy(stack, "p", {
        name: "small",
        definition: {
          num_workers: PolicyRule.range({ maxValue: 4 }),
          "custom_tags.team": PolicyRule.fixed("a"),
        },
      });
      policy.permissions.allow("CAN_USE", Group.users);
      expect(defaultChild(policy)).toBe("databricks_cluster_policy");
    });
    expect(resourceOf("databricks_cluster_policy")).toEqual({
      name: "small",
      definition:
        '{"custom_tags.team":{"type":"fixed","value":"a"},"num_workers":{"type":"range","maxValue":4}}',
    });
  });
  test("has overrides if it is based on a policy family", () => {
    const { resourceOf } = synth(
      (stack) =>
        new ClusterPolicy(stack, "p", {
          name: "jobs",
          policyFamilyId: "job-cluster",
          overrides: { num_workers: PolicyRule.fixed(2) },
        }),
    );
    expect(resourceOf("databricks_cluster_policy")).toMatchObject({
      policy_family_id: "job-cluster",
      policy_family_definition_overrides: expect.stringContaining("num_workers") as unknown,
    });
    expect(ClusterPolicy.fromId("p").renderId()).toBe("p");
  });
  test("has an id and a partial definition if it exists already, which supplies values and rejects others", () => {
    const policy = ClusterPolicy.fromId("ABC", {
      num_workers: PolicyRule.range({ maxValue: 4 }),
      "custom_tags.team": PolicyRule.fixed("data"),
    });
    const cluster = (workers: number) => (stack: WorkspaceStack) =>
      new AllPurposeCluster(stack, "c", {
        name: "c",
        sparkVersion: SparkVersion.LTS_15_4,
        nodeType: NodeType.of("i3.xlarge"),
        policy,
        size: ClusterSize.fixed(workers),
      });
    expect(synth(cluster(4)).resourceOf("databricks_cluster")).toMatchObject({
      policy_id: "ABC",
      custom_tags: { team: "data" },
    });
    expect(codes(cluster(5))).toEqual(["POLICY_CONFLICT"]);
    expect(() => ClusterPolicy.fromId("a policy")).toThrow("not a valid id of a cluster policy");
  });
  test("rejects a policy without rules", () => {
    expect(codes((stack) => new ClusterPolicy(stack, "p", { name: "p", definition: {} }))).toEqual([
      "EMPTY_POLICY",
    ]);
  });
  test("sets the size of a cluster that does not set its own", () => {
    const sizeUnder = (definition: PolicyDefinition): unknown => {
      const { resourceOf } = synth((stack) => {
        const policy = new ClusterPolicy(stack, "p", { name: "p", definition });
        new AllPurposeCluster(stack, "c", {
          name: "c",
          sparkVersion: SparkVersion.LTS_15_4,
          policy,
          size: ClusterSize.fromPolicy(),
        });
      });
      const { num_workers, autoscale } = resourceOf("databricks_cluster");
      return num_workers ?? autoscale;
    };
    expect(sizeUnder({ num_workers: PolicyRule.range({ minValue: 1, defaultValue: 2 }) })).toBe(2);
    expect(
      sizeUnder({
        "autoscale.min_workers": PolicyRule.fixed(1),
        "autoscale.max_workers": PolicyRule.fixed(4),
      }),
    ).toEqual({
      min_workers: 1,
      max_workers: 4,
    });
    expect(sizeUnder({ cluster_type: PolicyRule.fixed("all-purpose") })).toBeUndefined();
  });
});
