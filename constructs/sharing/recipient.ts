import { load, type Construct } from "../core/bindings";
import { Element } from "../core/element";
import type { SecretValue } from "../secrets/secret-value";
import { checkName, checkExistingName } from "../catalog/securable-name";

export interface RecipientProps {
  /** The name, which must be unique in the metastore. */
  readonly name: string;
  /**
   * How the recipient authenticates: with a token, or as another Databricks workspace. Cannot be
   * changed later.
   */
  readonly authenticationType: "TOKEN" | "DATABRICKS";
  /** A description of the recipient. @default - none */
  readonly comment?: string;
  /** The owner of the recipient. @default - the deploying identity */
  readonly owner?: string;
  /**
   * The id of the recipient's metastore, for the authentication type DATABRICKS:
   * `aws:eu-west-1:<uuid>`. Cannot be changed later.
   */
  readonly dataRecipientGlobalMetastoreId?: string;
  /**
   * The sharing code from the recipient, for the authentication type DATABRICKS. Cannot be changed
   * later.
   */
  readonly sharingCode?: SecretValue;
  /** The time at which the token expires, in milliseconds since 1970. @default - never */
  readonly expirationTime?: number;
  /** The addresses or CIDR ranges from which the token can be used. @default - all */
  readonly allowedIpAddresses?: readonly string[];
  /** Properties that partition filters of a share refer to with `recipientPropertyKey`. */
  readonly properties?: Readonly<Record<string, string>>;
}

/** A recipient of shares, managed by this stack or elsewhere. */
export interface IRecipient {
  /** Distinguishes a recipient from other handles at compile time. */
  readonly kind: "recipient";
  /** The name of the recipient. */
  readonly name: string;
  /** Returns the name, which is a Terraform reference for a recipient of this stack. */
  renderName(): string;
}

/**
 * An organization that receives shares through Delta Sharing.
 *
 * @example
 * const partner = new Recipient(stack, "partner", {
 *   name: "partner",
 *   authenticationType: "TOKEN",
 *   allowedIpAddresses: ["203.0.113.0/24"],
 * });
 * @see https://docs.databricks.com/aws/en/delta-sharing/create-recipient
 */
export class Recipient extends Element implements IRecipient {
  /** A recipient that is managed elsewhere. @throws ConstructError BAD_NAME */
  static fromName(name: string): IRecipient {
    checkExistingName("recipient", name);
    return { kind: "recipient", name, renderName: () => name };
  }

  readonly kind = "recipient";
  readonly name: string;
  readonly #name: string;

  /** @throws ConstructError BAD_NAME */
  constructor(scope: Construct, id: string, props: RecipientProps) {
    super(scope, id);
    checkName(this, "recipient", props.name);
    const { sharingCode, allowedIpAddresses, properties, ...rest } = props;
    const { Recipient: RecipientResource } = load("recipient");
    this.name = props.name;
    this.#name = new RecipientResource(this, "Resource", {
      ...rest,
      sharingCode: sharingCode?.render(this),
      ipAccessList: allowedIpAddresses && { allowedIpAddresses: [...allowedIpAddresses] },
      propertiesKvpairs: properties && { properties: { ...properties } },
    }).name;
  }

  renderName(): string {
    return this.#name;
  }
}
