import type { Construct } from "../core/bindings";
import { ConstructError } from "../core/errors";
import { nameProblem, nameRules } from "../core/names";
import { callerPosition } from "../core/caller-position";
import { WorkspaceStack } from "../core/workspace-stack";

/**
 * A value that never appears in the synth output, because it is a reference that Terraform
 * resolves. It cannot be created from a literal.
 */
export class SecretValue {
  /**
   * The value of an environment variable, which is read when Terraform runs and not when the app is
   * built. It becomes a sensitive Terraform variable of the same name, so plain Terraform needs it
   * as `TF_VAR_<name>`; `lakeform deploy` and `lakeform env` set it.
   * @throws ConstructError BAD_NAME
   *
   * @example
   * new Secret(stack, "api-key", {
   *   scope: secrets,
   *   key: "api-key",
   *   value: SecretValue.fromEnvironment("DAILY_ETL_API_KEY"),
   * });
   */
  static fromEnvironment(name: string): SecretValue {
    const problem = nameProblem(nameRules.environmentVariable, name);
    if (problem !== undefined) {
      throw new ConstructError("BAD_NAME", `the name of the environment variable ${problem}`, {
        path: callerPosition(),
        // The value is not shown: a secret passed here by mistake must not appear in a log.
        allowed: nameRules.environmentVariable.allowed,
        fix: "use the name of the variable, not its value",
      });
    }
    return new SecretValue(
      (construct) => WorkspaceStack.around(construct).variableFor(name).stringValue,
    );
  }

  /**
   * An attribute of another resource: a password from another provider, or the value of a token.
   * @param reference a token (`password.result`) or an expression (`${random_password.db.result}`)
   * @throws ConstructError SECRET_LITERAL for a literal
   */
  static fromReference(reference: string): SecretValue {
    if (!isExpression(reference)) {
      throw new ConstructError("SECRET_LITERAL", "a secret was given as a literal", {
        path: callerPosition(),
        allowed: "a reference to an attribute of another resource",
        fix: 'remove it from the code, revoke it, and use SecretValue.fromEnvironment("NAME")',
      });
    }
    return new SecretValue(() => reference);
  }

  readonly #resolve: (construct: Construct) => string;

  private constructor(resolve: (construct: Construct) => string) {
    this.#resolve = resolve;
  }

  /** Returns the Terraform reference for a resource in the construct's stack. */
  render(construct: Construct): string {
    return this.#resolve(construct);
  }

  /** Returns a fixed string, so that no part of a secret is printed by mistake. */
  toString(): string {
    return "<secret>";
  }

  toJSON(): string {
    return "<secret>";
  }
}

/** Whether a string is one expression. A token (`${TfToken[…]}`) has the same form. */
function isExpression(text: string): boolean {
  return /^\$\{[^{}]+\}$/.test(text.trim());
}
