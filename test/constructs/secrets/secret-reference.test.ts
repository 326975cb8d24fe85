import { SecretScope } from "../../../constructs";

describe("secret reference", () => {
  test("is accepted by a cluster's settings", () => {
    expect(String(SecretScope.fromScopeName("s").reference("k"))).toBe("{{secrets/s/k}}");
  });
  test("rejects a bad key", () => {
    expect(() => SecretScope.fromScopeName("s").reference("a/b")).toThrow("invalid character");
  });
});
