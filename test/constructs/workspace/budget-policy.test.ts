import { BudgetPolicy } from "../../../constructs";
import { codes, defaultChild, synth } from "../support";

describe("budget policy", () => {
  test("sorts its tags, and is referenced by its id", () => {
    const { resourceOf } = synth((stack) => {
      const budget = new BudgetPolicy(stack, "b", {
        policyName: "ml",
        customTags: { team: "ml", area: "eu" },
        bindingWorkspaceIds: [17],
      });
      expect(defaultChild(budget)).toBe("databricks_budget_policy");
      expect(budget.policyId).toMatch(/TOKEN/);
    });
    expect(resourceOf("databricks_budget_policy")).toEqual({
      policy_name: "ml",
      custom_tags: [
        { key: "area", value: "eu" },
        { key: "team", value: "ml" },
      ],
      binding_workspace_ids: [17],
    });
  });
  test("rejects reserved and invalid names, reserved tags, and too many tags", () => {
    const tags = (count: number): Record<string, string> =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`t${i}`, "x"]));
    const codesFor = (policyName: string, customTags: Record<string, string>): string[] =>
      codes((stack) => new BudgetPolicy(stack, "b", { policyName, customTags }));
    expect(codesFor("databricks:default-policy", {})).toEqual(["BAD_NAME"]);
    expect([codesFor("", {}), codesFor("予算", {})]).toEqual([["BAD_NAME"], ["BAD_NAME"]]);
    expect(codesFor("größe", {})).toEqual([]);
    expect(codesFor("ml", { "budget-policy-id": "1" })).toEqual(["RESERVED_TAG"]);
    expect([codesFor("ml", tags(20)), codesFor("ml", tags(21))]).toEqual([[], ["TOO_MANY_TAGS"]]);
  });
});
