import { newer } from "../core/newer";
import { SelfContainedRun, type RenderedRun } from "./task-run";

export interface AiRuntimeProps {
  /** The path of the MLflow experiment that records the training. */
  readonly experiment: string;
  readonly deployments: readonly {
    readonly name?: string;
    /** The path of a script in the workspace. */
    readonly commandPath: string;
    readonly compute: { readonly acceleratorType: string; readonly acceleratorCount: number };
  }[];
  readonly codeSourcePath?: string;
  readonly dockerImageUrl?: string;
  readonly mlflowRun?: string;
  readonly mlflowExperimentDirectory?: string;
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
    return new AiRuntimeTask(newer(undefined, { aiRuntimeTask: props }));
  }

  private constructor(private readonly rendered: RenderedRun) {
    super();
  }

  render(): RenderedRun {
    return this.rendered;
  }
}
