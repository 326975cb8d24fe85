import type { IUser } from "../access/principal";
import type { IDirectory } from "../artifacts/directory";
import { Permissions, type SqlObjectLevel } from "../access/permissions";
import { load, type Construct } from "../core/bindings";
import { Element } from "../core/element";
import { errorAt } from "../core/errors";
import { existingId } from "../core/names";
import { WorkspaceStack } from "../core/workspace-stack";
import type { IQuery } from "./query";

export interface AlertProps {
  readonly displayName: string;
  readonly query: IQuery;
  readonly condition: {
    /** The column of the first row that is compared. */
    readonly column: string;
    readonly op:
      | "GREATER_THAN"
      | "GREATER_THAN_OR_EQUAL"
      | "LESS_THAN"
      | "LESS_THAN_OR_EQUAL"
      | "EQUAL"
      | "NOT_EQUAL"
      | "IS_NULL";
    /** Required by all but IS_NULL. */
    readonly threshold?: string | number | boolean;
    /** For a result without rows. @default UNKNOWN */
    readonly emptyResultState?: "UNKNOWN" | "OK" | "TRIGGERED";
  };
  /** Seconds until a triggered alert notifies again. @default - once, until it is OK */
  readonly secondsToRetrigger?: number;
  /** Also notify when it is OK again. @default true */
  readonly notifyOnOk?: boolean;
  readonly customSubject?: string;
  readonly customBody?: string;
  /** Cannot be changed later. @default - the owner's home folder */
  readonly parentPath?: string | IDirectory;
  /** @default - the deploying identity */
  readonly owner?: IUser;
}

/** An alert, of this stack or an existing one: for `SqlTask.alert`. */
export interface IAlert {
  readonly kind: "alert";
  renderId(): string;
}

/**
 * A condition on the result of a query. A workflow checks it with `SqlTask.alert`, and names the
 * subscribers.
 *
 * @example
 * const late = new Alert(stack, "late", {
 *   displayName: "orders are late",
 *   query: Query.fromId("8b4fb6c4-2d2a-4a0c-9c3e-5a1f0d6b7e11"),
 *   condition: { column: "minutes", op: "GREATER_THAN", threshold: 30 },
 * });
 * workflow.addTask("check", {
 *   run: SqlTask.alert(late, { warehouse: SqlWarehouse.fromId("1234567890abcdef") }),
 * });
 * @see https://docs.databricks.com/aws/en/sql/user/alerts/
 */
export class Alert extends Element implements IAlert {
  /** An alert that is managed elsewhere, by its id. @throws ConstructError BAD_ID */
  static fromId(alertId: string): IAlert {
    const id = existingId("alert", alertId, "8b4fb6c4-2d2a-4a0c-9c3e-5a1f0d6b7e11");
    return { kind: "alert", renderId: () => id };
  }

  readonly kind = "alert";
  readonly #id: string;
  #permissions: Permissions<SqlObjectLevel> | undefined;

  /** @throws ConstructError BAD_ALERT_CONDITION */
  constructor(scope: Construct, id: string, props: AlertProps) {
    super(scope, id);
    const { displayName, query, condition, parentPath, owner, ...rest } = props;
    const { column, op, threshold, emptyResultState } = condition;
    if ((threshold === undefined) !== (op === "IS_NULL")) {
      throw errorAt(
        this,
        "BAD_ALERT_CONDITION",
        threshold === undefined
          ? "the condition has no threshold"
          : "the condition has a threshold",
        {
          value: op,
          allowed: "a threshold for every operator but IS_NULL",
          fix: threshold === undefined ? "set threshold" : "remove threshold",
        },
      );
    }
    const { Alert: AlertResource } = load("alert");
    const resource = new AlertResource(this, "Resource", {
      ...rest,
      displayName: WorkspaceStack.around(this).named(displayName),
      queryId: query.renderId(),
      condition: {
        op,
        operand: { column: { name: column } },
        threshold: threshold === undefined ? undefined : { value: renderThreshold(threshold) },
        emptyResultState,
      },
      parentPath: typeof parentPath === "string" ? parentPath : parentPath?.renderPath(),
      ownerUserName: owner?.renderName(),
    });
    this.#id = resource.id;
  }

  get permissions(): Permissions<SqlObjectLevel> {
    return (this.#permissions ??= Permissions.onAlert(this, "Permissions", this));
  }

  renderId(): string {
    return this.#id;
  }
}

function renderThreshold(value: string | number | boolean): {
  stringValue?: string;
  doubleValue?: number;
  boolValue?: boolean;
} {
  if (typeof value === "string") return { stringValue: value };
  return typeof value === "number" ? { doubleValue: value } : { boolValue: value };
}
