import net from "node:net";
import { load, type Construct } from "../core/bindings";
import { Element } from "../core/element";
import { errorAt } from "../core/errors";
import { isReference } from "../core/names";

export interface IpAccessListProps {
  /** The name of the list. */
  readonly label: string;
  /** Whether the list allows or blocks the addresses. */
  readonly listType: "ALLOW" | "BLOCK";
  /** IPv4 addresses and CIDR ranges: `203.0.113.7`, `203.0.113.0/24`. */
  readonly ipAddresses: readonly string[];
  /** Whether the list applies. @default true */
  readonly enabled?: boolean;
}

/**
 * A list of addresses that may reach the workspace, or may not. The list has no effect until
 * `enableIpAccessLists` is `true` in the {@link WorkspaceConf}. The platform rejects a list that
 * locks out its caller.
 *
 * @example
 * new IpAccessList(stack, "office", {
 *   label: "office",
 *   listType: "ALLOW",
 *   ipAddresses: ["203.0.113.0/24"],
 * });
 * @see https://docs.databricks.com/aws/en/security/network/front-end/ip-access-list-workspace
 */
export class IpAccessList extends Element {
  /** @throws ConstructError BAD_IP_ADDRESS for anything but IPv4 addresses and ranges */
  constructor(scope: Construct, id: string, props: IpAccessListProps) {
    super(scope, id);
    const { ipAddresses } = props;
    const invalidAddress =
      ipAddresses.length === 0 ? "none" : ipAddresses.find((address) => !isAddress(address));
    if (invalidAddress !== undefined) {
      throw errorAt(this, "BAD_IP_ADDRESS", "not an IPv4 address or range", {
        value: invalidAddress,
        allowed: "203.0.113.7 or 203.0.113.0/24, at least one",
        fix: "use IPv4 addresses or CIDR ranges",
      });
    }
    const { IpAccessList: IpAccessListResource } = load("ip-access-list");
    new IpAccessListResource(this, "Resource", { ...props, ipAddresses: [...ipAddresses] });
  }
}

function isAddress(text: string): boolean {
  const [address = "", bits, ...extraParts] = text.split("/");
  return (
    isReference(text) ||
    (net.isIPv4(address) &&
      extraParts.length === 0 &&
      (bits === undefined || (/^\d{1,2}$/.test(bits) && Number(bits) <= 32)))
  );
}
