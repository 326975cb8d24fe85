import { Group, Secret, SecretScope, SecretValue, User } from "../../../constructs";
import { codes, defaultChild, synth } from "../support";

describe("secret scope", () => {
  test("has secrets and an access list", () => {
    const { resourceOf, resourcesOf } = synth((stack) => {
      const scope = new SecretScope(stack, "s", { name: "etl", initialManagePrincipal: "users" });
      scope.addSecret("key", SecretValue.fromEnvironment("KEY"));
      scope.grants.read(Group.users);
      scope.grants.write(User.named("a@b"));
      scope.grants.manage(User.named("c@d"));
      expect([defaultChild(scope), String(scope.reference("key"))]).toEqual([
        "databricks_secret_scope",
        "{{secrets/etl/key}}",
      ]);
    });
    expect(resourceOf("databricks_secret_scope")).toEqual({
      name: "etl",
      initial_manage_principal: "users",
    });
    expect(
      resourcesOf("databricks_secret_acl")
        .map((acl) => `${String(acl.principal)} ${String(acl.permission)}`)
        .sort(),
    ).toEqual(["a@b WRITE", "c@d MANAGE", "users READ"]);
  });
  test("has the address of its Azure Key Vault", () => {
    const { resourceOf } = synth(
      (stack) =>
        new SecretScope(stack, "s", {
          name: "kv",
          keyVault: { resourceId: "/subscriptions/1", dnsName: "https://kv.vault.azure.net/" },
        }),
    );
    expect(resourceOf("databricks_secret_scope").keyvault_metadata).toEqual({
      resource_id: "/subscriptions/1",
      dns_name: "https://kv.vault.azure.net/",
    });
  });
  test("accepts secrets if it exists already", () => {
    const { resourceOf } = synth(
      (stack) =>
        new Secret(stack, "x", {
          scope: SecretScope.fromScopeName("theirs"),
          key: "k",
          value: SecretValue.fromEnvironment("K"),
        }),
    );
    expect(resourceOf("databricks_secret")).toEqual({
      scope: "theirs",
      key: "k",
      string_value: "${var.K}",
    });
    expect(String(SecretScope.fromScopeName("theirs").reference("k"))).toBe("{{secrets/theirs/k}}");
  });
  test("rejects invalid names, and two levels for one principal", () => {
    expect(codes((stack) => new SecretScope(stack, "s", { name: "a b" }))).toEqual(["BAD_NAME"]);
    expect(() => SecretScope.fromScopeName("")).toThrow("is empty");
    expect(
      codes((stack) => {
        const { grants } = new SecretScope(stack, "s", { name: "s" });
        grants.read(Group.users);
        grants.manage(Group.users);
      }),
    ).toEqual(["TWO_LEVELS"]);
  });
});
