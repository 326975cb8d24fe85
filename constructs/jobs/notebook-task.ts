import { ConstructError } from "../core/errors";
import { callerPosition } from "../core/caller-position";
import type { INotebook } from "../artifacts/notebook";
import { workspacePathAllowed, workspacePathProblem } from "../artifacts/notebook";
import { renderParameters, type ParameterValue } from "./reference";
import { NotebookRun, type FileSource, type RenderedRun } from "./task-run";

/**
 * Runs a notebook. The notebook reads its parameters from widgets.
 *
 * @example
 * NotebookTask.at("/Shared/ingest_raw_data", { input_path: "s3://raw-data/" });
 * @see https://docs.databricks.com/aws/en/jobs/tasks/notebook
 */
export class NotebookTask extends NotebookRun {
  /**
   * Runs a notebook by its path in the workspace, without the prefix /Workspace.
   * @throws ConstructError BAD_PATH
   */
  static at(path: string, parameters?: Readonly<Record<string, ParameterValue>>): NotebookTask {
    const problem = workspacePathProblem(path);
    if (problem !== undefined)
      throw new ConstructError("BAD_PATH", problem, {
        path: callerPosition(),
        value: path,
        allowed: workspacePathAllowed,
      });
    return new NotebookTask(path, () => path, parameters, "WORKSPACE");
  }

  /**
   * Runs a notebook of this stack, or `Notebook.fromPath(…)`. Terraform uploads the notebook before
   * it creates the job.
   */
  static of(
    notebook: INotebook,
    parameters?: Readonly<Record<string, ParameterValue>>,
  ): NotebookTask {
    return new NotebookTask(notebook.path, () => notebook.renderPath(), parameters, "WORKSPACE");
  }

  /**
   * Runs a notebook in the job's Git source. The path is relative to the root of the repository,
   * and has no extension.
   * @throws ConstructError BAD_PATH
   */
  static inGit(path: string, parameters?: Readonly<Record<string, ParameterValue>>): NotebookTask {
    if (path.startsWith("/") || path === "") {
      throw new ConstructError(
        "BAD_PATH",
        "a path in Git is relative to the root of the repository",
        {
          path: callerPosition(),
          value: path,
          allowed: "notebooks/ingest",
        },
      );
    }
    return new NotebookTask(path, () => path, parameters, "GIT");
  }

  private constructor(
    readonly path: string,
    private readonly renderPath: () => string,
    readonly parameters: Readonly<Record<string, ParameterValue>> | undefined,
    private readonly source: FileSource,
  ) {
    super();
  }

  render(): RenderedRun {
    return {
      notebookTask: {
        notebookPath: this.renderPath(),
        baseParameters: renderParameters(this.parameters),
        source: this.source,
      },
    };
  }
}
