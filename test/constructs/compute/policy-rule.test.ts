import { ruleProblem } from "../../../constructs/compute/policy-rule";
import { PolicyRule } from "../../../constructs";

describe("policy rule", () => {
  test.each([
    [PolicyRule.fixed(2), 2, 3],
    [PolicyRule.allowlist(["a"]), "a", "b"],
    [PolicyRule.blocklist(["a"]), "b", "a"],
    [PolicyRule.regex("a+"), "aa", "ab"],
    [PolicyRule.range({ minValue: 1, maxValue: 2 }), 2, 3],
  ])("%s allows %j and rejects %j", (rule, allowedValue, rejectedValue) => {
    expect(ruleProblem(rule.rendered, allowedValue)).toBeUndefined();
    expect(ruleProblem(rule.rendered, rejectedValue)).toMatch(/the policy/);
  });
  test("forbids a field, or leaves it unlimited", () => {
    expect(ruleProblem(PolicyRule.forbidden().rendered, 1)).toMatch(/forbids/);
    expect(ruleProblem(PolicyRule.unlimited({ defaultValue: 1 }).rendered, 1)).toBeUndefined();
  });
  test("rejects invalid rules", () => {
    expect(() => PolicyRule.allowlist([])).toThrow("empty");
    expect(() => PolicyRule.blocklist([])).toThrow("empty");
    expect(() => PolicyRule.allowlist(["a"], { defaultValue: "b" })).toThrow("not on the list");
    expect(() => PolicyRule.blocklist(["a"], { defaultValue: "a" })).toThrow("on the list");
    expect(() => PolicyRule.regex("(")).toThrow("regular expression");
    expect(() => PolicyRule.range({ minValue: 2, maxValue: 1 })).toThrow("range is empty");
    expect(() => PolicyRule.range({ maxValue: 1, defaultValue: 2 })).toThrow("out of the range");
  });
});
