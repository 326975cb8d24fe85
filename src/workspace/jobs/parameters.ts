import type { JsonObject } from "../errors";
import { asArray, asObject, clone, formatValue, asText } from "./json";
import type { Parameter, Run } from "./run-model";

/** The fields of run-now (and repair) that override a task's own parameters. */
const overrideFields = [
  "jar_params",
  "notebook_params",
  "python_params",
  "spark_submit_params",
  "python_named_params",
  "pipeline_params",
  "sql_params",
  "dbt_commands",
] as const;

/** Returns the parameter overrides of a call, as sent. */
export function overridesOf(input: JsonObject): JsonObject {
  const overrides: JsonObject = {};
  for (const name of overrideFields)
    if (input[name] !== undefined && input[name] !== null) overrides[name] = input[name];
  return overrides;
}

/**
 * Returns the job's parameters with the values of a run. Unknown names are added, as on the
 * platform.
 */
export function parametersOf(settings: JsonObject, values: JsonObject | undefined): Parameter[] {
  const result: Parameter[] = [];
  for (const item of asArray(settings.parameters)) {
    const parameter = asObject(item);
    if (parameter === undefined) continue;
    const name = asText(parameter.name);
    const defaultValue = formatValue(parameter.default);
    result.push({
      name,
      default: defaultValue,
      value: Object.hasOwn(values ?? {}, name) ? formatValue(values?.[name]) : defaultValue,
    });
  }
  for (const [name, value] of Object.entries(values ?? {}))
    if (!result.some((item) => item.name === name))
      result.push({ name, value: formatValue(value) });
  return result;
}

/**
 * Returns a task with the run's parameters. Overrides of run-now replace the task's own parameters:
 * named parameters one by one, lists completely. Job parameters are passed to tasks with named
 * parameters, where they take precedence (docs "Parameterize jobs").
 */
export function withParameters(run: Run, spec: JsonObject): JsonObject {
  const { overriding, parameters } = run;
  if (parameters.length === 0 && Object.keys(overriding).length === 0) return spec;
  const task = clone(spec);
  const jobValues = Object.fromEntries(parameters.map(({ name, value }) => [name, value]));
  const merge = (kind: string, field: string, override: string): void => {
    const body = asObject(task[kind]);
    if (body === undefined) return;
    const values = { ...asObject(body[field]), ...asObject(overriding[override]), ...jobValues };
    if (Object.keys(values).length > 0) task[kind] = { ...body, [field]: values };
  };
  const replace = (kind: string, field: string, override: string): void => {
    const body = asObject(task[kind]);
    if (body !== undefined && overriding[override] !== undefined)
      task[kind] = { ...body, [field]: overriding[override] };
  };
  merge("notebook_task", "base_parameters", "notebook_params");
  merge("sql_task", "parameters", "sql_params");
  // No field of run-now overrides the parameters of a run_job_task.
  merge("run_job_task", "job_parameters", "");
  // A wheel task has either a list of parameters or named ones.
  if (asObject(task.python_wheel_task)?.parameters === undefined)
    merge("python_wheel_task", "named_parameters", "python_named_params");
  replace("spark_jar_task", "parameters", "jar_params");
  replace("spark_python_task", "parameters", "python_params");
  replace("python_wheel_task", "parameters", "python_params");
  replace("spark_submit_task", "parameters", "spark_submit_params");
  replace("dbt_task", "commands", "dbt_commands");
  const pipeline = asObject(task.pipeline_task);
  if (pipeline !== undefined && overriding.pipeline_params !== undefined)
    task.pipeline_task = { ...pipeline, ...asObject(overriding.pipeline_params) };
  return task;
}
