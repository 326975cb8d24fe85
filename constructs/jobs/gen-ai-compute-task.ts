import { ConstructError } from "../core/errors";
import { callerPosition } from "../core/source";
import { SelfContainedRun, type RenderedRun } from "./task-run";

export interface GenAiComputeProps {
  readonly dlRuntimeImage: string;
  readonly compute: {
    readonly gpuType: string;
    readonly numGpus: number;
    readonly gpuNodePoolId?: string;
  };
  readonly command?: string;
  readonly trainingScriptPath?: string;
  readonly source?: "WORKSPACE" | "GIT";
  readonly mlflowExperimentName?: string;
  readonly yamlParameters?: string;
  readonly yamlParametersFilePath?: string;
}

/**
 * Trains a model on serverless GPUs.
 *
 * @example
 * workflow.addTask("train", {
 *   run: GenAiComputeTask.of({
 *     dlRuntimeImage: "databricks/pytorch:2.4",
 *     compute: { gpuType: "GPU_8xH100", numGpus: 8 },
 *     command: "torchrun train.py",
 *   }),
 * });
 */
export class GenAiComputeTask extends SelfContainedRun {
  /** @throws ConstructError BAD_GPU_COUNT unless there is at least one GPU */
  static of(props: GenAiComputeProps): GenAiComputeTask {
    if (!Number.isInteger(props.compute.numGpus) || props.compute.numGpus < 1) {
      throw new ConstructError("BAD_GPU_COUNT", "a training run needs at least one GPU", {
        path: callerPosition(),
        value: String(props.compute.numGpus),
        fix: "set compute.numGpus to an integer of at least 1",
      });
    }
    return new GenAiComputeTask({
      genAiComputeTask: { ...props, source: props.source ?? "WORKSPACE" },
    });
  }

  private constructor(private readonly rendered: RenderedRun) {
    super();
  }

  render(): RenderedRun {
    return this.rendered;
  }
}
