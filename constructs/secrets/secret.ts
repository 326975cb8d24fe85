import { SecretResource, type Construct } from "../core/bindings";
import { Element } from "../core/element";
import { errorAt } from "../core/errors";
import { nameProblem, nameRules } from "../core/names";
import { SecretReference, type ISecretScope } from "./secret-reference";
import type { SecretValue } from "./secret-value";

export interface SecretProps {
  readonly scope: ISecretScope;
  /** Up to 128 letters, digits, -, _, @ and . */
  readonly key: string;
  /** From the environment or another resource: never a literal. */
  readonly value: SecretValue;
}

/**
 * One secret. Its value is in Terraform's state in clear text, with any provider: restrict who can
 * read the state.
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
  readonly key: string;
  /** `{{secrets/scope/key}}` for Spark configuration and environment variables of clusters. */
  readonly reference: SecretReference;

  constructor(scope: Construct, id: string, props: SecretProps) {
    super(scope, id);
    const wrong = nameProblem(nameRules.secretKey, props.key);
    if (wrong !== undefined) {
      throw errorAt(this, "BAD_NAME", `the key of the secret ${wrong}`, {
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
