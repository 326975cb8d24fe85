import { SelfContainedRun, type RenderedRun } from "./task-run";

/**
 * Runs a job of dbt Cloud. The former name of `DbtPlatformTask`.
 *
 * @example
 * workflow.addTask("dbt", { run: DbtCloudTask.of("dbt-connection", 70403) });
 */
export class DbtCloudTask extends SelfContainedRun {
  /** Runs a job, by the name of the Unity Catalog connection and the number of the job. */
  static of(connectionResourceName: string, dbtCloudJobId: number): DbtCloudTask {
    return new DbtCloudTask({ dbtCloudTask: { connectionResourceName, dbtCloudJobId } });
  }

  private constructor(private readonly rendered: RenderedRun) {
    super();
  }

  render(): RenderedRun {
    return this.rendered;
  }
}
