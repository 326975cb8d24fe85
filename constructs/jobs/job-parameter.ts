import { DynamicReference, quoteName } from "./reference";

/**
 * A parameter of a job, available in each task: `{{job.parameters.<name>}}`. Created by
 * {@link Workflow.addParameter}.
 *
 * @example
 * const date = workflow.addParameter("date", "2026-01-01");
 * workflow.addTask("ingest", {
 *   run: NotebookTask.at("/Shared/ingest", { date, source: `s3://raw/${date.toString()}` }),
 *   on: Serverless.compute,
 * });
 */
export class JobParameter extends DynamicReference {
  /** @internal use `workflow.addParameter` */
  constructor(
    readonly name: string,
    readonly defaultValue: string,
  ) {
    super(`{{job.parameters.${quoteName(name)}}}`);
  }
}
