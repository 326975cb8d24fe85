import type { JobCluster, JobClusterProps } from "../jobs/job-cluster";
import type { JobEnvironment, Serverless } from "../jobs/job-environment";
import type { Task } from "../jobs/task";
import type { NotebookRun, ComputeRun } from "../jobs/task-run";
import { Workflow, type WorkflowProps } from "../jobs/workflow";
import { Construct } from "../core/bindings";

/** A step of a layer: what runs, under a key of its own. */
export interface LayerStep {
  readonly key: string;
  readonly run: NotebookRun | ComputeRun;
}

export interface MedallionPipelineProps extends WorkflowProps {
  /** Raw data as it came: these run first, side by side. */
  readonly bronze: readonly LayerStep[];
  /** Cleaned: each runs when all of bronze is done. */
  readonly silver: readonly LayerStep[];
  /** What people read: each runs when all of silver is done. */
  readonly gold: readonly LayerStep[];
  /** A cluster that all layers share, or serverless. */
  readonly on: JobClusterProps | Serverless;
}

/**
 * Bronze → silver → gold: each layer waits for the whole of the one before.
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

/** A job cluster of the workflow from its props; serverless as it is. */
export function computeOf(workflow: Workflow, on: JobClusterProps | Serverless): JobCluster | JobEnvironment | Serverless {
  return "sparkVersion" in on ? workflow.addJobCluster("shared", on) : on;
}
