import type { IPipeline } from "../pipelines/pipeline";
import { newer } from "../core/newer";
import { SelfContainedRun, type RenderedRun } from "./task-run";

export interface PipelineTaskProps {
  /** Recompute all tables. @default false */
  readonly fullRefresh?: boolean;
  /** Update these tables only. With cdktn only. @default - all */
  readonly refreshSelection?: readonly string[];
  /** Recompute these tables. With cdktn only. @default - none */
  readonly fullRefreshSelection?: readonly string[];
  /** Update these flows only. With cdktn only. @default - all */
  readonly refreshFlowSelection?: readonly string[];
  /** Reset the checkpoints of these streaming flows. With cdktn only. @default - none */
  readonly resetCheckpointSelection?: readonly string[];
  /** With cdktn only. @default - none */
  readonly parameters?: Readonly<Record<string, string>>;
}

/**
 * Updates a declarative pipeline (Delta Live Tables).
 *
 * @example
 * PipelineTask.of("8a1b2c3d-0000-4000-8000-000000000001");
 * @see https://docs.databricks.com/aws/en/jobs/tasks/pipeline
 */
export class PipelineTask extends SelfContainedRun {
  /** A pipeline by its id, or a {@link Pipeline}. */
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
      pipelineTask: { pipelineId: this.pipelineId, fullRefresh, ...newer(undefined, rest) },
    };
  }
}
