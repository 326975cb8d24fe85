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
  /** The name, without the environment's prefix. */
  readonly displayName: string;
  /** The query whose result is checked. */
  readonly query: IQuery;
  /** The condition that triggers the alert. */
  readonly condition: {
    /** The column whose value in the first row is compared. */
    readonly column: string;
    /** The comparison that triggers the alert. */
    readonly op:
      | "GREATER_THAN"
      | "GREATER_THAN_OR_EQUAL"
      | "LESS_THAN"
      | "LESS_THAN_OR_EQUAL"
      | "EQUAL"
      | "NOT_EQUAL"
      | "IS_NULL";
    /** The value to compare with. Required by all operators except IS_NULL. */
    readonly threshold?: string | number | boolean;
    /** The state for a result without rows. @default UNKNOWN */
    readonly emptyResultState?: "UNKNOWN" | "OK" | "TRIGGERED";
  };
  /**
   * The number of seconds until a triggered alert notifies again.
   * @default - does not notify again until the alert has been OK
   */
  readonly secondsToRetrigger?: number;
  /** Also notify when the alert is OK again. @default true */
  readonly notifyOnOk?: boolean;
  /** The subject of notifications. @default - the platform's */
  readonly customSubject?: string;
  /** The text of notifications. @default - the platform's */
  readonly customBody?: string;
  /**
   * The folder that contains the alert. Cannot be changed later.
   * @default - the owner's home folder
   */
  readonly parentPath?: string | IDirectory;
  /** The owner of the alert. @default - the deploying identity */
  readonly owner?: IUser;
}

/**
 * An alert, managed by this stack or elsewhere. Used for `SqlTask.alert`, {@link AlertTask} and
 * `Permissions.onAlert`.
 */
export interface IAlert {
  /** Distinguishes an alert from other handles at compile time. */
  readonly kind: "alert";
  /** Returns the id, which is a Terraform reference for an alert of this stack. */
  renderId(): string;
}

/**
 * A condition on the result of a query. The task `SqlTask.alert` of a workflow checks the alert and
 * names its subscribers.
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
  /** Refers to the alert with this id, which is managed elsewhere. @throws ConstructError BAD_ID */
  static fromId(alertId: string): IAlert {
    const id = existingId("alert", alertId, { example: "8b4fb6c4-2d2a-4a0c-9c3e-5a1f0d6b7e11" });
    return { kind: "alert", renderId: () => id };
  }

  readonly kind = "alert";
  readonly #id: string;
  #permissions: Permissions<SqlObjectLevel> | undefined;

  /** @throws ConstructError BAD_ALERT_CONDITION if the operator and the threshold do not match */
  constructor(scope: Construct, id: string, props: AlertProps) {
    super(scope, id);
    const { displayName, query, condition, parentPath, owner, ...rest } = props;
    const { column, op, threshold, emptyResultState } = condition;
    if ((threshold === undefined) !== (op === "IS_NULL")) {
      throw errorAt(
        this,
        "BAD_ALERT_CONDITION",
        threshold === undefined ? `${op} needs a threshold` : "IS_NULL takes no threshold",
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

  /** The access list of the alert. It replaces all other permissions on the object. */
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
