import { load, type Construct } from "../core/bindings";
import { Element } from "../core/element";
import { checkOneOf } from "../core/one-of";
import type { SecretValue } from "../secrets/secret-value";
import { StorageCredentialGrants } from "./grants";
import { checkName, checkExistingName } from "./securable-name";

/** A cloud identity. Set exactly one property. */
export interface CloudIdentity {
  /** An IAM role on AWS. */
  readonly awsIamRole?: {
    /** The ARN of the role. */
    readonly roleArn: string;
  };
  /** An Azure managed identity of an access connector. */
  readonly azureManagedIdentity?: {
    /** The resource id of the access connector. */
    readonly accessConnectorId: string;
    /** The resource id of a user-assigned identity. @default - the connector's own identity */
    readonly managedIdentityId?: string;
  };
  /** A Microsoft Entra ID application with its client secret. */
  readonly azureServicePrincipal?: {
    /** The id of the tenant. */
    readonly directoryId: string;
    /** The id of the application. */
    readonly applicationId: string;
    /** The client secret of the application. */
    readonly clientSecret: SecretValue;
  };
  /** Use a service account that the platform creates. */
  readonly databricksGcpServiceAccount?: true;
}

/** The settings that storage credentials and service credentials have in common. */
export interface CredentialSettings {
  /** The name, which must be unique in the metastore. */
  readonly name: string;
  /** A description for users of the credential. @default - none */
  readonly comment?: string;
  /**
   * The owner: the name of a user or group, or the application id of a service principal.
   * @default - the deploying identity
   */
  readonly owner?: string;
  /** Whether the credential allows reading only. @default false */
  readonly readOnly?: boolean;
  /**
   * With ISOLATED, only workspaces that are bound to the object can use it.
   * @default ISOLATION_MODE_OPEN
   */
  readonly isolationMode?: "ISOLATION_MODE_OPEN" | "ISOLATION_MODE_ISOLATED";
  /** Skip the check that the cloud accepts the identity. @default false */
  readonly skipValidation?: boolean;
  /** Delete the object even if other objects use it. @default false */
  readonly forceDestroy?: boolean;
  /** Change the object even if other objects use it. @default false */
  readonly forceUpdate?: boolean;
}

export interface StorageCredentialProps extends CredentialSettings, CloudIdentity {
  /** The key of a Google Cloud service account. */
  readonly gcpServiceAccountKey?: {
    /** The e-mail address of the service account. */
    readonly email: string;
    /** The id of the key. */
    readonly privateKeyId: string;
    /** The private key. */
    readonly privateKey: SecretValue;
  };
  /** An API token for Cloudflare R2. */
  readonly cloudflareApiToken?: {
    /** The id of the Cloudflare account. */
    readonly accountId: string;
    /** The id of the access key. */
    readonly accessKeyId: string;
    /** The secret access key. */
    readonly secretAccessKey: SecretValue;
  };
}

/**
 * A storage credential, managed by this stack or elsewhere. Used for external locations, workspace
 * bindings and `StorageCredentialGrants.on`.
 */
export interface IStorageCredential {
  /** Distinguishes a storage credential from other handles at compile time. */
  readonly kind: "storage credential";
  /** The name of the storage credential. */
  readonly name: string;
  /** Returns the name, which is a Terraform reference for a storage credential of this stack. */
  renderName(): string;
}

/**
 * The identity with which Unity Catalog accesses cloud storage.
 *
 * @example
 * const credential = new StorageCredential(stack, "lake", {
 *   name: "lake",
 *   awsIamRole: { roleArn: "arn:aws:iam::123456789012:role/lake" },
 * });
 * credential.grants.give(Group.named("platform"), "CREATE_EXTERNAL_LOCATION");
 * @see https://docs.databricks.com/aws/en/connect/unity-catalog/cloud-storage/storage-credentials
 */
export class StorageCredential extends Element implements IStorageCredential {
  /** A credential that is managed elsewhere. @throws ConstructError BAD_NAME */
  static fromName(name: string): IStorageCredential {
    checkExistingName("storage credential", name);
    return { kind: "storage credential", name, renderName: () => name };
  }

  readonly kind = "storage credential";
  readonly name: string;
  /** The grants on the storage credential. */
  readonly grants: StorageCredentialGrants;
  readonly #name: string;

  /** @throws ConstructError BAD_NAME, ONE_OF unless there is exactly one identity */
  constructor(scope: Construct, id: string, props: StorageCredentialProps) {
    super(scope, id);
    checkName(this, "storage credential", props.name);
    const {
      azureServicePrincipal,
      databricksGcpServiceAccount,
      gcpServiceAccountKey,
      cloudflareApiToken,
      ...rest
    } = props;
    const { awsIamRole, azureManagedIdentity } = props;
    checkOneOf(this, "a storage credential", {
      awsIamRole,
      azureManagedIdentity,
      azureServicePrincipal,
      databricksGcpServiceAccount,
      gcpServiceAccountKey,
      cloudflareApiToken,
    });
    const { StorageCredential: StorageCredentialResource } = load("storage-credential");
    const resource = new StorageCredentialResource(this, "Resource", {
      ...rest,
      azureServicePrincipal: azureServicePrincipal && {
        ...azureServicePrincipal,
        clientSecret: azureServicePrincipal.clientSecret.render(this),
      },
      databricksGcpServiceAccount: databricksGcpServiceAccount && {},
      gcpServiceAccountKey: gcpServiceAccountKey && {
        ...gcpServiceAccountKey,
        privateKey: gcpServiceAccountKey.privateKey.render(this),
      },
      cloudflareApiToken: cloudflareApiToken && {
        ...cloudflareApiToken,
        secretAccessKey: cloudflareApiToken.secretAccessKey.render(this),
      },
    });
    this.name = props.name;
    this.#name = resource.name;
    this.grants = new StorageCredentialGrants(this, { storageCredential: resource.name });
  }

  renderName(): string {
    return this.#name;
  }
}
