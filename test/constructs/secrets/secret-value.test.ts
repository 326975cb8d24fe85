import { SecretScope, SecretValue } from "../../../constructs";
import { synth } from "../support";

describe("secret value", () => {
  test("is printed as <secret>", () => {
    const value = SecretValue.fromEnvironment("NAME");
    expect([String(value), JSON.stringify({ value })]).toEqual([
      "<secret>",
      '{"value":"<secret>"}',
    ]);
  });
  test("is shared: two secrets from one environment variable use one Terraform variable", () => {
    const { json } = synth((stack) => {
      const scope = new SecretScope(stack, "s", { name: "s" });
      scope.addSecret("a", SecretValue.fromEnvironment("NAME"));
      scope.addSecret("b", SecretValue.fromEnvironment("NAME"));
    });
    expect(Object.keys(json.variable as object)).toEqual(["NAME"]);
  });
  test("rejects literals without showing them", () => {
    const messageOf = (make: () => unknown): string => {
      try {
        make();
      } catch (error) {
        return error instanceof Error && "format" in error
          ? (error as { format(): string }).format()
          : "";
      }
      return "accepted";
    };
    for (const text of [
      messageOf(() => SecretValue.fromReference("hunter22")),
      messageOf(() => SecretValue.fromEnvironment("hunter 22")),
    ]) {
      expect(text).toMatch(/^(SECRET_LITERAL|BAD_NAME)/);
      expect(text).not.toMatch(/hunter/);
    }
  });
});
