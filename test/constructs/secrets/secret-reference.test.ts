import { SecretScope } from "../../../constructs";

describe("secret reference", () => {
  test("renders in the format that cluster settings accept", () => {
    expect(String(SecretScope.fromScopeName("s").reference("k"))).toBe("{{secrets/s/k}}");
  });
  test("rejects an invalid key", () => {
    expect(() => SecretScope.fromScopeName("s").reference("a/b")).toThrow("invalid character");
  });
});
