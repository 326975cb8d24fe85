import { renderArguments, type ParameterValue } from "./reference";
import { ComputeRun, type RenderedRun } from "./task-run";

/**
 * Runs spark-submit with its own arguments. It wants a cluster made for it alone, takes no libraries, and is deprecated by the platform: prefer
 * {@link SparkJarTask} and {@link SparkPythonTask}.
 *
 * @see https://docs.databricks.com/aws/en/jobs/tasks/spark-submit
 */
export class SparkSubmitTask extends ComputeRun {
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
