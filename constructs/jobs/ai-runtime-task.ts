import { renderFactoryFieldsOfNewerBindings } from "../core/newer-bindings";
import { SelfContainedRun, type RenderedRun } from "./task-run";

/** The properties of a training run. */
export interface AiRuntimeProps {
  /**
   * The name of the MLflow experiment that records the training. The platform creates an experiment
   * that does not exist.
   */
  readonly experiment: string;
  /** The command and the GPUs of the training. The platform currently accepts one entry only. */
  readonly deployments: readonly {
    /** The name of the deployment. @default - none */
    readonly name?: string;
    /** The path of a script in the workspace. */
    readonly commandPath: string;
    /** The accelerators of the deployment. */
    readonly compute: {
      /** The type of the accelerators: `GPU_8xH100`. */
      readonly acceleratorType: string;
      /** The number of accelerators. */
      readonly acceleratorCount: number;
    };
  }[];
  /**
   * The archive with the training code in the workspace or a volume, which is unpacked on each
   * node.
   * @default - none
   */
  readonly codeSourcePath?: string;
  /**
   * The container image that runs the training: `registry.example.com/train:1.0`.
   * @default - the platform's image
   */
  readonly dockerImageUrl?: string;
  /** The name of the MLflow run that records the training. @default - chosen by MLflow */
  readonly mlflowRun?: string;
  /**
   * The workspace folder of the MLflow experiment: `/Workspace/Shared/experiments`.
   * @default - the folder of the identity that the job runs as
   */
  readonly mlflowExperimentDirectory?: string;
  /** Where MLflow stores artifacts: `/Volumes/main/ml/artifacts`. @default - chosen by MLflow */
  readonly mlflowArtifactLocation?: string;
}

/**
 * Trains a model on serverless GPUs with the AI runtime. Requires cdktn, with the bindings of
 * provider 1.128.0 or newer.
 *
 * @example
 * workflow.addTask("train", {
 *   run: AiRuntimeTask.of({
 *     experiment: "/Shared/experiments/churn",
 *     deployments: [
 *       {
 *         commandPath: "/Shared/churn/train.sh",
 *         compute: { acceleratorType: "GPU_8xH100", acceleratorCount: 8 },
 *       },
 *     ],
 *   }),
 * });
 * @see https://docs.databricks.com/api/workspace/jobs/create
 */
export class AiRuntimeTask extends SelfContainedRun {
  /** @throws ConstructError NEWER_BINDINGS_NEEDED with older bindings */
  static of(props: AiRuntimeProps): AiRuntimeTask {
    return new AiRuntimeTask(renderFactoryFieldsOfNewerBindings({ aiRuntimeTask: props }));
  }

  private constructor(private readonly rendered: RenderedRun) {
    super();
  }

  render(): RenderedRun {
    return this.rendered;
  }
}
