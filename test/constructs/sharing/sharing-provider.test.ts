import { SecretValue, SharingProvider } from "../../../constructs";
import { codes, defaultChild, synth } from "../support";

const recipientProfile = SecretValue.fromEnvironment("PROFILE");

describe("sharing provider", () => {
  test("takes the recipient profile from the environment", () => {
    const { resourceOf } = synth((stack) => {
      const weather = new SharingProvider(stack, "w", { name: "weather", recipientProfile });
      expect(defaultChild(weather)).toBe("databricks_provider");
    });
    expect(resourceOf("databricks_provider")).toEqual({
      name: "weather",
      authentication_type: "TOKEN",
      recipient_profile_str: expect.stringContaining("var.") as string,
    });
  });
  test("rejects a name with a dot", () => {
    expect(
      codes((stack) => new SharingProvider(stack, "w", { name: "a.b", recipientProfile })),
    ).toEqual(["BAD_NAME"]);
  });
});
