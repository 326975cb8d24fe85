import { SecretScope, SecretValue } from "../../../constructs";
import { codes, defaultChild, synth } from "../support";

describe("secret", () => {
  test("contains a reference, never the value", () => {
    process.env.LAKEFORM_TEST_SECRET = "the value itself";
    const { resourceOf, json, metadata } = synth((stack) => {
      const secret = new SecretScope(stack, "s", { name: "s" }).addSecret(
        "k",
        SecretValue.fromEnvironment("LAKEFORM_TEST_SECRET"),
      );
      expect([defaultChild(secret), String(secret.reference)]).toEqual([
        "databricks_secret",
        "{{secrets/s/k}}",
      ]);
    });
    delete process.env.LAKEFORM_TEST_SECRET;
    expect(resourceOf("databricks_secret").string_value).toBe("${var.LAKEFORM_TEST_SECRET}");
    expect(json.variable).toMatchObject({
      LAKEFORM_TEST_SECRET: { sensitive: true, type: "string" },
    });
    expect(metadata.variables).toEqual({
      LAKEFORM_TEST_SECRET: { environment: "LAKEFORM_TEST_SECRET" },
    });
    expect(JSON.stringify(json)).not.toContain("the value itself");
  });
  test("rejects an invalid key", () => {
    expect(
      codes((stack) =>
        new SecretScope(stack, "s", { name: "s" }).addSecret(
          "a key",
          SecretValue.fromEnvironment("K"),
        ),
      ),
    ).toEqual(["BAD_NAME"]);
  });
});
