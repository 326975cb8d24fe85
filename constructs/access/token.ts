import { TokenResource, type Construct } from "../core/bindings";
import { Element } from "../core/element";
import { errorAt } from "../core/errors";
import { SecretValue } from "../secrets/secret-value";

export interface TokenProps {
  /** A note on the purpose of the token. */
  readonly comment: string;
  /** The lifetime, from one day to two years. Tokens without an expiry are not supported. */
  readonly lifetimeDays: number;
}

/**
 * A personal access token of the deploying identity. Terraform's state contains the token in clear
 * text. Where possible, use a service principal with OAuth instead.
 *
 * @example
 * const token = new AccessToken(stack, "bi", { comment: "dashboard refresh", lifetimeDays: 90 });
 * secrets.addSecret("bi-token", token.value);
 * @see https://docs.databricks.com/aws/en/dev-tools/auth/pat
 */
export class AccessToken extends Element {
  /** The token, for a secret scope. */
  readonly value: SecretValue;

  /** @throws ConstructError BAD_LIFETIME unless the lifetime is 1 to 730 days */
  constructor(scope: Construct, id: string, props: TokenProps) {
    super(scope, id);
    if (
      !Number.isInteger(props.lifetimeDays) ||
      props.lifetimeDays < 1 ||
      props.lifetimeDays > 730
    ) {
      throw errorAt(this, "BAD_LIFETIME", "invalid token lifetime", {
        value: String(props.lifetimeDays),
        allowed: "1 to 730 whole days",
        fix: "set lifetimeDays within these limits",
      });
    }
    const resource = new TokenResource(this, "Resource", {
      comment: props.comment,
      lifetimeSeconds: props.lifetimeDays * 86_400,
    });
    this.value = SecretValue.fromReference(
      `\${${resource.terraformResourceType}.${resource.friendlyUniqueId}.token_value}`,
    );
  }
}
