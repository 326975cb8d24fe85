import { renderFactoryFieldsOfNewerBindings } from "../core/newer-bindings";
import type { JobTask, JobTaskForEachTaskTask } from "../core/bindings";
import type { IAllPurposeCluster } from "../compute/all-purpose-cluster";
import type { DedicatedCluster } from "../compute/dedicated-cluster";
import type { Library } from "../compute/library";
import type { ISqlWarehouse } from "../sql/sql-warehouse";
import type { JobCluster } from "./job-cluster";
import type { JobEnvironment, Serverless } from "./job-environment";
import {
  renderNotifications,
  type EmailNotifications,
  type HealthRule,
  type TaskNotificationSettings,
  type WebhookNotifications,
} from "./notifications";
import type { ParameterValue } from "./reference";
import type {
  ComputeRun,
  NotebookRun,
  RenderedRun,
  RunContext,
  SelfContainedRun,
} from "./task-run";
import type { RunIf, Upstream } from "./task";

/**
 * The compute of a task: a job cluster, an all-purpose cluster, a dedicated cluster or serverless.
 */
export type Compute =
  JobCluster | IAllPurposeCluster | DedicatedCluster | JobEnvironment | Serverless;

/** The properties of all tasks, including for_each and condition tasks. */
export interface TaskBaseProps {
  /** A description of the task. @default - none */
  readonly description?: string;
  /**
   * The tasks that must end before this one starts. As dependencies are handles of existing tasks,
   * a cycle is impossible.
   * @default - starts with the run
   */
  readonly after?: readonly Upstream[];
  /** The results of the dependencies with which the task runs. @default "ALL_SUCCESS" */
  readonly runIf?: RunIf;
  /** The time limit of each run of the task in seconds. @default - no limit */
  readonly timeoutSeconds?: number;
  /** Keep the task in the job, but do not run it. */
  readonly disabled?: boolean;
  /** The e-mail addresses to notify about the task. */
  readonly emailNotifications?: EmailNotifications;
  /** The destinations to notify about the task. */
  readonly webhookNotifications?: WebhookNotifications;
  /** Which runs cause no notifications. @default - none */
  readonly notificationSettings?: TaskNotificationSettings;
  /** The limits whose violation triggers a notification. */
  readonly health?: readonly HealthRule[];
}

/**
 * The retries of a task, and options of serverless compute. for_each and condition tasks have
 * neither.
 */
export interface RetryProps {
  /** The number of retries; -1: unlimited. @default 0 */
  readonly maxRetries?: number;
  /**
   * The milliseconds from the start of a failed run to its retry.
   * @default - retries immediately
   */
  readonly minRetryIntervalMillis?: number;
  /** Also retry after a timeout. @default false */
  readonly retryOnTimeout?: boolean;
  /** Disable the automatic retries and optimizations of serverless compute. */
  readonly disableAutoOptimization?: boolean;
  /** The GPU of serverless compute: `GPU_1xA10`. Requires cdktn. @default - none */
  readonly hardwareAccelerator?: string;
}

/** What a task runs, and on which compute. A run that needs compute requires `on`. */
export type Work =
  | {
      /** What the task runs. */
      readonly run: ComputeRun | NotebookRun;
      /** The compute of the task. */
      readonly on: Compute;
      /** The libraries that the compute installs before the task runs. @default - none */
      readonly libraries?: readonly Library[];
    }
  | {
      /** What the task runs. */
      readonly run: NotebookRun;
      /** The compute of the task. */
      readonly on: ISqlWarehouse;
      /** The libraries that the compute installs before the task runs. @default - none */
      readonly libraries?: readonly Library[];
    }
  | {
      /** What the task runs. */
      readonly run: SelfContainedRun;
      readonly on?: never;
      readonly libraries?: never;
    };

/**
 * The properties of `workflow.addTask`: what the task runs, its compute, its dependencies and its
 * retries.
 *
 * @example
 * const load = workflow.addTask("load", {
 *   run: NotebookTask.at("/Shared/load", { day: DynamicReference.jobStartTime("iso_date") }),
 *   on: shared,
 *   libraries: [Library.pypi("requests==2.31.0")],
 *   maxRetries: 2,
 *   minRetryIntervalMillis: 60_000,
 *   retryOnTimeout: true,
 *   timeoutSeconds: 3600,
 *   emailNotifications: { onFailure: ["on-call@example.com"] },
 * });
 * workflow.addTask("notify", {
 *   run: NotebookTask.at("/Shared/notify"),
 *   on: shared,
 *   after: [load],
 *   runIf: "AT_LEAST_ONE_FAILED",
 * });
 */
