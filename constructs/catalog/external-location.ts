import { load, type Construct } from "../core/bindings";
import { Element } from "../core/element";
import { errorAt } from "../core/errors";
import { isReference } from "../core/names";
import { checkOneOf } from "../core/one-of";
import { ExternalLocationGrants } from "./grants";
import { checkName, checkExistingName } from "./securable-name";
import type { IStorageCredential } from "./storage-credential";

/**
 * The queue that receives file events. Set exactly one property. The platform creates the queue if
 * you set one of the `managed…` properties.
 */
export interface FileEventQueue {
  /** A queue in Azure Queue Storage, created by the platform. */
  readonly managedAqs?: {
    /** The resource group of the storage account. */
    readonly resourceGroup: string;
    /** The id of the Azure subscription. */
    readonly subscriptionId: string;
    /** The URL of the queue. @default - assigned by the platform */
    readonly queueUrl?: string;
  };
  /** A Google Pub/Sub subscription, created by the platform. */
  readonly managedPubsub?: {
    /** The name of the subscription. @default - created by the platform */
    readonly subscriptionName?: string;
  };
  /** An Amazon SQS queue, created by the platform. */
  readonly managedSqs?: {
    /** The URL of the queue. @default - assigned by the platform */
    readonly queueUrl?: string;
  };
  /** Your own queue in Azure Queue Storage. */
  readonly providedAqs?: {
    /** The URL of the queue. */
    readonly queueUrl: string;
    /** The resource group of the storage account. */
    readonly resourceGroup?: string;
    /** The id of the Azure subscription. */
    readonly subscriptionId?: string;
  };
  /** Your own Google Pub/Sub subscription. */
  readonly providedPubsub?: {
    /** The name of an existing subscription. */
    readonly subscriptionName: string;
  };
  /** Your own Amazon SQS queue. */
  readonly providedSqs?: {
    /** The URL of an existing queue. */
    readonly queueUrl: string;
  };
}

export interface ExternalLocationProps {
  /** The name, which must be unique in the metastore. */
  readonly name: string;
  /**
   * The URL: `s3://bucket/folder`, `abfss://container@account.dfs.core.windows.net/folder`,
   * `gs://bucket/folder` or `r2://bucket@account.r2.cloudflarestorage.com/folder`.
   */
  readonly url: string;
  /** The storage credential that accesses the location. */
  readonly credential: IStorageCredential;
  /** A description for users of the location. @default - none */
  readonly comment?: string;
  /**
   * The owner: the name of a user or group, or the application id of a service principal.
   * @default - the deploying identity
   */
  readonly owner?: string;
  /** Whether the location allows reading only. @default false */
  readonly readOnly?: boolean;
  /** Use the cluster's credentials if Unity Catalog's are not sufficient. @default false */
  readonly fallback?: boolean;
  /**
   * With ISOLATED, only workspaces that are bound to the object can use it.
   * @default ISOLATION_MODE_OPEN
   */
  readonly isolationMode?: "ISOLATION_MODE_OPEN" | "ISOLATION_MODE_ISOLATED";
  /** Use file events of the cloud to detect new files. */
  readonly enableFileEvents?: boolean;
  /** The queue that delivers the file events. */
  readonly fileEventQueue?: FileEventQueue;
  /** The server-side encryption of an S3 bucket. */
  readonly sseEncryptionDetails?: {
    /** The algorithm: with S3's own keys, or with a KMS key. */
    readonly algorithm: "AWS_SSE_S3" | "AWS_SSE_KMS";
    /** The ARN of the KMS key. Required for AWS_SSE_KMS. */
    readonly awsKmsKeyArn?: string;
  };
  /** Skip the check that the credential can access the location. @default false */
  readonly skipValidation?: boolean;
  /** Delete the object even if other objects use it. @default false */
  readonly forceDestroy?: boolean;
  /** Change the object even if other objects use it. @default false */
  readonly forceUpdate?: boolean;
}

/**
 * An external location, managed by this stack or elsewhere. Used for workspace bindings and
 * `ExternalLocationGrants.on`.
 */
export interface IExternalLocation {
  /** Distinguishes an external location from other handles at compile time. */
  readonly kind: "external location";
  /** The name of the external location. */
  readonly name: string;
  /** Returns the name, which is a Terraform reference for an external location of this stack. */
  renderName(): string;
}

/**
 * A path in cloud storage, with the credential to access it.
 *
 * @example
 * const lake = new ExternalLocation(stack, "lake", {
 *   name: "lake",
 *   url: "s3://acme-lake/raw",
 *   credential: StorageCredential.fromName("lake"),
 * });
 * lake.grants.read(Group.named("data-engineers"));
 * @see https://docs.databricks.com/aws/en/connect/unity-catalog/cloud-storage/external-locations
 */
export class ExternalLocation extends Element implements IExternalLocation {
  /** A location that is managed elsewhere. @throws ConstructError BAD_NAME */
  static fromName(name: string): IExternalLocation {
    checkExistingName("external location", name);
    return { kind: "external location", name, renderName: () => name };
  }

  readonly kind = "external location";
  readonly name: string;
  /**
   * The URL as a Terraform reference, without a trailing slash. For external volumes and tables.
   */
  readonly url: string;
  /** The grants on the external location. */
  readonly grants: ExternalLocationGrants;
  readonly #name: string;

  /**
   * @throws ConstructError BAD_NAME, BAD_URL, and ONE_OF unless the queue has exactly one property
   */
  constructor(scope: Construct, id: string, props: ExternalLocationProps) {
    super(scope, id);
    checkName(this, "external location", props.name);
    if (!/^(s3|abfss|gs|r2):\/\/./.test(props.url) && !isReference(props.url)) {
      throw errorAt(this, "BAD_URL", "not a cloud storage URL", {
        value: props.url,
        allowed: "s3://…, abfss://…, gs://…, r2://…",
        fix: "use the URL of a bucket or container",
      });
    }
    const { credential, fileEventQueue, sseEncryptionDetails, ...rest } = props;
    if (fileEventQueue !== undefined)
      checkOneOf(this, "a queue of file events", { ...noQueue, ...fileEventQueue });
    const { ExternalLocation: ExternalLocationResource } = load("external-location");
    const resource = new ExternalLocationResource(this, "Resource", {
      ...rest,
      credentialName: credential.renderName(),
      fileEventQueue,
      encryptionDetails: sseEncryptionDetails && { sseEncryptionDetails },
    });
    this.name = props.name;
    this.url = resource.url;
    this.#name = resource.name;
    this.grants = new ExternalLocationGrants(this, { externalLocation: resource.name });
  }

  renderName(): string {
    return this.#name;
  }
}

/** Lists all properties, because the error of {@link checkOneOf} shows them as allowed. */
const noQueue: Readonly<Record<keyof FileEventQueue, undefined>> = {
  managedAqs: undefined,
  managedPubsub: undefined,
  managedSqs: undefined,
  providedAqs: undefined,
  providedPubsub: undefined,
  providedSqs: undefined,
};
