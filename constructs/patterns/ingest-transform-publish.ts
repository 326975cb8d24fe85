import { Construct } from "../core/bindings";
import type { JobClusterProps } from "../jobs/job-cluster";
import type { Serverless } from "../jobs/job-environment";
import type { ConditionTask, Task } from "../jobs/task";
import type { ComputeRun, NotebookRun } from "../jobs/task-run";
import { Workflow, type WorkflowProps } from "../jobs/workflow";
import { addCompute } from "./medallion-pipeline";

export interface IngestTransformPublishProps extends WorkflowProps {
  /** What the first task runs. */
  readonly ingest: NotebookRun | ComputeRun;
  /** What the second task runs. */
  readonly transform: NotebookRun | ComputeRun;
  /** What the last task runs. */
  readonly publish: NotebookRun | ComputeRun;
  /** The compute of all tasks: a job cluster that they share, or serverless. */
  readonly on: JobClusterProps | Serverless;
  /** Number of retries of each task. @default 0 */
  readonly maxRetries?: number;
  /**
   * Publish only if the ingest task set the task value of this name to more than 0.
   * @default - always publish
   */
  readonly publishWhenAny?: string;
}

/**
 * Three tasks in sequence. Optionally, the last one runs only if there is something to publish.
 *
 * @example
 * new IngestTransformPublish(stack, "orders", {
 *   name: "orders",
 *   ingest: NotebookTask.at("/Shared/ingest"),
 *   transform: NotebookTask.at("/Shared/transform"),
 *   publish: NotebookTask.at("/Shared/publish"),
 *   on: Serverless.compute,
 *   publishWhenAny: "rows",
 * });
 */
export class IngestTransformPublish extends Construct {
  /** The workflow that contains the tasks. */
  readonly workflow: Workflow;
  /** The first task. */
  readonly ingest: Task;
  /** The second task. */
  readonly transform: Task;
  /** The last task. */
  readonly publish: Task;
  /** The condition before the last task; undefined without `publishWhenAny`. */
  readonly hasRows: ConditionTask | undefined;

  constructor(scope: Construct, id: string, props: IngestTransformPublishProps) {
    super(scope, id);
    const { ingest, transform, publish, on, maxRetries, publishWhenAny, ...job } = props;
    this.workflow = new Workflow(this, "Workflow", job);
    const compute = addCompute(this.workflow, on);
    const retries = maxRetries === undefined ? {} : { maxRetries };
    this.ingest = this.workflow.addTask("ingest", { run: ingest, on: compute, ...retries });
    this.transform = this.workflow.addTask("transform", {
      run: transform,
      on: compute,
      after: [this.ingest],
      ...retries,
    });
    this.hasRows =
      publishWhenAny === undefined
        ? undefined
        : this.workflow.addCondition("has_rows", {
            left: this.ingest.value(publishWhenAny),
            op: "GREATER_THAN",
            right: "0",
            after: [this.transform],
          });
    this.publish = this.workflow.addTask("publish", {
      run: publish,
      on: compute,
      after: [this.hasRows?.whenTrue ?? this.transform],
      ...retries,
    });
    this.node.defaultChild = this.workflow.node.defaultChild;
  }
}
