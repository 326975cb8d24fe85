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
import type { ComputeRun, NotebookRun, RenderedRun, RunContext, SelfContainedRun } from "./task-run";
import type { RunIf, Upstream } from "./task";

/** What a task can run on: a cluster of the job, a standing one, one of its own, or serverless. */
export type Compute = JobCluster | IAllPurposeCluster | DedicatedCluster | JobEnvironment | Serverless;

/** What every task can have, for_each and condition too. */
export interface TaskBaseProps {
  readonly description?: string;
  /** What it runs after. Given only here: with handles in constants a cycle cannot be written. @default - it starts with the run */
  readonly after?: readonly Upstream[];
  /** @default "ALL_SUCCESS" */
  readonly runIf?: RunIf;
  readonly timeoutSeconds?: number;
  /** Keep the task in the job, but do not run it. */
  readonly disabled?: boolean;
  readonly emailNotifications?: EmailNotifications;
  readonly webhookNotifications?: WebhookNotifications;
  readonly notificationSettings?: TaskNotificationSettings;
  readonly health?: readonly HealthRule[];
}

/** Tasks that do work can be tried again; a for_each as a whole and a condition cannot. */
export interface RetryProps {
  /** How often a failed attempt is repeated; -1: without end. @default 0 */
  readonly maxRetries?: number;
  readonly minRetryIntervalMillis?: number;
  /** Also repeat after a timeout. @default false */
  readonly retryOnTimeout?: boolean;
  /** Do not let serverless compute repeat and tune by itself. */
  readonly disableAutoOptimization?: boolean;
}

/** What runs where: a run that needs compute must set `on`. */
export type Work =
  | { readonly run: ComputeRun | NotebookRun; readonly on: Compute; readonly libraries?: readonly Library[] }
  | { readonly run: NotebookRun; readonly on: ISqlWarehouse; readonly libraries?: readonly Library[] }
  | { readonly run: SelfContainedRun; readonly on?: never; readonly libraries?: never };

/**
 * What a task runs, on what, after what, and how often it is tried again: what `workflow.addTask` takes.
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
 * workflow.addTask("notify", { run: NotebookTask.at("/Shared/notify"), on: shared, after: [load], runIf: "AT_LEAST_ONE_FAILED" });
 */
export type TaskProps = TaskBaseProps & RetryProps & Work;

export type ConditionOperator = "EQUAL_TO" | "NOT_EQUAL" | "GREATER_THAN" | "GREATER_THAN_OR_EQUAL" | "LESS_THAN" | "LESS_THAN_OR_EQUAL";

/** A comparison. Equality compares texts (`12.0` is not `12`), the others compare numbers. */
export interface ConditionProps extends Omit<TaskBaseProps, "health"> {
  readonly left: ParameterValue;
  readonly op: ConditionOperator;
  readonly right: ParameterValue;
}

/** The task that a for_each runs for each item. It cannot be a for_each or a condition itself. */
export type InnerTaskProps = { readonly key: string } & Pick<
  TaskBaseProps,
  "description" | "timeoutSeconds" | "emailNotifications" | "webhookNotifications" | "notificationSettings" | "health"
> &
  RetryProps &
  Work;

/** A list of items, or a reference to a JSON list that a task or a parameter gives. */
export type ForEachInputs =
  readonly (string | number | boolean)[] | readonly Readonly<Record<string, string | number | boolean>>[] | ParameterValue;

export interface ForEachProps extends TaskBaseProps {
  readonly inputs: ForEachInputs;
  /** How many run at once. @default 1 */
  readonly concurrency?: number;
  readonly task: InnerTaskProps;
}

type Rendered<T> = { -readonly [K in keyof T]?: T[K] };

/** The parts of a task that do not depend on its workflow. */
export function renderTaskBase(props: TaskBaseProps | InnerTaskProps): Omit<Rendered<JobTask>, "taskKey"> {
  return {
    ...(props.description !== undefined && { description: props.description }),
    ...(props.timeoutSeconds !== undefined && { timeoutSeconds: props.timeoutSeconds }),
    ...("disabled" in props && props.disabled !== undefined && { disabled: props.disabled }),
    ...renderNotifications(props),
    ...(props.notificationSettings && { notificationSettings: props.notificationSettings }),
  };
}

export function renderWork(props: RetryProps & Work, context: RunContext): Omit<Rendered<JobTask>, "taskKey"> {
  return {
    ...(props.maxRetries !== undefined && { maxRetries: props.maxRetries }),
    ...(props.minRetryIntervalMillis !== undefined && { minRetryIntervalMillis: props.minRetryIntervalMillis }),
    ...(props.retryOnTimeout !== undefined && { retryOnTimeout: props.retryOnTimeout }),
    ...(props.disableAutoOptimization !== undefined && { disableAutoOptimization: props.disableAutoOptimization }),
    ...renderRun(props, context),
    // The provider wants a task's libraries in a stable order: another order is an update.
    ...(props.libraries !== undefined && props.libraries.length > 0 && { library: props.libraries.map((library) => library.rendered) }),
  };
}

function renderRun(
  { run, on }: Work,
  context: RunContext,
): RenderedRun & Pick<JobTask, "jobClusterKey" | "existingClusterId" | "newCluster" | "environmentKey"> {
  const rendered = run.render(context);
  if (on === undefined) return rendered;
  if ("renderWarehouseId" in on)
    return { ...rendered, notebookTask: rendered.notebookTask && { ...rendered.notebookTask, warehouseId: on.renderWarehouseId() } };
  if ("renderClusterId" in on) return { ...rendered, existingClusterId: on.renderClusterId() };
  if ("renderNewCluster" in on) return { ...rendered, newCluster: on.renderNewCluster() };
  if (!("key" in on)) return rendered;
  return "jobClusterKey" in on.rendered ? { ...rendered, jobClusterKey: on.key } : { ...rendered, environmentKey: on.key };
}

export type RenderedInner = JobTaskForEachTaskTask;
