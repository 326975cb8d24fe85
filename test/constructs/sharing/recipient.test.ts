import { Recipient, SecretValue } from "../../../constructs";
import { codes, defaultChild, synth } from "../support";

describe("recipient", () => {
  test("has addresses and properties in blocks, and a sharing code from the environment", () => {
    const { resourceOf } = synth((stack) => {
      const partner = new Recipient(stack, "p", {
        name: "partner",
        authenticationType: "DATABRICKS",
        sharingCode: SecretValue.fromEnvironment("CODE"),
        allowedIpAddresses: ["1.2.3.4"],
        properties: { country: "DE" },
      });
      expect([defaultChild(partner), Recipient.fromName("old").renderName()]).toEqual([
        "databricks_recipient",
        "old",
      ]);
    });
    expect(resourceOf("databricks_recipient")).toMatchObject({
      name: "partner",
      ip_access_list: { allowed_ip_addresses: ["1.2.3.4"] },
      properties_kvpairs: { properties: { country: "DE" } },
      sharing_code: expect.stringContaining("var.") as string,
    });
  });
  test("rejects a name with a space", () => {
    expect(
      codes((stack) => new Recipient(stack, "p", { name: "a b", authenticationType: "TOKEN" })),
    ).toEqual(["BAD_NAME"]);
    expect(() => Recipient.fromName("a b")).toThrow("recipient");
  });
});
