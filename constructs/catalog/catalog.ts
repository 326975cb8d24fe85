import { CatalogResource, type Construct } from "../core/bindings";
import { Element } from "../core/element";
import { renderFieldsOfNewerBindings } from "../core/newer-bindings";
import { CatalogGrants } from "./grants";
import { checkExistingName, checkName } from "./securable-name";

export interface CatalogProps {
  /** The name, which must be unique in the metastore. */
  readonly name: string;
  /** A description for users of the catalog. @default - none */
  readonly comment?: string;
  /**
   * The owner: the name of a user or group, or the application id of a service principal.
   * @default - the deploying identity
   */
  readonly owner?: string;
  /** Key-value pairs that describe the catalog. @default - none */
  readonly properties?: Readonly<Record<string, string>>;
  /**
   * The storage location of managed tables. Cannot be changed later.
   * @default - the metastore's storage
   */
  readonly storageRoot?: string;
  /** With ISOLATED, only workspaces that are bound to the catalog can use it. @default OPEN */
  readonly isolationMode?: "OPEN" | "ISOLATED";
  /** Whether the platform optimizes tables automatically. */
  readonly enablePredictiveOptimization?: "INHERIT" | "ENABLE" | "DISABLE";
  /** Delete the catalog's content, too, when the catalog is destroyed. @default false */
  readonly forceDestroy?: boolean;
  /** The connection to the system whose database a foreign catalog shows. */
  readonly connection?: {
    /** The name of the connection. */
    readonly name: string;
    /** What the catalog shows: `{ database: "sales" }`. */
    readonly options: Readonly<Record<string, string>>;
  };
  /**
   * The number of hours for which deleted data can be restored. Requires cdktn.
   * @default - the platform's
   */
  readonly customMaxRetentionHours?: number;
  /** Customer-managed keys of managed storage. Requires cdktn. @default - the platform's keys */
  readonly managedEncryptionSettings?: {
    /** The id of a key that is registered with Databricks. */
    readonly customerManagedKeyId?: string;
    /** The id of a key in Azure Key Vault. */
    readonly azureKeyVaultKeyId?: string;
    /** How Azure accesses the key: the tenant, and an access connector or a managed identity. */
    readonly azureEncryptionSettings?: {
      /** The id of the Azure tenant that contains the key. */
      readonly azureTenantId: string;
      /** The resource id of the access connector that reads the key. */
      readonly azureCmkAccessConnectorId?: string;
      /** The resource id of the managed identity that reads the key. */
      readonly azureCmkManagedIdentityId?: string;
    };
  };
}

/**
 * A catalog, managed by this stack or elsewhere. Used for schemas, pipelines, workspace bindings
 * and `CatalogGrants.on`.
 */
export interface ICatalog {
  /** Distinguishes a catalog from other handles at compile time. */
  readonly kind: "catalog";
  /** The name of the catalog. */
  readonly name: string;
  /** Returns the name, which is a Terraform reference for a catalog of this stack. */
  renderName(): string;
}

/**
 * A catalog of Unity Catalog.
 *
 * @example
 * const catalog = new Catalog(stack, "catalog", {
 *   name: "analytics",
 *   comment: "tables for reports",
 * });
 * catalog.grants.read(Group.named("analysts"));
 * @see https://docs.databricks.com/aws/en/catalogs/
 */
export class Catalog extends Element implements ICatalog {
  /** A catalog that is managed elsewhere. @throws ConstructError BAD_NAME */
  static fromName(name: string): ICatalog {
    checkExistingName("catalog", name);
    return { kind: "catalog", name, renderName: () => name };
  }

  readonly kind = "catalog";
  readonly name: string;
  /** The grants on the catalog. */
  readonly grants: CatalogGrants;
  readonly #resource: CatalogResource;

  /** @throws ConstructError BAD_NAME */
  constructor(scope: Construct, id: string, props: CatalogProps) {
    super(scope, id);
    checkName(this, "catalog", props.name);
    const { connection, properties, customMaxRetentionHours, managedEncryptionSettings, ...rest } =
      props;
    this.name = props.name;
    this.#resource = new CatalogResource(this, "Resource", {
      ...rest,
      properties: properties && { ...properties },
      connectionName: connection?.name,
      options: connection && { ...connection.options },
      ...renderFieldsOfNewerBindings(this, { customMaxRetentionHours, managedEncryptionSettings }),
    });
    this.grants = new CatalogGrants(this, { catalog: this.#resource.name });
  }

  renderName(): string {
    return this.#resource.name;
  }
}
