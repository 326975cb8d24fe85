import { SecretResource, type Construct } from "../core/bindings";
import { Element } from "../core/element";
import { errorAt } from "../core/errors";
import { nameProblem, nameRules } from "../core/names";
import { SecretReference, type ISecretScope } from "./secret-reference";
import type { SecretValue } from "./secret-value";

export interface SecretProps {
  /** The scope that contains the secret. */
  readonly scope: ISecretScope;
  /** The key: up to 128 letters, digits, -, _, @ and . */
  readonly key: string;
  /** The value, from the environment or from another resource. It cannot be a literal. */
  readonly value: SecretValue;
}

/**
 * One secret. With any provider, Terraform's state contains its value in clear text: restrict who
 * can read the state.
 *
 * @example
 * new Secret(stack, "api-key", {
 *   scope: secrets,
 *   key: "api-key",
 *   value: SecretValue.fromEnvironment("DAILY_ETL_API_KEY"),
 * });
 * @see https://docs.databricks.com/aws/en/security/secrets/
 */
export class Secret extends Element {
  /** The key of the secret in its scope. */
  readonly key: string;
  /**
   * The reference `{{secrets/scope/key}}`, for the Spark configuration and environment variables of
   * clusters.
   */
  readonly reference: SecretReference;

  /** @throws ConstructError BAD_NAME */
  constructor(scope: Construct, id: string, props: SecretProps) {
    super(scope, id);
    const problem = nameProblem(nameRules.secretKey, props.key);
    if (problem !== undefined) {
      throw errorAt(this, "BAD_NAME", `the key of the secret ${problem}`, {
        value: props.key,
        allowed: nameRules.secretKey.allowed,
      });
    }
    this.key = props.key;
    this.reference = new SecretReference(props.scope.scopeName, props.key);
    new SecretResource(this, "Resource", {
      scope: props.scope.renderName(),
      key: props.key,
      stringValue: props.value.render(this),
    });
  }
}
