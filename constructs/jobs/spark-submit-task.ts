import { renderArguments, type ParameterValue } from "./reference";
import { ComputeRun, type RenderedRun } from "./task-run";

/**
 * Runs spark-submit. The platform has deprecated this task type: use {@link SparkJarTask} or
 * {@link SparkPythonTask}. The task requires a {@link DedicatedCluster} and accepts no libraries.
 *
 * @example
 * const alone = new DedicatedCluster(stack, "submit-cluster", {
 *   sparkVersion: SparkVersion.LTS_15_4,
 *   nodeType: NodeType.of("i3.xlarge"),
 *   size: ClusterSize.fixed(2),
 * });
 * workflow.addTask("submit", {
 *   run: SparkSubmitTask.of(["--class", "com.acme.Main", "s3://jars/etl.jar"]),
 *   on: alone,
 * });
 * @see https://docs.databricks.com/aws/en/jobs/tasks/spark-submit
 */
export class SparkSubmitTask extends ComputeRun {
  /** Runs spark-submit with these arguments. */
  static of(args: readonly ParameterValue[]): SparkSubmitTask {
    return new SparkSubmitTask(args);
  }

  private constructor(private readonly args: readonly ParameterValue[]) {
    super();
  }

  render(): RenderedRun {
    return { sparkSubmitTask: { parameters: renderArguments(this.args) } };
  }
}
