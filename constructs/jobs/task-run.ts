import type { JobTask } from "../core/bindings";

/** Where a task's file comes from: the workspace, or the job's Git source. */
export type FileSource = "WORKSPACE" | "GIT";

/** The settings of the job that a run depends on. */
export interface RunContext {
  /** Whether the job has a Git source. */
  readonly hasGitSource: boolean;
}

/** The fields of a task that define what it runs, in the naming of the bindings. */
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

/** What a task runs. Each task type has factories such as `NotebookTask.at(path, parameters)`. */
export abstract class TaskRun {
  /** @internal */
  abstract render(context: RunContext): RenderedRun;
}

/** A run that needs compute: its task must set `on`. */
export abstract class ComputeRun extends TaskRun {
  protected readonly needs = "compute";
}

/** A run of a notebook, on a cluster or on a SQL warehouse. */
export abstract class NotebookRun extends TaskRun {
  protected readonly needs = "compute or warehouse";
}

/** A run without configurable compute (SQL, pipelines, other jobs): its task cannot set `on`. */
export abstract class SelfContainedRun extends TaskRun {
  protected readonly needs = "nothing";
}
