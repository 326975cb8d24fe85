import { AccessToken, SecretScope } from "../../../constructs";
import { codes, defaultChild, synth } from "../support";

describe("access token", () => {
  test("has a lifetime in days, and its value can be a secret", () => {
    const { resourceOf } = synth((stack) => {
      const token = new AccessToken(stack, "token", { comment: "bi", lifetimeDays: 2 });
      new SecretScope(stack, "scope", { name: "s" }).addSecret("token", token.value);
      expect(defaultChild(token)).toBe("databricks_token");
    });
    expect(resourceOf("databricks_token")).toEqual({ comment: "bi", lifetime_seconds: 172_800 });
    expect(resourceOf("databricks_secret").string_value).toMatch(
      /^\$\{databricks_token\.\w+\.token_value\}$/,
    );
  });
  test.each([0, 0.5, 731])("rejects a lifetime of %d days", (lifetimeDays) => {
    expect(
      codes((stack) => new AccessToken(stack, "token", { comment: "bi", lifetimeDays })),
    ).toEqual(["BAD_LIFETIME"]);
  });
});
