import { SchemaResource, type Construct } from "../core/bindings";
import { Element } from "../core/element";
import type { ICatalog } from "./catalog";
import { SchemaGrants } from "./grants";
import { checkName, splitFullName } from "./securable-name";

export interface SchemaProps {
  /** The catalog that contains the schema. Cannot be changed later. */
  readonly catalog: ICatalog;
  /** The name, without the catalog. Cannot be changed later. */
  readonly name: string;
  /** A description for users of the schema. @default - none */
  readonly comment?: string;
  /**
   * The owner: the name of a user or group, or the application id of a service principal.
   * @default - the deploying identity
   */
  readonly owner?: string;
  /** Key-value pairs that describe the schema. @default - none */
  readonly properties?: Readonly<Record<string, string>>;
  /**
   * The storage location of managed tables. Cannot be changed later.
   * @default - the catalog's storage
   */
  readonly storageRoot?: string;
  /** Whether the platform optimizes tables automatically. */
  readonly enablePredictiveOptimization?: "INHERIT" | "ENABLE" | "DISABLE";
  /** Delete the schema's content, too, when the schema is destroyed. @default false */
  readonly forceDestroy?: boolean;
}

/**
 * A schema, managed by this stack or elsewhere. Used for volumes, tables, views, models, vector
 * search indexes, quality monitors and `SchemaGrants.on`.
 */
export interface ISchema {
  /** Distinguishes a schema from other handles at compile time. */
  readonly kind: "schema";
  /** The name of the schema. */
  readonly name: string;
  /** `catalog.schema` */
  readonly fullName: string;
  /** Returns the name, which is a Terraform reference for a schema of this stack. */
  renderName(): string;
  /** Returns the name of the catalog, which is a Terraform reference for a schema of this stack. */
  renderCatalogName(): string;
}

/**
 * A schema of a catalog.
 *
 * @example
 * const gold = new Schema(stack, "gold", { catalog: Catalog.fromName("main"), name: "gold" });
 * gold.grants.read(Group.named("analysts"));
 * @see https://docs.databricks.com/aws/en/schemas/
 */
export class Schema extends Element implements ISchema {
  /** A schema that is managed elsewhere, as `catalog.schema`. @throws ConstructError BAD_NAME */
  static fromName(fullName: string): ISchema {
    const [catalog = "", name = ""] = splitFullName(fullName, "catalog.schema");
    return {
      kind: "schema",
      name,
      fullName,
      renderName: () => name,
      renderCatalogName: () => catalog,
    };
  }

  readonly kind = "schema";
  readonly name: string;
  readonly fullName: string;
  /** The grants on the schema. */
  readonly grants: SchemaGrants;
  readonly #resource: SchemaResource;

  /** @throws ConstructError BAD_NAME */
  constructor(scope: Construct, id: string, props: SchemaProps) {
    super(scope, id);
    checkName(this, "schema", props.name);
    const { catalog, properties, ...rest } = props;
    this.name = props.name;
    this.fullName = `${catalog.name}.${props.name}`;
    this.#resource = new SchemaResource(this, "Resource", {
      ...rest,
      catalogName: catalog.renderName(),
      properties: properties && { ...properties },
    });
    this.grants = new SchemaGrants(this, { schema: this.#resource.id });
  }

  renderName(): string {
    return this.#resource.name;
  }

  renderCatalogName(): string {
    return this.#resource.catalogName;
  }
}
