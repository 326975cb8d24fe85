import { load, type Construct } from "../core/bindings";
import { Element } from "../core/element";
import { renderFieldsOfNewerBindings } from "../core/newer-bindings";
import type { SecretValue } from "../secrets/secret-value";
import { ConnectionGrants } from "./grants";
import { checkName, checkExistingName } from "./securable-name";

export type ConnectionType =
  | "AWS_SECRETS_MANAGER"
  | "AZURE_KEY_VAULT"
  | "BIGQUERY"
  | "CONFLUENCE"
  | "DATABRICKS"
  | "DYNAMICS365"
  | "GA4_RAW_DATA"
  | "GITHUB"
  | "GLUE"
  | "HIVE_METASTORE"
  | "HTTP"
  | "HUBSPOT"
  | "JDBC"
  | "META_MARKETING"
  | "MYSQL"
  | "NETSUITE"
  | "ORACLE"
  | "OUTLOOK"
  | "POSTGRESQL"
  | "POWER_BI"
  | "REDSHIFT"
  | "SALESFORCE"
  | "SALESFORCE_DATA_CLOUD"
  | "SERVICENOW"
  | "SMARTSHEET"
  | "SNOWFLAKE"
  | "SQLDW"
  | "SQLSERVER"
  | "TERADATA"
  | "TIKTOK_ADS"
  | "UNKNOWN_CONNECTION_TYPE"
  | "WORKDAY_RAAS"
  | "ZENDESK";

export interface ConnectionProps {
  /** The name, which must be unique in the metastore. */
  readonly name: string;
  /** The type of the system that the connection leads to. Cannot be changed later. */
  readonly connectionType: ConnectionType;
  /**
   * The options of the connection: `host`, `port`, `user`, `password`, …. See the platform's page
   * of the connection type. Pass passwords and keys as a {@link SecretValue}.
   */
  readonly options: Readonly<Record<string, string | SecretValue>>;
  /** A comment. Cannot be changed later. */
  readonly comment?: string;
  /** Additional properties. Cannot be changed later. */
  readonly properties?: Readonly<Record<string, string>>;
  /**
   * The owner: the name of a user or group, or the application id of a service principal.
   * @default - the deploying identity
   */
  readonly owner?: string;
  /**
   * Whether the connection allows reading only. Cannot be changed later.
   * @default - depends on the type
   */
  readonly readOnly?: boolean;
  /**
   * The environment in which the driver of a connection of type "JDBC" runs. Requires cdktn.
   * @default - the platform's
   */
  readonly environmentSettings?: {
    /** The version of the serverless environment. @default - the platform's */
    readonly environmentVersion?: string;
    /** The JARs of the driver. @default - none */
    readonly javaDependencies?: readonly string[];
  };
}

/**
 * A connection, managed by this stack or elsewhere. Used for `ConnectionGrants.on`; a catalog takes
 * the name of its connection (`renderName()`).
 */
export interface IConnection {
  /** Distinguishes a connection from other handles at compile time. */
  readonly kind: "connection";
  /** The name of the connection. */
  readonly name: string;
  /** Returns the name, which is a Terraform reference for a connection of this stack. */
  renderName(): string;
}

/**
 * A connection to another system, such as a database for foreign catalogs.
 *
 * @example
 * const sales = new Connection(stack, "sales", {
 *   name: "sales",
 *   connectionType: "POSTGRESQL",
 *   options: {
 *     host: "db.example.com",
 *     port: "5432",
 *     user: "reader",
 *     password: SecretValue.fromEnvironment("SALES_PASSWORD"),
 *   },
 * });
 * new Catalog(stack, "mirror", {
 *   name: "sales",
 *   connection: { name: sales.renderName(), options: { database: "sales" } },
 * });
 * sales.grants.use(Group.named("analysts"));
 * @see https://docs.databricks.com/aws/en/query-federation/
 */
export class Connection extends Element implements IConnection {
  /** A connection that is managed elsewhere. @throws ConstructError BAD_NAME */
  static fromName(name: string): IConnection {
    checkExistingName("connection", name);
    return { kind: "connection", name, renderName: () => name };
  }

  readonly kind = "connection";
  readonly name: string;
  /** The grants on the connection. */
  readonly grants: ConnectionGrants;
  readonly #name: string;

  /** @throws ConstructError BAD_NAME */
  constructor(scope: Construct, id: string, props: ConnectionProps) {
    super(scope, id);
    checkName(this, "connection", props.name);
    const { options, properties, environmentSettings, ...rest } = props;
    const renderedOptions = Object.entries(options).map(
      ([key, value]) => [key, typeof value === "string" ? value : value.render(this)] as const,
    );
    const { Connection: ConnectionResource } = load("connection");
    const resource = new ConnectionResource(this, "Resource", {
      ...rest,
      options: Object.fromEntries(renderedOptions),
      properties: properties && { ...properties },
      ...renderFieldsOfNewerBindings(this, { environmentSettings }),
    });
    this.name = props.name;
    this.#name = resource.name;
    this.grants = new ConnectionGrants(this, { foreignConnection: resource.name });
  }

  renderName(): string {
    return this.#name;
  }
}
