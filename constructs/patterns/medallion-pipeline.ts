import type { JobCluster, JobClusterProps } from "../jobs/job-cluster";
import type { JobEnvironment, Serverless } from "../jobs/job-environment";
import type { Task } from "../jobs/task";
import type { NotebookRun, ComputeRun } from "../jobs/task-run";
import { Workflow, type WorkflowProps } from "../jobs/workflow";
import { Construct } from "../core/bindings";

/** A step of a layer: its task key, and what it runs. */
export interface LayerStep {
  /** The task key. */
  readonly key: string;
  /** What the task runs. */
  readonly run: NotebookRun | ComputeRun;
}

export interface MedallionPipelineProps extends WorkflowProps {
  /** The steps for raw data. They run first, in parallel. */
  readonly bronze: readonly LayerStep[];
  /** The steps for cleaned data. Each runs after all bronze steps. */
  readonly silver: readonly LayerStep[];
  /** The steps for consumers' data. Each runs after all silver steps; without any, after bronze. */
  readonly gold: readonly LayerStep[];
  /** The compute of all layers: a job cluster that they share, or serverless. */
  readonly on: JobClusterProps | Serverless;
}

/**
 * A workflow in three layers: bronze, silver, gold. Each layer waits until all steps of the
 * previous layer that has steps have succeeded.
 *
 * @example
 * new MedallionPipeline(stack, "medallion", {
 *   name: "orders",
 *   bronze: [{ key: "ingest", run: NotebookTask.at("/Shared/ingest") }],
 *   silver: [{ key: "clean", run: NotebookTask.at("/Shared/clean") }],
 *   gold: [{ key: "report", run: NotebookTask.at("/Shared/report") }],
 *   on: Serverless.compute,
 * });
 */
export class MedallionPipeline extends Construct {
  /** The workflow that contains the tasks. */
  readonly workflow: Workflow;
  /** The tasks of the first layer. */
  readonly bronze: readonly Task[];
  /** The tasks of the second layer. */
  readonly silver: readonly Task[];
  /** The tasks of the third layer. */
  readonly gold: readonly Task[];

  constructor(scope: Construct, id: string, props: MedallionPipelineProps) {
    super(scope, id);
    const { bronze, silver, gold, on, ...job } = props;
    this.workflow = new Workflow(this, "Workflow", job);
    const compute = addCompute(this.workflow, on);
    const addLayer = (steps: readonly LayerStep[], after: readonly Task[]): readonly Task[] =>
      steps.map(({ key, run }) => this.workflow.addTask(key, { run, on: compute, after }));
    this.bronze = addLayer(bronze, []);
    this.silver = addLayer(silver, this.bronze);
    this.gold = addLayer(gold, this.silver.length > 0 ? this.silver : this.bronze);
    this.node.defaultChild = this.workflow.node.defaultChild;
  }
}

/** Returns serverless compute unchanged, and otherwise adds a job cluster to the workflow. */
export function addCompute(
  workflow: Workflow,
  compute: JobClusterProps | Serverless,
): JobCluster | JobEnvironment | Serverless {
  return "sparkVersion" in compute ? workflow.addJobCluster("shared", compute) : compute;
}
