import { defined } from "../../src/defined";
import { Token } from "../core/bindings";
import { newer } from "../core/newer";
import type { PipelineTaskProps } from "./pipeline-task";
import { renderParameters, type ParameterValue } from "./reference";
import { SelfContainedRun, type RenderedRun } from "./task-run";
import type { IWorkflow } from "./workflow";

export interface RunJobOptions {
  /** For a pipeline task of the other job. */
  readonly pipelineFullRefresh?: boolean;
  /**
   * For a pipeline task of the other job: the tables and flows to update. With cdktn only.
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
 * Runs another job and waits for it. The other job's parameters are its job parameters; the older
 * fields (`notebook_params` …) are for jobs without job parameters.
 *
 * @example
 * RunJobTask.of(Workflow.fromId("123"), { day: DynamicReference.jobStartTime("iso_date") });
 * @see https://docs.databricks.com/aws/en/jobs/tasks/run-job
 */
export class RunJobTask extends SelfContainedRun {
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
    const { pipelineFullRefresh: full, pipelineSelection } = this.options;
    const pipelineParams = {
      ...defined({ fullRefresh: full }),
      ...(pipelineSelection && newer(undefined, { ...pipelineSelection })),
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
