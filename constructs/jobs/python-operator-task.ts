import { renderFactoryFieldsOfNewerBindings } from "../core/newer-bindings";
import { renderParameters, type ParameterValue } from "./reference";
import { ComputeRun, type RenderedRun } from "./task-run";

/**
 * Calls a Python function of an installed package. Requires cdktn, with the bindings of provider
 * 1.128.0 or newer.
 *
 * @example
 * workflow.addTask("load", {
 *   run: PythonOperatorTask.of("acme_etl.load:main", { day: "2026-01-31" }),
 *   on: Serverless.compute,
 * });
 * @see https://docs.databricks.com/api/workspace/jobs/create
 */
export class PythonOperatorTask extends ComputeRun {
  /**
   * @param main the function: `package.module:function`
   * @throws ConstructError NEWER_BINDINGS_NEEDED
   */
  static of(
    main: string,
    parameters: Readonly<Record<string, ParameterValue>> = {},
  ): PythonOperatorTask {
    const values = Object.entries(renderParameters(parameters) ?? {}).map(([name, value]) => ({
      name,
      value,
    }));
    return new PythonOperatorTask(
      renderFactoryFieldsOfNewerBindings({ pythonOperatorTask: { main, parameters: values } }),
    );
  }

  private constructor(private readonly rendered: RenderedRun) {
    super();
  }

  render(): RenderedRun {
    return this.rendered;
  }
}
