import { SelfContainedRun, type RenderedRun } from "./task-run";

/**
 * Runs a job of the dbt platform.
 *
 * @example
 * workflow.addTask("dbt", { run: DbtPlatformTask.of("dbt-connection", "70403103919") });
 */
export class DbtPlatformTask extends SelfContainedRun {
  /** Runs a job, by the name of the Unity Catalog connection and the id of the job. */
  static of(connectionResourceName: string, dbtPlatformJobId: string): DbtPlatformTask {
    return new DbtPlatformTask({ dbtPlatformTask: { connectionResourceName, dbtPlatformJobId } });
  }

  private constructor(private readonly rendered: RenderedRun) {
    super();
  }

  render(): RenderedRun {
    return this.rendered;
  }
}
