import { SecretAclResource, SecretScopeResource, type Construct } from "../core/bindings";
import { adoptResource, Element } from "../core/element";
import { ConstructError, errorAt } from "../core/errors";
import { nameProblem, nameRules } from "../core/names";
import { callerPosition } from "../core/caller-position";
import { WorkspaceStack } from "../core/workspace-stack";
import { childId, keyOf, type Principal } from "../access/principal";
import { Secret } from "./secret";
import { SecretReference, type ISecretScope } from "./secret-reference";
import type { SecretValue } from "./secret-value";

export interface SecretScopeProps {
  /** The scope's name: up to 128 letters, digits, -, _, @, / and . */
  readonly name: string;
  /**
   * Grant MANAGE to all users; required on Databricks pricing tiers without access control.
   * @default - only the creator
   */
  readonly initialManagePrincipal?: "users";
  /**
   * Use an Azure Key Vault, whose secrets the workspace can only read.
   * @default - stored by Databricks
   */
  readonly keyVault?: {
    /** The resource id of the key vault. */
    readonly resourceId: string;
    /** The address of the key vault: `https://etl.vault.azure.net/`. */
    readonly dnsName: string;
  };
}

/**
 * A secret scope with its secrets and its access list.
 *
 * @example
 * const secrets = new SecretScope(stack, "secrets", { name: "daily-etl" });
 * secrets.addSecret("api-key", SecretValue.fromEnvironment("DAILY_ETL_API_KEY"));
 * secrets.grants.read(Group.named("data-engineers"));
 * @see https://docs.databricks.com/aws/en/security/secrets/
 */
export class SecretScope extends Element implements ISecretScope {
  /** A scope that is managed elsewhere. @throws ConstructError BAD_NAME */
  static fromScopeName(name: string): ISecretScope {
    const problem = nameProblem(nameRules.secretScope, name);
    if (problem !== undefined) {
      throw new ConstructError("BAD_NAME", `the name of the secret scope ${problem}`, {
        path: callerPosition(),
        value: name,
        allowed: nameRules.secretScope.allowed,
      });
    }
    return {
      scopeName: name,
      reference: (key) => new SecretReference(name, key),
      renderName: () => name,
    };
  }

  /** The scope's name. */
  readonly scopeName: string;
  /** The access list of the scope. */
  readonly grants: SecretScopeGrants;
  readonly #resource: SecretScopeResource;

  /** @throws ConstructError BAD_NAME */
  constructor(scope: Construct, id: string, props: SecretScopeProps) {
    super(scope, id);
    const problem = nameProblem(nameRules.secretScope, props.name);
    if (problem !== undefined) {
      throw errorAt(this, "BAD_NAME", `the name of the secret scope ${problem}`, {
        value: props.name,
        allowed: nameRules.secretScope.allowed,
      });
    }
    this.scopeName = props.name;
    this.#resource = new SecretScopeResource(this, "Resource", {
      name: props.name,
      initialManagePrincipal: props.initialManagePrincipal,
      keyvaultMetadata: props.keyVault,
    });
    this.grants = new SecretScopeGrants(this);
  }

  /** Adds a secret. The key is also the construct's id. @throws ConstructError BAD_NAME */
  addSecret(key: string, value: SecretValue): Secret {
    return new Secret(this, key, { scope: this, key, value });
  }

  /**
   * Keeps secrets of the scope that the code does not set, so that verify does not report them as
   * unmanaged.
   * @example
   * new SecretScope(stack, "etl-secrets", { name: "etl" }).keepSecrets("db-password");
   */
  keepSecrets(...keys: readonly string[]): this {
    for (const key of keys) {
      WorkspaceStack.around(this).addIgnore({
        path: `${this.scopeName}|||${key}`,
        kind: "databricks_secret",
        reason: `stored outside the code, as declared by ${this.node.path}`,
        expires: "9999-12-31",
      });
    }
    return this;
  }

  reference(key: string): SecretReference {
    return new SecretReference(this.scopeName, key);
  }

  renderName(): string {
    return this.#resource.name;
  }
}

type Permission = "READ" | "WRITE" | "MANAGE";

/**
 * The principals that may read, write and manage a scope's secrets. Each principal has one level,
 * because the last one would overwrite the others; a second one is the error TWO_LEVELS.
 */
export class SecretScopeGrants {
  readonly #scope: SecretScope;
  readonly #levels = new Map<string, Permission>();
  readonly #entries = new Map<string, SecretAclResource>();

  constructor(scope: SecretScope) {
    this.#scope = scope;
  }

  /** Lets principals read the secrets. */
  read(...principals: readonly Principal[]): void {
    this.#grant("READ", principals);
  }

  /** Lets principals read and write the secrets. */
  write(...principals: readonly Principal[]): void {
    this.#grant("WRITE", principals);
  }

  /** Lets principals read and write the secrets and change the access list. */
  manage(...principals: readonly Principal[]): void {
    this.#grant("MANAGE", principals);
  }

  /**
   * Adopts the access-list entries declared so far, which must already exist in the workspace. See
   * {@link Element.adopt}.
   * @param id the scope's name
   */
  adopt(id: string): this {
    for (const [principal, entry] of this.#entries) adoptResource(entry, `${id}|||${principal}`);
    return this;
  }

  #grant(permission: Permission, principals: readonly Principal[]): void {
    for (const principal of principals) {
      const currentLevel = this.#levels.get(keyOf(principal));
      if (currentLevel !== undefined) {
        throw errorAt(
          this.#scope,
          "TWO_LEVELS",
          `${principal.kind} ${principal.name} already has a level on this scope`,
          {
            value: `${currentLevel} and ${permission}`,
            fix: "give each principal one level: MANAGE includes WRITE, WRITE includes READ",
          },
        );
      }
      this.#levels.set(keyOf(principal), permission);
      const entry = new SecretAclResource(this.#scope, childId(this.#scope, "Acl", principal), {
        scope: this.#scope.renderName(),
        principal: principal.renderName(),
        permission,
      });
      this.#entries.set(principal.name, entry);
    }
  }
}
