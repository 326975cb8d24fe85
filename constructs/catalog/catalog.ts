import { CatalogResource, type Construct } from "../core/bindings";
import { Element } from "../core/element";
import { ConstructError, errorAt } from "../core/errors";
import { nameProblem, nameRules } from "../core/names";
import { newer } from "../core/newer";
import { callerPosition } from "../core/source";
import { CatalogGrants } from "./grants";

export interface CatalogProps {
  readonly name: string;
  readonly comment?: string;
  readonly owner?: string;
  readonly properties?: Readonly<Record<string, string>>;
  /** Storage of managed tables. Cannot be changed later. @default - the metastore's storage */
  readonly storageRoot?: string;
  /** ISOLATED: only for workspaces that are bound to it. @default OPEN */
  readonly isolationMode?: "OPEN" | "ISOLATED";
  readonly enablePredictiveOptimization?: "INHERIT" | "ENABLE" | "DISABLE";
  /** On destroy, also remove the content. @default false */
  readonly forceDestroy?: boolean;
  /** A catalog over another system's database: the name of the connection, with its options. */
  readonly connection?: {
    readonly name: string;
    readonly options: Readonly<Record<string, string>>;
  };
  /** How long deleted data can be restored. With cdktn only. @default - the platform's */
  readonly customMaxRetentionHours?: number;
  /** Customer-managed keys for managed storage. With cdktn only. @default - the platform's keys */
  readonly managedEncryptionSettings?: {
    readonly customerManagedKeyId?: string;
    readonly azureKeyVaultKeyId?: string;
    readonly azureEncryptionSettings?: {
      readonly azureTenantId: string;
      readonly azureCmkAccessConnectorId?: string;
      readonly azureCmkManagedIdentityId?: string;
    };
  };
}

/** A catalog, of this stack or an existing one: for schemas and `CatalogGrants.on`. */
export interface ICatalog {
  readonly kind: "catalog";
  readonly name: string;
  renderName(): string;
}

/**
 * A catalog of Unity Catalog.
 *
 * @example
 * const catalog = new Catalog(stack, "catalog", {
 *   name: "analytics",
 *   comment: "what reports read",
 * });
 * catalog.grants.read(Group.named("analysts"));
 * @see https://docs.databricks.com/aws/en/catalogs/
 */
export class Catalog extends Element implements ICatalog {
  /** A catalog that is managed elsewhere. @throws ConstructError BAD_NAME */
  static fromName(name: string): ICatalog {
    const wrong = nameProblem(nameRules.catalogObject, name);
    if (wrong !== undefined) {
      throw new ConstructError("BAD_NAME", `the name of the catalog ${wrong}`, {
        path: callerPosition(),
        value: name,
        allowed: nameRules.catalogObject.allowed,
      });
    }
    return { kind: "catalog", name, renderName: () => name };
  }

  readonly kind = "catalog";
  readonly name: string;
  readonly grants: CatalogGrants;
  readonly #resource: CatalogResource;

  constructor(scope: Construct, id: string, props: CatalogProps) {
    super(scope, id);
    const wrong = nameProblem(nameRules.catalogObject, props.name);
    if (wrong !== undefined)
      throw errorAt(this, "BAD_NAME", `the name of the catalog ${wrong}`, {
        value: props.name,
        allowed: nameRules.catalogObject.allowed,
      });
    const { connection, properties, customMaxRetentionHours, managedEncryptionSettings, ...rest } =
      props;
    this.name = props.name;
    this.#resource = new CatalogResource(this, "Resource", {
      ...rest,
      properties: properties && { ...properties },
      connectionName: connection?.name,
      options: connection && { ...connection.options },
      ...newer(this, { customMaxRetentionHours, managedEncryptionSettings }),
    });
    this.grants = new CatalogGrants(this, { catalog: this.#resource.name });
  }

  renderName(): string {
    return this.#resource.name;
  }
}
