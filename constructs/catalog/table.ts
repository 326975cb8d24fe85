import { defined } from "../../src/defined";
import { load, type Construct } from "../core/bindings";
import { Element } from "../core/element";
import { errorAt } from "../core/errors";
import type { ISqlWarehouse } from "../sql/sql-warehouse";
import type { ISchema } from "./schema";
import { TableGrants } from "./grants";
import { checkName, splitFullName } from "./securable-name";

export interface TableColumn {
  /** The name of the column. */
  readonly name: string;
  /**
   * The SQL type: `bigint`, `decimal(10,2)`, `array<string>`. Cannot be changed later.
   * @default - for a view, the type in its query
   */
  readonly type?: string;
  /** A description for users of the table. @default - none */
  readonly comment?: string;
  /** Whether the column accepts NULL. @default true */
  readonly nullable?: boolean;
  /**
   * Makes the platform generate the value: always, or only for rows without a value. Cannot be
   * changed later.
   */
  readonly identity?: "always" | "default";
}

interface CommonProps {
  /** The schema that contains the table or view. Cannot be changed later. */
  readonly schema: ISchema;
  /** The name, without catalog and schema. */
  readonly name: string;
  /** The warehouse that runs the statements to create and change the table. */
  readonly warehouse: ISqlWarehouse;
  /** A description for users of the table or view. @default - none */
  readonly comment?: string;
  /**
   * The owner: the name of a user or group, or the application id of a service principal.
   * @default - the deploying identity
   */
  readonly owner?: string;
  /** Table properties, such as `delta.appendOnly`. */
  readonly properties?: Readonly<Record<string, string>>;
}

export interface TableProps extends CommonProps {
  /** The columns, at least one. */
  readonly columns: readonly TableColumn[];
  /** The file format of the table. Cannot be changed later. @default DELTA */
  readonly dataSourceFormat?: string;
  /** The columns of liquid clustering. @default - none */
  readonly clusterKeys?: readonly string[];
  /** The columns of partitioning. Cannot be changed later. @default - none */
  readonly partitions?: readonly string[];
  /**
   * Creates an external table at this location: `s3://…`.
   * @default - a managed table, in the storage of the schema
   */
  readonly storageLocation?: string;
  /**
   * The storage credential of the location. Cannot be changed later.
   * @default - the credential of the external location
   */
  readonly storageCredentialName?: string;
  /** Options of the format: `{ header: "true" }`. Cannot be changed later. */
  readonly options?: Readonly<Record<string, string>>;
}

export interface ViewProps extends CommonProps {
  /** The SELECT statement. */
  readonly definition: string;
  /** The names and comments of the columns. @default - the columns of the query */
  readonly columns?: readonly Pick<TableColumn, "name" | "comment">[];
}

/**
 * A table or a view, managed by this stack or elsewhere. Used for shares, monitors, vector search
 * indexes, online tables and `TableGrants.on`.
 */
export interface ITable {
  /** Distinguishes a table from other handles at compile time. */
  readonly kind: "table";
  /** Returns the full name, which is a Terraform reference for a table of this stack. */
  renderFullName(): string;
}

abstract class TableLike extends Element implements ITable {
  readonly kind = "table";
  /** The grants on the table. */
  readonly grants: TableGrants;
  readonly #id: string;

  protected constructor(
    scope: Construct,
    id: string,
    noun: string,
    { schema, warehouse, properties, ...rest }: CommonProps,
    fieldsOfType: object,
  ) {
    super(scope, id);
    checkName(this, noun, rest.name);
    const { SqlTable } = load("sql-table");
    this.#id = new SqlTable(this, "Resource", {
      tableType: "MANAGED",
      ...rest,
      ...fieldsOfType,
      catalogName: schema.renderCatalogName(),
      schemaName: schema.renderName(),
      warehouseId: warehouse.renderWarehouseId(),
      properties: properties && { ...properties },
    }).id;
    this.grants = new TableGrants(this, { table: this.#id });
  }

  /** `catalog.schema.table`, as a Terraform reference. */
  renderFullName(): string {
    return this.#id;
  }
}

/**
 * A table with its columns. A deploy does not change its rows.
 *
 * @example
 * const orders = new Table(stack, "orders", {
 *   schema: Schema.fromName("main.shop"),
 *   name: "orders",
 *   warehouse: SqlWarehouse.fromId("1a2b3c4d5e6f7a8b"),
 *   columns: [
 *     { name: "id", type: "bigint", nullable: false },
 *     { name: "price", type: "decimal(10,2)", comment: "in euros" },
 *   ],
 *   clusterKeys: ["id"],
 * });
 * @see https://docs.databricks.com/aws/en/tables/
 */
export class Table extends TableLike {
  /**
   * A table that is managed elsewhere, as `catalog.schema.table`.
   * @throws ConstructError BAD_NAME
   */
  static fromName(fullName: string): ITable {
    splitFullName(fullName, "catalog.schema.table");
    return { kind: "table", renderFullName: () => fullName };
  }

  /** @throws ConstructError BAD_NAME, TABLE_WITHOUT_COLUMNS */
  constructor(scope: Construct, id: string, props: TableProps) {
    const {
      columns,
      clusterKeys,
      partitions,
      options,
      dataSourceFormat,
      storageLocation,
      storageCredentialName,
      ...common
    } = props;
    super(scope, id, "table", common, {
      column: columns.map((column) => ({ ...column })),
      ...(clusterKeys && { clusterKeys: [...clusterKeys] }),
      ...(partitions && { partitions: [...partitions] }),
      ...(options && { options: { ...options } }),
      dataSourceFormat: dataSourceFormat ?? "DELTA",
      ...(storageLocation !== undefined && { tableType: "EXTERNAL", storageLocation }),
      ...defined({ storageCredentialName }),
    });
    if (columns.length === 0)
      throw errorAt(this, "TABLE_WITHOUT_COLUMNS", "a table needs at least one column", {
        value: props.name,
        fix: "add a column",
      });
  }
}

/**
 * A view: a query with a name.
 *
 * @example
 * new View(stack, "late", {
 *   schema: Schema.fromName("main.shop"),
 *   name: "late_orders",
 *   warehouse: SqlWarehouse.fromId("1a2b3c4d5e6f7a8b"),
 *   definition: "SELECT * FROM main.shop.orders WHERE minutes > 30",
 * });
 * @see https://docs.databricks.com/aws/en/views/
 */
export class View extends TableLike {
  /** @throws ConstructError BAD_NAME */
  constructor(scope: Construct, id: string, props: ViewProps) {
    const { columns, definition, ...common } = props;
    super(scope, id, "view", common, {
      tableType: "VIEW",
      viewDefinition: definition,
      ...defined({ column: columns?.map((column) => ({ ...column })) }),
    });
  }
}
