import { defined } from "../../src/defined";
import { Token } from "../core/bindings";
import { renderFactoryFieldsOfNewerBindings } from "../core/newer-bindings";
import type { PipelineTaskProps } from "./pipeline-task";
import { renderParameters, type ParameterValue } from "./reference";
import { SelfContainedRun, type RenderedRun } from "./task-run";
import type { IWorkflow } from "./workflow";

export interface RunJobOptions {
  /** Recompute all tables of the other job's pipeline task. */
  readonly pipelineFullRefresh?: boolean;
  /**
   * The tables and flows that the other job's pipeline task updates. Requires cdktn.
   * @default - all
   */
  readonly pipelineSelection?: Pick<
    PipelineTaskProps,
    | "refreshSelection"
    | "fullRefreshSelection"
    | "refreshFlowSelection"
    | "resetCheckpointSelection"
  >;
}

/**
 * Runs another job and waits for its end. The parameters are job parameters of the other job. The
 * legacy parameters of a job without job parameters (`notebook_params`, …) need an override.
 *
 * @example
 * RunJobTask.of(Workflow.fromId("123"), { day: DynamicReference.jobStartTime("iso_date") });
 * @see https://docs.databricks.com/aws/en/jobs/tasks/run-job
 */
export class RunJobTask extends SelfContainedRun {
  /** Runs a job of this stack, or an existing one: `Workflow.fromId(…)`. */
  static of(
    workflow: IWorkflow,
    jobParameters?: Readonly<Record<string, ParameterValue>>,
    options: RunJobOptions = {},
  ): RunJobTask {
    return new RunJobTask(workflow, jobParameters, options);
  }

  private constructor(
    readonly workflow: IWorkflow,
    private readonly jobParameters: Readonly<Record<string, ParameterValue>> | undefined,
    private readonly options: RunJobOptions,
  ) {
    super();
  }

  render(): RenderedRun {
    const { pipelineFullRefresh, pipelineSelection } = this.options;
    const pipelineParams = {
      ...defined({ fullRefresh: pipelineFullRefresh }),
      ...(pipelineSelection && renderFactoryFieldsOfNewerBindings({ ...pipelineSelection })),
    };
    return {
      runJobTask: {
        jobId: Token.asNumber(this.workflow.renderJobId()),
        jobParameters: renderParameters(this.jobParameters),
        ...(Object.keys(pipelineParams).length > 0 && { pipelineParams }),
      },
    };
  }
}
