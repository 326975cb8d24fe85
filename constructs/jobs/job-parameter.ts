import { DynamicReference } from "./reference";

/** A parameter of a job, which each task sees: `{{job.parameters.<name>}}`. Made by {@link Workflow.addParameter}. */
export class JobParameter extends DynamicReference {
  /** @internal use `workflow.addParameter` */
  constructor(
    readonly name: string,
    readonly defaultValue: string,
  ) {
    super(`{{job.parameters.${name}}}`);
  }
}
