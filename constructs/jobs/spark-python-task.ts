import type { Artifact } from "../artifacts/artifact";
import { renderArguments, type ParameterValue } from "./reference";
import { ComputeRun, type FileSource, type RenderedRun } from "./task-run";

/**
 * Runs a Python file with arguments.
 *
 * @example
 * SparkPythonTask.at("/Shared/jobs/ingest.py", [
 *   "--date",
 *   DynamicReference.jobStartTime("iso_date"),
 * ]);
 * @see https://docs.databricks.com/aws/en/jobs/tasks/python-script
 */
export class SparkPythonTask extends ComputeRun {
  /** Runs a file in the workspace, a volume, DBFS or cloud storage. */
  static at(file: string, args?: readonly ParameterValue[]): SparkPythonTask {
    return new SparkPythonTask(() => file, args, "WORKSPACE");
  }

  /**
   * Runs an artifact of this stack: a {@link WorkspaceFile}, {@link VolumeFile} or
   * {@link DbfsFile}.
   */
  static of(artifact: Artifact, args?: readonly ParameterValue[]): SparkPythonTask {
    return new SparkPythonTask(() => artifact.renderPath(), args, "WORKSPACE");
  }

  /** Runs a file in the job's Git source. The path is relative to the root of the repository. */
  static inGit(file: string, args?: readonly ParameterValue[]): SparkPythonTask {
    return new SparkPythonTask(() => file, args, "GIT");
  }

  private constructor(
    private readonly renderPath: () => string,
    private readonly args: readonly ParameterValue[] | undefined,
    private readonly source: FileSource,
  ) {
    super();
  }

  render(): RenderedRun {
    return {
      sparkPythonTask: {
        pythonFile: this.renderPath(),
        parameters: renderArguments(this.args),
        source: this.source,
      },
    };
  }
}
