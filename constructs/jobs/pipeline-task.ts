import type { IPipeline } from "../pipelines/pipeline";
import { renderFactoryFieldsOfNewerBindings } from "../core/newer-bindings";
import { SelfContainedRun, type RenderedRun } from "./task-run";

export interface PipelineTaskProps {
  /** Recompute all tables from scratch. @default false */
  readonly fullRefresh?: boolean;
  /** The tables to update. Requires cdktn. @default - all */
  readonly refreshSelection?: readonly string[];
  /** The tables to recompute. Requires cdktn. @default - none */
  readonly fullRefreshSelection?: readonly string[];
  /** The flows to update. Requires cdktn. @default - all */
  readonly refreshFlowSelection?: readonly string[];
  /** The streaming flows whose checkpoints are reset. Requires cdktn. @default - none */
  readonly resetCheckpointSelection?: readonly string[];
  /** The parameters of the update. Requires cdktn. @default - none */
  readonly parameters?: Readonly<Record<string, string>>;
}

/**
 * Starts an update of a declarative pipeline (formerly Delta Live Tables), and waits for its end.
 *
 * @example
 * PipelineTask.of("8a1b2c3d-0000-4000-8000-000000000001");
 * @see https://docs.databricks.com/aws/en/jobs/tasks/pipeline
 */
export class PipelineTask extends SelfContainedRun {
  /** Updates a pipeline, given as its id or as a {@link Pipeline}. */
  static of(pipeline: string | IPipeline, props: PipelineTaskProps = {}): PipelineTask {
    return new PipelineTask(typeof pipeline === "string" ? pipeline : pipeline.renderId(), props);
  }

  private constructor(
    readonly pipelineId: string,
    private readonly props: PipelineTaskProps,
  ) {
    super();
  }

  render(): RenderedRun {
    const { fullRefresh, ...rest } = this.props;
    return {
      pipelineTask: {
        pipelineId: this.pipelineId,
        fullRefresh,
        ...renderFactoryFieldsOfNewerBindings(rest),
      },
    };
  }
}
