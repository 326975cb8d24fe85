import { ClusterPolicy, Group, PolicyRule } from "../../../constructs";
import { codes, defaultChild, synth } from "../support";

describe("cluster policy", () => {
  test("writes its rules sorted, so that the text is always the same", () => {
    const { only } = synth((stack) => {
      const policy = new ClusterPolicy(stack, "p", {
        name: "small",
        definition: { num_workers: PolicyRule.range({ maxValue: 4 }), "custom_tags.team": PolicyRule.fixed("a") },
      });
      policy.permissions.allow("CAN_USE", Group.users);
      expect(defaultChild(policy)).toBe("databricks_cluster_policy");
    });
    expect(only("databricks_cluster_policy")).toEqual({
      name: "small",
      definition: '{"custom_tags.team":{"type":"fixed","value":"a"},"num_workers":{"type":"range","maxValue":4}}',
    });
  });
  test("of a family has overrides", () => {
    const { only } = synth(
      (stack) =>
        void new ClusterPolicy(stack, "p", {
          name: "jobs",
          policyFamilyId: "job-cluster",
          overrides: { num_workers: PolicyRule.fixed(2) },
        }),
    );
    expect(only("databricks_cluster_policy")).toMatchObject({
      policy_family_id: "job-cluster",
      policy_family_definition_overrides: expect.stringContaining("num_workers") as unknown,
    });
    expect(ClusterPolicy.fromId("p").renderId()).toBe("p");
  });
  test("rejects one that says nothing", () => {
    expect(codes((stack) => void new ClusterPolicy(stack, "p", { name: "p", definition: {} }))).toEqual(["EMPTY_POLICY"]);
  });
});
