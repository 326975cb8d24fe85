import { Construct, type JobTask } from "../core/bindings";
import { DynamicReference, quoteName } from "./reference";

/** The condition under which a task runs, based on the results of its dependencies. */
export type RunIf =
  | "ALL_SUCCESS"
  | "AT_LEAST_ONE_SUCCESS"
  | "NONE_FAILED"
  | "ALL_DONE"
  | "AT_LEAST_ONE_FAILED"
  | "ALL_FAILED";

/**
 * A task of a workflow, and the handle that later tasks list in `after`. It is a construct, so that
 * aspects visit it.
 *
 * @example
 * const ingest = workflow.addTask("ingest", {
 *   run: NotebookTask.at("/Shared/ingest"),
 *   on: shared,
 *   maxRetries: 2,
 * });
 * const fresh = workflow.addCondition("fresh", {
 *   left: ingest.value("rows"),
 *   op: "GREATER_THAN",
 *   right: "0",
 *   after: [ingest],
 * });
 * workflow.addTask("publish", {
 *   run: NotebookTask.at("/Shared/publish"),
 *   on: shared,
 *   after: [fresh.whenTrue],
 * });
 * workflow.addForEach("each", {
 *   inputs: ["de", "fr"],
 *   concurrency: 2,
 *   task: {
 *     key: "country",
 *     run: NotebookTask.at("/Shared/country", { country: DynamicReference.input }),
 *     on: shared,
 *   },
 *   after: [ingest],
 * });
 * workflow.addTask("clean_up", {
 *   run: NotebookTask.at("/Shared/clean_up"),
 *   on: shared,
 *   after: [ingest],
 *   runIf: "ALL_DONE",
 * });
 */
export class Task extends Construct {
  readonly #brand = "Task";
  /** The task key. */
  readonly key: string;
  /** @internal */
  readonly rendered: JobTask;

  /** @internal use `workflow.addTask` */
  constructor(scope: Construct, id: string, rendered: JobTask) {
    super(scope, id);
    this.key = rendered.taskKey;
    this.rendered = rendered;
  }

  /**
   * Returns a reference to a value that the task sets with `dbutils.jobs.taskValues.set`, for
   * parameters and conditions of later tasks.
   */
  value(name: string): DynamicReference {
    return new DynamicReference(`{{tasks.${quoteName(this.key)}.values.${quoteName(name)}}}`);
  }

  /** The result of the task: `success`, `failed`, … */
  get resultState(): DynamicReference {
    return new DynamicReference(`{{tasks.${quoteName(this.key)}.result_state}}`);
  }

  override toString(): string {
    return `${this.#brand} ${this.node.path}`;
  }
}

/** A task that compares two values. Later tasks depend on one of its two outcomes. */
export class ConditionTask extends Construct {
  readonly #brand = "ConditionTask";
  /** The task key. */
  readonly key: string;
  /** The outcome for tasks that run if the comparison is true. */
  readonly whenTrue: ConditionOutcome;
  /** The outcome for tasks that run if the comparison is false. */
  readonly whenFalse: ConditionOutcome;
  /** @internal */
  readonly rendered: JobTask;

  /** @internal use `workflow.addCondition` */
  constructor(scope: Construct, id: string, rendered: JobTask) {
    super(scope, id);
    this.key = rendered.taskKey;
    this.rendered = rendered;
    this.whenTrue = new ConditionOutcome(this, "true");
    this.whenFalse = new ConditionOutcome(this, "false");
  }

  override toString(): string {
    return `${this.#brand} ${this.node.path}`;
  }
}

/** One of the two outcomes of a condition. */
export class ConditionOutcome {
  readonly #brand = "ConditionOutcome";
  /** @internal use `condition.whenTrue` */
  constructor(
    readonly task: ConditionTask,
    readonly outcome: "true" | "false",
  ) {}

  toString(): string {
    return `${this.#brand} ${this.task.node.path} ${this.outcome}`;
  }
}

/** A dependency of a task: another task, or one outcome of a condition. */
export type Upstream = Task | ConditionOutcome;
