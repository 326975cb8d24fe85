import { defined } from "../../src/defined";
import { Construct } from "../core/bindings";
import type { JobClusterProps } from "../jobs/job-cluster";
import type { Serverless } from "../jobs/job-environment";
import type { RunIf, Task } from "../jobs/task";
import type { ComputeRun, NotebookRun } from "../jobs/task-run";
import { Workflow, type WorkflowProps } from "../jobs/workflow";
import { errorAt } from "../core/errors";
import { addCompute, type LayerStep } from "./medallion-pipeline";

export interface FanOutProps extends WorkflowProps {
  /**
   * One task is created for each item. Its key is `<prefix>_<item>`, in which `_` replaces
   * characters other than letters, digits, - and _.
   */
  readonly items: readonly string[];
  /** The prefix of the task keys. @default "process" */
  readonly keyPrefix?: string;
  /** Returns what the task of an item runs. */
  readonly run: (item: string) => NotebookRun | ComputeRun;
  /** A task that runs before all others. @default - none */
  readonly first?: LayerStep;
  /** A task that runs after all others. */
  readonly join: LayerStep & {
    /** When the last task runs, depending on the results of the others. @default "ALL_SUCCESS" */
    readonly runIf?: RunIf;
  };
  /** The compute of all tasks: a job cluster that they share, or serverless. */
  readonly on: JobClusterProps | Serverless;
}

/**
 * One task for each item, followed by a task that joins the results. The items must be known when
 * the stack is built; for items known only at run time, use {@link Workflow.addForEach}.
 *
 * @example
 * new FanOut(stack, "countries", {
 *   name: "load countries",
 *   items: ["de", "ch"],
 *   run: (country) => NotebookTask.at("/Shared/load", { country }),
 *   join: { key: "merge", run: NotebookTask.at("/Shared/merge") },
 *   on: Serverless.compute,
 * });
 */
export class FanOut extends Construct {
  /** The workflow that contains the tasks. */
  readonly workflow: Workflow;
  /** The task of each item. */
  readonly items: ReadonlyMap<string, Task>;
  /** The task that runs after all others. */
  readonly join: Task;

  /** @throws ConstructError NO_ITEMS if there are no items */
  constructor(scope: Construct, id: string, props: FanOutProps) {
    super(scope, id);
    const { items, keyPrefix = "process", run, first, join, on, ...job } = props;
    if (items.length === 0)
      throw errorAt(this, "NO_ITEMS", "there are no items to fan out to", {
        fix: "add at least one item",
      });
    this.workflow = new Workflow(this, "Workflow", job);
    const compute = addCompute(this.workflow, on);
    const firstTasks =
      first === undefined
        ? []
        : [this.workflow.addTask(first.key, { run: first.run, on: compute })];
    this.items = new Map(
      items.map((item) => {
        const key = `${keyPrefix}_${item.replaceAll(/[^A-Za-z0-9_-]+/g, "_")}`;
        return [
          item,
          this.workflow.addTask(key, { run: run(item), on: compute, after: firstTasks }),
        ];
      }),
    );
    this.join = this.workflow.addTask(join.key, {
      run: join.run,
      on: compute,
      after: [...this.items.values()],
      ...defined({ runIf: join.runIf }),
    });
    this.node.defaultChild = this.workflow.node.defaultChild;
  }
}
