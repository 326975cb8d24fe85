import { load, type Construct } from "../core/bindings";
import { Element } from "../core/element";
import { checkOneOf } from "../core/one-of";
import { CredentialGrants } from "./grants";
import { checkName, checkExistingName } from "./securable-name";
import type { CloudIdentity, CredentialSettings } from "./storage-credential";

export interface CredentialProps extends CredentialSettings, CloudIdentity {
  /**
   * SERVICE for calls to cloud services, STORAGE for a storage credential. Cannot be changed later.
   */
  readonly purpose: "SERVICE" | "STORAGE";
}

/**
 * A credential, managed by this stack or elsewhere. Used for workspace bindings and
 * `CredentialGrants.on`.
 */
export interface ICredential {
  /** Distinguishes a credential from other handles at compile time. */
  readonly kind: "credential";
  /** The name of the credential. */
  readonly name: string;
  /** Returns the name, which is a Terraform reference for a credential of this stack. */
  renderName(): string;
}

/**
 * The identity with which code calls cloud services, or Unity Catalog accesses cloud storage,
 * depending on `purpose`.
 *
 * @example
 * const queue = new Credential(stack, "queue", {
 *   name: "queue",
 *   purpose: "SERVICE",
 *   azureManagedIdentity: { accessConnectorId: "/subscriptions/…/accessConnectors/queue" },
 * });
 * queue.grants.use(Group.named("data-engineers"));
 * @see https://docs.databricks.com/aws/en/connect/unity-catalog/cloud-services/service-credentials
 */
export class Credential extends Element implements ICredential {
  /** A credential that is managed elsewhere. @throws ConstructError BAD_NAME */
  static fromName(name: string): ICredential {
    checkExistingName("credential", name);
    return { kind: "credential", name, renderName: () => name };
  }

  readonly kind = "credential";
  readonly name: string;
  /** The grants on the credential. */
  readonly grants: CredentialGrants;
  readonly #name: string;

  /** @throws ConstructError BAD_NAME, ONE_OF unless there is exactly one identity */
  constructor(scope: Construct, id: string, props: CredentialProps) {
    super(scope, id);
    checkName(this, "credential", props.name);
    const { azureServicePrincipal, databricksGcpServiceAccount, ...rest } = props;
    const { awsIamRole, azureManagedIdentity } = props;
    checkOneOf(this, "a credential", {
      awsIamRole,
      azureManagedIdentity,
      azureServicePrincipal,
      databricksGcpServiceAccount,
    });
    const { Credential: CredentialResource } = load("credential");
    const resource = new CredentialResource(this, "Resource", {
      ...rest,
      azureServicePrincipal: azureServicePrincipal && {
        ...azureServicePrincipal,
        clientSecret: azureServicePrincipal.clientSecret.render(this),
      },
      databricksGcpServiceAccount: databricksGcpServiceAccount && {},
    });
    this.name = props.name;
    this.#name = resource.name;
    this.grants = new CredentialGrants(this, { credential: resource.name });
  }

  renderName(): string {
    return this.#name;
  }
}
