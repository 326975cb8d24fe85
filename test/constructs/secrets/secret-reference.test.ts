import { SecretScope } from "../../../constructs";

describe("secret reference", () => {
  test("is what a cluster's settings take", () => {
    expect(String(SecretScope.fromScopeName("s").reference("k"))).toBe("{{secrets/s/k}}");
  });
  test("rejects a bad key", () => {
    expect(() => SecretScope.fromScopeName("s").reference("a/b")).toThrow("invalid character");
  });
});
