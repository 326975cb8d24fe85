import { IpAccessList } from "../../../constructs";
import { codes, defaultChild, synth } from "../support";

describe("ip access list", () => {
  test("contains addresses and ranges", () => {
    const ipAddresses = ["203.0.113.7", "203.0.113.0/24"];
    const { resourceOf } = synth((stack) => {
      const list = new IpAccessList(stack, "l", {
        label: "office",
        listType: "BLOCK",
        ipAddresses,
        enabled: false,
      });
      expect(defaultChild(list)).toBe("databricks_ip_access_list");
    });
    expect(resourceOf("databricks_ip_access_list")).toEqual({
      label: "office",
      list_type: "BLOCK",
      ip_addresses: ipAddresses,
      enabled: false,
    });
  });
  test.each(["203.0.113", "203.0.113.0/33", "2001:db8::1", "1.2.3.4/8/8"])(
    "rejects %s",
    (address) => {
      expect(
        codes(
          (stack) =>
            new IpAccessList(stack, "l", { label: "l", listType: "ALLOW", ipAddresses: [address] }),
        ),
      ).toEqual(["BAD_IP_ADDRESS"]);
    },
  );
  test("rejects an empty list", () => {
    expect(
      codes(
        (stack) => new IpAccessList(stack, "l", { label: "l", listType: "ALLOW", ipAddresses: [] }),
      ),
    ).toEqual(["BAD_IP_ADDRESS"]);
  });
});
