import type { JobCluster, JobClusterProps } from "../jobs/job-cluster";
import type { JobEnvironment, Serverless } from "../jobs/job-environment";
import type { Task } from "../jobs/task";
import type { NotebookRun, ComputeRun } from "../jobs/task-run";
import { Workflow, type WorkflowProps } from "../jobs/workflow";
import { Construct } from "../core/bindings";

/** A step of a layer: its run, with its task key. */
export interface LayerStep {
  readonly key: string;
  readonly run: NotebookRun | ComputeRun;
}

export interface MedallionPipelineProps extends WorkflowProps {
  /** Raw data: these run first, in parallel. */
  readonly bronze: readonly LayerStep[];
  /** Cleaned data: each runs after all of bronze. */
  readonly silver: readonly LayerStep[];
  /** Data for consumers: each runs after all of silver. */
  readonly gold: readonly LayerStep[];
  /** A cluster that all layers share, or serverless. */
  readonly on: JobClusterProps | Serverless;
}

/**
 * Bronze → silver → gold: each layer waits for the complete previous layer.
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
  readonly workflow: Workflow;
  readonly bronze: readonly Task[];
  readonly silver: readonly Task[];
  readonly gold: readonly Task[];

  constructor(scope: Construct, id: string, props: MedallionPipelineProps) {
    super(scope, id);
    const { bronze, silver, gold, on, ...job } = props;
    this.workflow = new Workflow(this, "Workflow", job);
    const compute = computeOf(this.workflow, on);
    const layer = (steps: readonly LayerStep[], after: readonly Task[]): readonly Task[] =>
      steps.map(({ key, run }) => this.workflow.addTask(key, { run, on: compute, after }));
    this.bronze = layer(bronze, []);
    this.silver = layer(silver, this.bronze);
    this.gold = layer(gold, this.silver);
    this.node.defaultChild = this.workflow.node.defaultChild;
  }
}

/** Creates a job cluster of the workflow from its props; serverless is returned unchanged. */
export function computeOf(
  workflow: Workflow,
  compute: JobClusterProps | Serverless,
): JobCluster | JobEnvironment | Serverless {
  return "sparkVersion" in compute ? workflow.addJobCluster("shared", compute) : compute;
}
