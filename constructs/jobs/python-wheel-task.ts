import { ConstructError } from "../core/errors";
import { callerPosition } from "../core/caller-position";
import { renderArguments, renderParameters, type ParameterValue } from "./reference";
import { ComputeRun, type RenderedRun } from "./task-run";

/**
 * Calls an entry point of a Python wheel. The wheel must be a library of the task, or a dependency
 * of its serverless environment.
 *
 * @example
 * PythonWheelTask.of("etl", "main", { input_path: "s3://raw-data/" });
 * @see https://docs.databricks.com/aws/en/jobs/tasks/python-wheel
 */
export class PythonWheelTask extends ComputeRun {
  /**
   * Calls an entry point of an installed package.
   * @param parameters a list of positional parameters, or an object of named ones
   * @throws ConstructError BAD_PACKAGE
   */
  static of(
    packageName: string,
    entryPoint: string,
    parameters?: readonly ParameterValue[] | Readonly<Record<string, ParameterValue>>,
  ): PythonWheelTask {
    if (!/^[A-Za-z0-9][\w.-]*$/.test(packageName) || entryPoint.trim() === "") {
      throw new ConstructError("BAD_PACKAGE", "a wheel task needs a package and an entry point", {
        path: callerPosition(),
        value: `${packageName}, ${entryPoint}`,
        fix: "pass the package name from the wheel's metadata, and one of its entry_points",
      });
    }
    return new PythonWheelTask(packageName, entryPoint, parameters);
  }

  private constructor(
    readonly packageName: string,
    readonly entryPoint: string,
    private readonly parameters:
      readonly ParameterValue[] | Readonly<Record<string, ParameterValue>> | undefined,
  ) {
    super();
  }

  render(): RenderedRun {
    const { parameters } = this;
    const positionalParameters = isList(parameters) ? renderArguments(parameters) : undefined;
    const namedParameters =
      parameters !== undefined && !isList(parameters) ? renderParameters(parameters) : undefined;
    return {
      pythonWheelTask: {
        packageName: this.packageName,
        entryPoint: this.entryPoint,
        parameters: positionalParameters,
        namedParameters,
      },
    };
  }
}

function isList(parameters: unknown): parameters is readonly ParameterValue[] {
  return Array.isArray(parameters);
}
