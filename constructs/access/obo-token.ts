import { load, type Construct } from "../core/bindings";
import { Element } from "../core/element";
import { errorAt } from "../core/errors";
import { SecretValue } from "../secrets/secret-value";
import type { IServicePrincipal } from "./principal";

/** The properties of the token. None of them can be changed later. */
export interface OboTokenProps {
  /** The service principal that the token authenticates. */
  readonly servicePrincipal: IServicePrincipal;
  /** A note on the purpose of the token. @default - none */
  readonly comment?: string;
  /** The lifetime, from one day to two years. Tokens without an expiry are not supported. */
  readonly lifetimeDays: number;
}

/**
 * A personal access token of a service principal, created by the deploying identity on its behalf.
 * Terraform's state contains the token in clear text.
 *
 * @example
 * const token = new OboToken(stack, "ci", {
 *   servicePrincipal: ServicePrincipal.withApplicationId("8b4fb6c4-2d2a-4a0c-9c3e-5a1f0d6b7e11"),
 *   comment: "CI",
 *   lifetimeDays: 30,
 * });
 * secrets.addSecret("ci-token", token.value);
 * @see https://docs.databricks.com/aws/en/dev-tools/auth/pat
 */
export class OboToken extends Element {
  /** The token, for a secret scope. */
  readonly value: SecretValue;

  /** @throws ConstructError BAD_LIFETIME unless the lifetime is 1 to 730 days */
  constructor(
    scope: Construct,
    id: string,
    { servicePrincipal, lifetimeDays, comment }: OboTokenProps,
  ) {
    super(scope, id);
    if (!Number.isInteger(lifetimeDays) || lifetimeDays < 1 || lifetimeDays > 730)
      throw errorAt(this, "BAD_LIFETIME", "invalid token lifetime", {
        value: String(lifetimeDays),
        allowed: "1 to 730 whole days",
        fix: "set lifetimeDays within these limits",
      });
    const { OboToken: OboTokenResource } = load("obo-token");
    const resource = new OboTokenResource(this, "Resource", {
      applicationId: servicePrincipal.renderName(),
      comment,
      lifetimeSeconds: lifetimeDays * 86_400,
    });
    this.value = SecretValue.fromReference(
      `\${${resource.terraformResourceType}.${resource.friendlyUniqueId}.token_value}`,
    );
  }
}
