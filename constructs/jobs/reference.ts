/** The parts of a time that a reference can select. All are in UTC. */
export type TimePart =
  | "iso_date"
  | "iso_datetime"
  | "iso_weekday"
  | "is_weekday"
  | "timestamp_ms"
  | "year"
  | "month"
  | "day"
  | "hour"
  | "minute"
  | "second";

/**
 * A value that is known only at run time: `{{job.run_id}}`, `{{tasks.ingest.values.rows}}`. It can
 * be used as a parameter, or inside the string of a parameter (`` `s3://raw/${date}` ``). Synth
 * checks that a referenced task runs before the task that uses it, and that a referenced parameter
 * is declared.
 *
 * @example
 * const fresh = workflow.addCondition("fresh", {
 *   left: ingest.value("rows"),
 *   op: "GREATER_THAN",
 *   right: "0",
 *   after: [ingest],
 * });
 * workflow.addTask("publish", {
 *   run: NotebookTask.at("/Shared/publish", {
 *     run: DynamicReference.jobRunId,
 *     rows: ingest.value("rows"),
 *   }),
 *   on: Serverless.compute,
 *   after: [fresh.whenTrue],
 * });
 * @see https://docs.databricks.com/aws/en/jobs/dynamic-value-references
 */
export class DynamicReference {
  /** The id of the job. */
  static readonly jobId = new DynamicReference("{{job.id}}");
  /** The name of the job. */
  static readonly jobName = new DynamicReference("{{job.name}}");
  /** The id of the job run. */
  static readonly jobRunId = new DynamicReference("{{job.run_id}}");
  /** The number of repairs of the run. */
  static readonly jobRepairCount = new DynamicReference("{{job.repair_count}}");
  /** The type of the trigger that started the run: `periodic`, `one_time`, … */
  static readonly jobTriggerType = new DynamicReference("{{job.trigger.type}}");
  /** The id of the workspace. */
  static readonly workspaceId = new DynamicReference("{{workspace.id}}");
  /** The URL of the workspace. */
  static readonly workspaceUrl = new DynamicReference("{{workspace.url}}");
  /** The id of the task's run. */
  static readonly taskRunId = new DynamicReference("{{task.run_id}}");
  /** The key of the task. */
  static readonly taskName = new DynamicReference("{{task.name}}");
  /** The path of the notebook that the task runs. */
  static readonly taskNotebookPath = new DynamicReference("{{task.notebook_path}}");
  /** The location that a file arrival trigger watches. */
  static readonly jobTriggerFileArrivalLocation = new DynamicReference(
    "{{job.trigger.file_arrival.location}}",
  );
  /** The changed tables of a table update trigger, as a JSON list. */
  static readonly jobTriggerUpdatedTables = new DynamicReference(
    "{{job.trigger.table_update.updated_tables}}",
  );
  /** The number of times the task has run in this job run, including retries and repairs. */
  static readonly taskExecutionCount = new DynamicReference("{{task.execution_count}}");
  /** The item of the current iteration of a for_each task. */
  static readonly input = new DynamicReference("{{input}}");

  /** The time at which the run started, in UTC. */
  static jobStartTime(part: TimePart): DynamicReference {
    return new DynamicReference(`{{job.start_time.${part}}}`);
  }

  /** The time for which a scheduled run was scheduled, in UTC. */
  static jobTriggerTime(part: TimePart): DynamicReference {
    return new DynamicReference(`{{job.trigger.time.${part}}}`);
  }

  /** A field of the current item of a for_each task over objects. */
  static inputField(field: string): DynamicReference {
    return new DynamicReference(`{{input.${quoteName(field)}}}`);
  }

  /** Prevents objects of other classes from being accepted as a reference. */
  readonly #brand = "DynamicReference";

  /** @internal tasks and parameters provide these */
  constructor(readonly text: string) {}

  toString(): string {
    return this.text;
  }

  toJSON(): string {
    // Always true: an unused private field would be a compile error.
    return this.#brand === "DynamicReference" ? this.text : "";
  }
}

/**
 * Quotes a name in a reference: the platform requires backquotes around a name with characters
 * other than letters, digits and `_`.
 */
export const quoteName = (name: string): string => (/^\w+$/.test(name) ? name : `\`${name}\``);

/**
 * The value of a parameter: a string, or a value that is known only at run time. Pass numbers as
 * strings, because tasks receive strings.
 */
export type ParameterValue = string | DynamicReference;

/** Renders named parameters; undefined if there are none. */
export function renderParameters(
  parameters: Readonly<Record<string, ParameterValue>> | undefined,
): Record<string, string> | undefined {
  if (parameters === undefined) return undefined;
  const entries = Object.entries(parameters);
  if (entries.length === 0) return undefined;
  const rendered: Record<string, string> = {};
  for (const [name, value] of entries) rendered[name] = value.toString();
  return rendered;
}

/** Renders positional parameters; undefined if there are none. */
export function renderArguments(args: readonly ParameterValue[] | undefined): string[] | undefined {
  return args === undefined || args.length === 0
    ? undefined
    : args.map((argument) => argument.toString());
}
