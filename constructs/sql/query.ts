import type { IUser } from "../access/principal";
import type { IDirectory } from "../artifacts/directory";
import { Permissions, type SqlObjectLevel } from "../access/permissions";
import { load, type Construct } from "../core/bindings";
import { Element } from "../core/element";
import { existingId } from "../core/names";
import { checkOneOf } from "../core/one-of";
import { WorkspaceStack } from "../core/workspace-stack";
import type { ISqlWarehouse } from "./sql-warehouse";

type Precision = "DAY_PRECISION" | "MINUTE_PRECISION" | "SECOND_PRECISION";

/**
 * How the selected values of a list are joined: `prefix` and `suffix` around each value,
 * `separator` between them.
 */
export interface MultiValuesOptions {
  /** The text before each value. @default - none */
  readonly prefix?: string;
  /** The text between two values. @default - a comma */
  readonly separator?: string;
  /** The text after each value. @default - none */
  readonly suffix?: string;
}

/** A parameter with its value. Set exactly one of the `…Value` properties. */
export interface QueryParameter {
  /** The name. The query refers to it as `:name`. */
  readonly name: string;
  /** The label that viewers see. @default - the name */
  readonly title?: string;
  /** A string value. */
  readonly textValue?: {
    /** The default value. */
    readonly value: string;
  };
  /** A number. */
  readonly numericValue?: {
    /** The default value. */
    readonly value: number;
  };
  /** A date. */
  readonly dateValue?: {
    /** A fixed date, in the format of `precision`. */
    readonly dateValue?: string;
    /** A date relative to now. */
    readonly dynamicDateValue?: "NOW" | "YESTERDAY";
    /** The precision of the dates. @default DAY_PRECISION */
    readonly precision?: Precision;
  };
  /** A range of dates. */
  readonly dateRangeValue?: {
    /** A fixed range, in the format of `precision`. */
    readonly dateRangeValue?: {
      /** The first date: `2024-01-01`. */
      readonly start: string;
      /** The last date: `2024-01-31`. */
      readonly end: string;
    };
    /** A range relative to today: `THIS_WEEK`, `LAST_30_DAYS`. */
    readonly dynamicDateRangeValue?: string;
    /** The precision of the dates. @default DAY_PRECISION */
    readonly precision?: Precision;
    /** The first day of the week, from 1 (Monday) to 7. */
    readonly startDayOfWeek?: number;
  };
  /** A value of a list, or several. */
  readonly enumValue?: {
    /** The values that can be chosen. */
    readonly enumOptions: readonly string[];
    /** The chosen values. */
    readonly values: readonly string[];
    /** How several chosen values are joined. @default - only one value can be chosen */
    readonly multiValuesOptions?: MultiValuesOptions;
  };
  /** The allowed values are the result of another query. */
  readonly queryBackedValue?: {
    /** The query whose result contains the allowed values. */
    readonly query: IQuery;
    /** The chosen values. */
    readonly values?: readonly string[];
    /** How several chosen values are joined. @default - only one value can be chosen */
    readonly multiValuesOptions?: MultiValuesOptions;
  };
}

export interface QueryProps {
  /** The name, without the environment's prefix. */
  readonly displayName: string;
  /** The warehouse that runs the query. */
  readonly warehouse: ISqlWarehouse;
  /** The SQL statement. Parameters are written as `:name`. */
  readonly queryText: string;
  /**
   * The folder that contains the query. Cannot be changed later.
   * @default - the owner's home folder
   */
  readonly parentPath?: string | IDirectory;
  /** A description of the query. @default - none */
  readonly description?: string;
  /** The owner of the query. @default - the deploying identity */
  readonly owner?: IUser;
  /** The identity whose permissions apply when a viewer runs the query. @default OWNER */
  readonly runAsMode?: "OWNER" | "VIEWER";
  /** Limit results to 1,000 rows. @default false */
  readonly applyAutoLimit?: boolean;
  /** The default catalog of the query. @default - the warehouse's */
  readonly catalog?: string;
  /** The default schema of the query. @default - the warehouse's */
  readonly schema?: string;
  /** The tags of the query. @default - none */
  readonly tags?: readonly string[];
  /** The parameters of the query. @default - none */
  readonly parameters?: readonly QueryParameter[];
}

/**
 * A saved query, managed by this stack or elsewhere. Used for alerts, `SqlTask.query`,
 * `Schedule.onlyIf`, parameters of other queries and `Permissions.onQuery`.
 */
export interface IQuery {
  /** Distinguishes a query from other handles at compile time. */
  readonly kind: "query";
  /** Returns the id, which is a Terraform reference for a query of this stack. */
  renderId(): string;
}

/**
 * A saved SQL query.
 *
 * @example
 * const orders = new Query(stack, "orders", {
 *   displayName: "orders of a day",
 *   warehouse: SqlWarehouse.fromId("1234567890abcdef"),
 *   queryText: "SELECT count(*) FROM main.sales.orders WHERE day = :day",
 *   parameters: [{ name: "day", dateValue: { dynamicDateValue: "YESTERDAY" } }],
 * });
 * @see https://docs.databricks.com/aws/en/sql/user/queries/
 */
export class Query extends Element implements IQuery {
  /** Refers to the query with this id, which is managed elsewhere. @throws ConstructError BAD_ID */
  static fromId(queryId: string): IQuery {
    const id = existingId("query", queryId, { example: "8b4fb6c4-2d2a-4a0c-9c3e-5a1f0d6b7e11" });
    return { kind: "query", renderId: () => id };
  }

  readonly kind = "query";
  readonly #id: string;
  #permissions: Permissions<SqlObjectLevel> | undefined;

  /** @throws ConstructError ONE_OF unless each parameter has exactly one value */
  constructor(scope: Construct, id: string, props: QueryProps) {
    super(scope, id);
    const { displayName, warehouse, parentPath, owner, tags, parameters, ...rest } = props;
    for (const { name, title: _title, ...values } of parameters ?? [])
      checkOneOf(this, `the parameter ${name}`, { ...noValue, ...values });
    const { Query: QueryResource } = load("query");
    const resource = new QueryResource(this, "Resource", {
      ...rest,
      displayName: WorkspaceStack.around(this).named(displayName),
      warehouseId: warehouse.renderWarehouseId(),
      parentPath: typeof parentPath === "string" ? parentPath : parentPath?.renderPath(),
      ownerUserName: owner?.renderName(),
      tags: tags && [...tags],
      parameter: parameters?.map(({ enumValue, queryBackedValue, ...parameter }) => ({
        ...parameter,
        enumValue: enumValue && {
          ...enumValue,
          enumOptions: enumValue.enumOptions.join("\n"),
          values: [...enumValue.values],
        },
        queryBackedValue: queryBackedValue && {
          queryId: queryBackedValue.query.renderId(),
          values: queryBackedValue.values && [...queryBackedValue.values],
          multiValuesOptions: queryBackedValue.multiValuesOptions,
        },
      })),
    });
    this.#id = resource.id;
  }

  /** The access list of the query. It replaces all other permissions on the object. */
  get permissions(): Permissions<SqlObjectLevel> {
    return (this.#permissions ??= Permissions.onQuery(this, "Permissions", this));
  }

  renderId(): string {
    return this.#id;
  }
}

/** Lists all kinds of values, because the error of {@link checkOneOf} shows them as allowed. */
const noValue: Readonly<Record<Exclude<keyof QueryParameter, "name" | "title">, undefined>> = {
  textValue: undefined,
  numericValue: undefined,
  dateValue: undefined,
  dateRangeValue: undefined,
  enumValue: undefined,
  queryBackedValue: undefined,
};
