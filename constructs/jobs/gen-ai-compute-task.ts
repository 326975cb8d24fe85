import { ConstructError } from "../core/errors";
import { callerPosition } from "../core/caller-position";
import { SelfContainedRun, type RenderedRun } from "./task-run";

export interface GenAiComputeProps {
  /** The image of the deep learning runtime. */
  readonly dlRuntimeImage: string;
  /** The GPUs. */
  readonly compute: {
    /** The type of GPU. */
    readonly gpuType: string;
    /** The number of GPUs. */
    readonly numGpus: number;
    /** The id of the pool that provides the GPUs. */
    readonly gpuNodePoolId?: string;
  };
  /** The command that runs the training. */
  readonly command?: string;
  /** The path of the training script. */
  readonly trainingScriptPath?: string;
  /**
   * Whether `trainingScriptPath` is in the workspace or in the job's Git source.
   * @default "WORKSPACE"
   */
  readonly source?: "WORKSPACE" | "GIT";
  /** The MLflow experiment that records the training. */
  readonly mlflowExperimentName?: string;
  /** Parameters of the training, as YAML. */
  readonly yamlParameters?: string;
  /** The path of a YAML file with parameters. */
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
  /** @throws ConstructError BAD_GPU_COUNT unless the number of GPUs is an integer of at least 1 */
  static of(props: GenAiComputeProps): GenAiComputeTask {
    if (!Number.isInteger(props.compute.numGpus) || props.compute.numGpus < 1) {
      throw new ConstructError(
        "BAD_GPU_COUNT",
        "the number of GPUs must be an integer of at least 1",
        {
          path: callerPosition(),
          value: String(props.compute.numGpus),
          fix: "set compute.numGpus to an integer of at least 1",
        },
      );
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
