import { ConstructError } from "../core/errors";
import { callerPosition } from "../core/caller-position";
import { renderArguments, type ParameterValue } from "./reference";
import { ComputeRun, type RenderedRun } from "./task-run";

export interface SparkJarOptions {
  /**
   * Run `main` in the context of the Spark session, like code of a notebook.
   * @default - the platform decides
   */
  readonly runAsRepl?: boolean;
}

/**
 * Calls the main class of a JAR. The JAR must be a library of the task.
 *
 * @example
 * SparkJarTask.of("com.acme.etl.Main", ["--full"]);
 * @see https://docs.databricks.com/aws/en/jobs/tasks/jar
 */
export class SparkJarTask extends ComputeRun {
  /** @throws ConstructError BAD_CLASS for an invalid class name */
  static of(
    mainClassName: string,
    args?: readonly ParameterValue[],
    options: SparkJarOptions = {},
  ): SparkJarTask {
    if (!/^[A-Za-z_$][\w$]*(\.[A-Za-z_$][\w$]*)*$/.test(mainClassName)) {
      throw new ConstructError("BAD_CLASS", "not the full name of a class", {
        path: callerPosition(),
        value: mainClassName,
        allowed: "the name of a class with its package, such as com.acme.etl.Main",
        fix: "use the class name with its package",
      });
    }
    return new SparkJarTask(mainClassName, args, options);
  }

  private constructor(
    readonly mainClassName: string,
    private readonly args: readonly ParameterValue[] | undefined,
    private readonly options: SparkJarOptions,
  ) {
    super();
  }

  render(): RenderedRun {
    return {
      sparkJarTask: {
        mainClassName: this.mainClassName,
        parameters: renderArguments(this.args),
        runAsRepl: this.options.runAsRepl,
      },
    };
  }
}
