import { load, type Construct } from "../core/bindings";
import { Element } from "../core/element";
import { errorAt } from "../core/errors";
import { SecretValue } from "../secrets/secret-value";
import type { IServicePrincipal } from "./principal";

export interface ServicePrincipalSecretProps {
  /** The service principal that the secret authenticates. */
  readonly servicePrincipal: IServicePrincipal;
  /** The lifetime in days, at most two years. Cannot be changed later. @default 730 */
  readonly lifetimeDays?: number;
  /** A new value creates a new secret. Set it to the time of the last rotation. */
  readonly timeRotating?: string;
}

/**
 * An OAuth secret of a service principal. Terraform's state contains the secret in clear text.
 *
 * @example
 * const login = new ServicePrincipalSecret(stack, "login", {
 *   servicePrincipal: ServicePrincipal.withApplicationId("8b4fb6c4-2d2a-4a0c-9c3e-5a1f0d6b7e11"),
 * });
 * secrets.addSecret("client-secret", login.value);
 * @see https://docs.databricks.com/aws/en/dev-tools/auth/oauth-m2m
 */
export class ServicePrincipalSecret extends Element {
  /** The secret, for a secret scope. */
  readonly value: SecretValue;

  /** @throws ConstructError BAD_LIFETIME unless the lifetime is 1 to 730 days */
  constructor(scope: Construct, id: string, props: ServicePrincipalSecretProps) {
    super(scope, id);
    const { servicePrincipal, lifetimeDays, timeRotating } = props;
    if (
      lifetimeDays !== undefined &&
      (!Number.isInteger(lifetimeDays) || lifetimeDays < 1 || lifetimeDays > 730)
    )
      throw errorAt(this, "BAD_LIFETIME", "invalid lifetime of a secret", {
        value: String(lifetimeDays),
        allowed: "1 to 730 whole days",
        fix: "set lifetimeDays within these limits",
      });
    const { ServicePrincipalSecret: SecretResource } = load("service-principal-secret");
    const resource = new SecretResource(this, "Resource", {
      servicePrincipalId: servicePrincipal.renderId(this),
      ...(lifetimeDays !== undefined && { lifetime: `${lifetimeDays * 86_400}s` }),
      timeRotating,
    });
    this.value = SecretValue.fromReference(
      `\${${resource.terraformResourceType}.${resource.friendlyUniqueId}.secret}`,
    );
  }
}