export type TaskProps = TaskBaseProps & RetryProps & Work;

export type ConditionOperator =
  | "EQUAL_TO"
  | "NOT_EQUAL"
  | "GREATER_THAN"
  | "GREATER_THAN_OR_EQUAL"
  | "LESS_THAN"
  | "LESS_THAN_OR_EQUAL";

/**
 * A comparison. Equality compares strings (`12.0` is not `12`), the other operators compare
 * numbers.
 */
export interface ConditionProps extends Omit<TaskBaseProps, "health"> {
  /** The left side of the comparison. */
  readonly left: ParameterValue;
  /** The operator. */
  readonly op: ConditionOperator;
  /** The right side of the comparison. */
  readonly right: ParameterValue;
}

/** The task that a for_each runs for each item. It cannot be a for_each or a condition task. */
export type InnerTaskProps = {
  /** The key of the inner task. */
  readonly key: string;
} & Pick<
  TaskBaseProps,
  | "description"
  | "timeoutSeconds"
  | "emailNotifications"
  | "webhookNotifications"
  | "notificationSettings"
  | "health"
> &
  RetryProps &
  Work;

/** The items: a list, or a reference to a JSON list from a task or a parameter. */
export type ForEachInputs =
  | readonly (string | number | boolean)[]
  | readonly Readonly<Record<string, string | number | boolean>>[]
  | ParameterValue;

export interface ForEachProps extends TaskBaseProps {
  /** The items: a list, or a reference to a JSON list. */
  readonly inputs: ForEachInputs;
  /** The number of concurrent iterations. @default 1 */
  readonly concurrency?: number;
  /** The task that runs for each item. */
  readonly task: InnerTaskProps;
}

type Rendered<T> = { -readonly [K in keyof T]?: T[K] };

/** Renders the fields of a task that do not depend on its workflow. */
export function renderTaskBase(
  props: TaskBaseProps | InnerTaskProps,
): Omit<Rendered<JobTask>, "taskKey"> {
  return {
    ...renderNotifications(props),
    description: props.description,
    timeoutSeconds: props.timeoutSeconds,
    disabled: "disabled" in props ? props.disabled : undefined,
    notificationSettings: props.notificationSettings,
  };
}

/** Renders what a task runs, its compute, its libraries and its retries. */
export function renderWork(
  props: RetryProps & Work,
  context: RunContext,
): Omit<Rendered<JobTask>, "taskKey"> {
  const { hardwareAccelerator, libraries } = props;
  return {
    ...renderRun(props, context),
    maxRetries: props.maxRetries,
    minRetryIntervalMillis: props.minRetryIntervalMillis,
    retryOnTimeout: props.retryOnTimeout,
    disableAutoOptimization: props.disableAutoOptimization,
    // The provider treats a changed order of libraries as an update, so they keep the code's order.
    library:
      libraries === undefined || libraries.length === 0
        ? undefined
        : libraries.map((library) => library.rendered),
    ...(hardwareAccelerator !== undefined &&
      renderFactoryFieldsOfNewerBindings({ compute: { hardwareAccelerator } })),
  };
}

function renderRun(
  { run, on }: Work,
  context: RunContext,
): RenderedRun &
  Pick<JobTask, "jobClusterKey" | "existingClusterId" | "newCluster" | "environmentKey"> {
  const rendered = run.render(context);
  if (on === undefined) return rendered;
  if ("renderWarehouseId" in on)
    return {
      ...rendered,
      notebookTask: rendered.notebookTask && {
        ...rendered.notebookTask,
        warehouseId: on.renderWarehouseId(),
      },
    };
  if ("renderClusterId" in on) return { ...rendered, existingClusterId: on.renderClusterId() };
  if ("renderNewCluster" in on) return { ...rendered, newCluster: on.renderNewCluster() };
  // Serverless.compute is not a field of the task.
  if (!("key" in on)) return rendered;
  return "jobClusterKey" in on.rendered
    ? { ...rendered, jobClusterKey: on.key }
    : { ...rendered, environmentKey: on.key };
}

export type RenderedInner = JobTaskForEachTaskTask;
