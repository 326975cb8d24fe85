import type { IConstruct } from "./bindings";
import { errorAt } from "./errors";
import { WorkspaceStack } from "./workspace-stack";

/** The reason and the expiry date of a suppression. Both are required. */
interface Exception {
  /** Why the finding is acceptable, in at least ten characters. */
  readonly reason: string;
  /** The last day on which the suppression is valid: `2027-06-30`. */
  readonly expires: string;
}

export interface SuppressRuleProps extends Exception {
  /** The id of the policy: `failure-notification`. */
  readonly rule: string;
}

export interface IgnoreDriftProps extends Exception {
  /**
   * The Terraform field without indices, as a glob: `task.new_cluster.num_workers`.
   * @default - all fields
   */
  readonly field?: string;
}

/** Suppresses findings of review. */
export class Suppress {
  /**
   * Suppresses findings of a policy for a construct and its children.
   * @throws ConstructError BAD_EXCEPTION
   * @example
   * Suppress.rule(etl, {
   *   rule: "no-all-purpose-for-scheduled",
   *   reason: "shares the analysts' cache",
   *   expires: "2027-06-30",
   * });
   */
  static rule(scope: IConstruct, props: SuppressRuleProps): void {
    checkException(scope, props);
    if (!/^[A-Za-z0-9][\w.-]*$/.test(props.rule))
      throw errorAt(scope, "BAD_EXCEPTION", "not the id of a policy", {
        value: props.rule,
        fix: "use an id from docs/reference/policies.md, such as job-timeout",
      });
    WorkspaceStack.around(scope).addSuppression({ path: scope.node.path, ...props });
  }
}

/** Ignores differences between the code and the workspace. */
export class IgnoreDrift {
  /**
   * Ignores differences of a construct and its children.
   * @throws ConstructError BAD_EXCEPTION
   * @example
   * IgnoreDrift.of(cluster, {
   *   field: "autoscale.max_workers",
   *   reason: "tuned by the on-call team",
   *   expires: "2027-06-30",
   * });
   */
  static of(scope: IConstruct, props: IgnoreDriftProps): void {
    checkException(scope, props);
    WorkspaceStack.around(scope).addIgnore({ path: `${scope.node.path}{,/**}`, ...props });
  }

  /**
   * Ignores differences of all resources of a Terraform type in the stack: `databricks_cluster`.
   * @throws ConstructError BAD_EXCEPTION
   */
  static ofKind(scope: IConstruct, kind: string, props: IgnoreDriftProps): void {
    checkException(scope, props);
    if (!/^databricks_[a-z_]+$/.test(kind))
      throw errorAt(scope, "BAD_EXCEPTION", "not a Terraform resource type", {
        value: kind,
        allowed: "databricks_cluster",
        fix: "use the resource type from the report",
      });
    WorkspaceStack.around(scope).addIgnore({ kind, ...props });
  }
}

function checkException(scope: IConstruct, props: Exception): void {
  if (props.reason.trim().length < 10)
    throw errorAt(scope, "BAD_EXCEPTION", "an exception needs a meaningful reason", {
      value: props.reason,
      fix: "state the reason in at least 10 characters",
    });
  const day = new Date(`${props.expires}T00:00:00Z`);
  if (
    !/^\d{4}-\d{2}-\d{2}$/.test(props.expires) ||
    Number.isNaN(day.getTime()) ||
    day.toISOString().slice(0, 10) !== props.expires
  ) {
    throw errorAt(scope, "BAD_EXCEPTION", "an exception needs an expiry date", {
      value: props.expires,
      allowed: "2027-06-30",
      fix: "use an existing date as YYYY-MM-DD",
    });
  }
}
