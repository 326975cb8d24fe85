import { SelfContainedRun, type RenderedRun } from "./task-run";

export interface PipelineProps {
  /** Recompute all tables. @default false */
  readonly fullRefresh?: boolean;
}

/**
 * Updates a declarative pipeline (Delta Live Tables).
 *
 * @example
 * PipelineTask.of("8a1b2c3d-0000-4000-8000-000000000001");
 * @see https://docs.databricks.com/aws/en/jobs/tasks/pipeline
 */
export class PipelineTask extends SelfContainedRun {
  /** @param pipelineId the id, or a reference to a pipeline of this stack */
  static of(pipelineId: string, props: PipelineProps = {}): PipelineTask {
    return new PipelineTask(pipelineId, props);
  }

  private constructor(
    readonly pipelineId: string,
    private readonly props: PipelineProps,
  ) {
    super();
  }

  render(): RenderedRun {
    return { pipelineTask: { pipelineId: this.pipelineId, fullRefresh: this.props.fullRefresh } };
  }
}
