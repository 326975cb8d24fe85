import type { JobTask } from "../core/bindings";

/** The source of a task's file: the workspace, or the job's Git source. */
export type FileSource = "WORKSPACE" | "GIT";

/** The context in which a run is rendered. */
export interface RunContext {
  /** Whether the job uses files from Git. */
  readonly hasGitSource: boolean;
}

/** The part of a task that defines what it runs, in the bindings' names. */
export type RenderedRun = Pick<
  JobTask,
  | "notebookTask"
  | "sparkPythonTask"
  | "pythonWheelTask"
  | "sparkJarTask"
  | "sparkSubmitTask"
  | "sqlTask"
  | "dbtTask"
  | "pipelineTask"
  | "runJobTask"
  | "dashboardTask"
  | "powerBiTask"
  | "dbtCloudTask"
  | "dbtPlatformTask"
  | "genAiComputeTask"
>;

/** What a task runs. Each task type has a factory: `NotebookTask.at(path, parameters)`. */
export abstract class TaskRun {
  /** @internal */
  abstract render(context: RunContext): RenderedRun;
}

/** A run that needs compute: the task must set `on`. */
export abstract class ComputeRun extends TaskRun {
  protected readonly needs = "compute";
}

/** A notebook can run on a cluster or on a SQL warehouse. */
export abstract class NotebookRun extends TaskRun {
  protected readonly needs = "compute or warehouse";
}

/** A run without configurable compute (SQL, pipelines, other jobs): it accepts no `on`. */
export abstract class SelfContainedRun extends TaskRun {
  protected readonly needs = "nothing";
}

/** A path relative to the root of the Git source, or in the workspace. */
export function sourceOf(path: string, context: RunContext, source?: FileSource): FileSource {
  return (
    source ??
    (context.hasGitSource && !path.startsWith("/") && !path.startsWith("${") ? "GIT" : "WORKSPACE")
  );
}
