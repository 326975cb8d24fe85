import { defined } from "../../defined";
import { invalid, type JsonObject, type JsonValue } from "../errors";
import { asNumber, asObject, formatValue } from "./json";
import {
  kindOf,
  type Attempt,
  type Outcome,
  type Run,
  type TaskKind,
  type TaskRun,
} from "./run-model";

/** One line of the script: which attempts it matches, and their outcome. */
interface Rule {
  readonly job?: string;
  readonly task?: string;
  readonly attempt?: number;
  readonly repair?: number;
  /** Matches the n-th run of the job, counting from 1. */
  readonly run?: number;
  /** Matches the n-th iteration of a loop, counting from 0. */
  readonly iteration?: number;
  readonly input?: JsonValue;
  /** The number of further attempts that the line applies to. */
  times?: number;
  readonly outcome: Partial<Outcome>;
  /** The line as given in the script. */
  readonly line: JsonObject;
}

export interface Durations {
  readonly setup_ms: number;
  readonly duration_ms: number;
  readonly terminating_ms: number;
}

const defaultDurations: Durations = { setup_ms: 200, duration_ms: 200, terminating_ms: 100 };

const results = ["SUCCESS", "FAILED", "TIMEDOUT", "CANCELED", "SKIPPED"] as const;
const FIELD_NAMES = [
  "job",
  "task",
  "attempt",
  "repair",
  "run",
  "iteration",
  "input",
  "times",
  "execution",
  "result",
  "setup",
  "duration",
  "output",
  "logs",
  "error",
  "error_trace",
  "values",
];
/** Fields that a line with `execution: true` must not have. */
const SCRIPTED_FIELDS = ["result", "duration", "output", "logs", "error", "error_trace", "values"];

/**
 * The scripted outcomes of tasks. A script is `{defaults: {setup, duration, terminating}, outcomes:
 * [{job, task, attempt, …, result, duration, output, values, error}]}`, or only the list. The first
 * line that matches an attempt applies; attempts without a matching line succeed, or are executed
 * with `executeAll`. `job` and `task` accept `*`; durations are milliseconds or strings like "5s".
 * `times` limits how often a line applies. A line with `execution: true` executes the task.
 */
export class Outcomes {
  private rules: Rule[] = [];
  /** The lines that apply to single runs only. */
  private readonly runRules = new WeakMap<Run, Rule[]>();
  durations: Durations = defaultDurations;

  /**
   * @param executeAll whether attempts without a matching line are executed
   * @param executeOnRequest whether scripts that are sent later may select tasks to execute
   */
  constructor(
    script?: JsonValue,
    private readonly executeAll = false,
    executeOnRequest = false,
  ) {
    if (script !== undefined) this.load(script);
    this.mayExecute =
      executeAll || executeOnRequest || this.rules.some((rule) => rule.outcome.execute === true);
  }

  /** Whether execution was enabled at startup, by an option or by a line of the script. */
  readonly mayExecute: boolean;

  private load(script: JsonValue): void {
    const { rules, durations } = parseScript(script);
    this.rules = rules;
    this.durations = { ...defaultDurations, ...durations };
  }

  /**
   * Checks a script that was sent after the start.
   * @throws INVALID_PARAMETER_VALUE if it selects tasks to execute although execution is off
   */
  rejectExecution(script: JsonValue): void {
    if (!this.mayExecute && parseScript(script).rules.some((rule) => rule.outcome.execute === true))
      throw invalid(
        "outcomes: execution is off in this workspace: start it with --execute, or with a script that has a line with execution: true",
      );
  }

  /** @throws INVALID_PARAMETER_VALUE naming the invalid line and field */
  replace(script: JsonValue): void {
    this.rejectExecution(script);
    this.load(script);
  }

  /** Inserts lines before the existing ones. */
  add(script: JsonValue): void {
    this.rejectExecution(script);
    const { rules, durations } = parseScript(script);
    this.rules = [...rules, ...this.rules];
    this.durations = { ...this.durations, ...durations };
  }

  /** Returns the current script. */
  currentScript(): JsonObject {
    const { setup_ms, duration_ms, terminating_ms } = this.durations;
    return {
      defaults: { setup: setup_ms, duration: duration_ms, terminating: terminating_ms },
      outcomes: this.rules.map((rule) => ({ ...rule.line, ...defined({ times: rule.times }) })),
    };
  }

  /**
   * Returns the outcome of an attempt that starts now. If the matching line has `times`, this uses up
   * one of them.
   */
  outcomeFor(run: Run, task: TaskRun, attempt: Attempt): Outcome {
    let runRules = this.runRules.get(run);
    if (runRules === undefined) {
      runRules = run.script === undefined ? [] : parseScript(run.script).rules;
      this.runRules.set(run, runRules);
    }
    const rule = [...runRules, ...this.rules].find((item) => matchesRule(item, run, task, attempt));
    if (rule?.times !== undefined) {
      rule.times--;
      // The run stores its script, so that used-up lines stay used up in a repair and after a
      // restart.
      if (runRules.includes(rule)) rule.line.times = rule.times;
    }
    const execute = rule === undefined ? this.executeAll : rule.outcome.execute === true;
    // A process starts immediately, because it does not wait for a cluster.
    if (execute && isExecutable(kindOf(task.spec)))
      return { result: "SUCCESS", setup_ms: 0, duration_ms: 0, ...rule?.outcome, execute: true };
    return {
      result: "SUCCESS",
      setup_ms: this.durations.setup_ms,
      duration_ms: this.durations.duration_ms,
      ...defaultOutput(task),
      ...rule?.outcome,
    };
  }
}

const isExecutable = (kind: TaskKind | undefined): boolean =>
  kind !== undefined && !["condition_task", "for_each_task", "run_job_task"].includes(kind);

const defaultOutput = (task: TaskRun): Partial<Outcome> =>
  kindOf(task.spec) === "spark_python_task" ? { logs: "" } : {};

function matchesRule(rule: Rule, run: Run, task: TaskRun, attempt: Attempt): boolean {
  if (rule.times !== undefined && rule.times <= 0) return false;
  if (
    rule.job !== undefined &&
    !matchesName(rule.job, run.run_name) &&
    rule.job !== String(run.job_id)
  )
    return false;
  if (rule.task !== undefined && !matchesName(rule.task, task.key)) return false;
  if (rule.attempt !== undefined && rule.attempt !== attempt.attempt) return false;
  if (rule.repair !== undefined && rule.repair !== attempt.repair) return false;
  if (rule.run !== undefined && rule.run !== run.number_in_job) return false;
  if (rule.iteration !== undefined && rule.iteration !== task.index) return false;
  return rule.input === undefined || JSON.stringify(rule.input) === JSON.stringify(task.input);
}

function matchesName(pattern: string, name: string): boolean {
  const parts = pattern.split("*");
  const prefix = parts.shift() ?? "";
  if (parts.length === 0) return prefix === name;
  if (!name.startsWith(prefix)) return false;
  const suffix = parts.pop() ?? "";
  let position = prefix.length;
  for (const part of parts) {
    const index = name.indexOf(part, position);
    if (index < 0) return false;
    position = index + part.length;
  }
  return name.length - suffix.length >= position && name.endsWith(suffix);
}

/**
 * Parses the header of run-now and runs/submit that contains the script for this run: one line or a
 * list of lines, as JSON.
 * @throws INVALID_PARAMETER_VALUE
 */
export function parseOutcomesHeader(header: string | string[] | undefined): JsonValue | undefined {
  if (header === undefined) return undefined;
  let script: JsonValue;
  try {
    script = JSON.parse(String(header)) as JsonValue;
  } catch {
    throw invalid("The header x-lakeform-outcomes must be JSON.");
  }
  const lines = Array.isArray(script) ? script : [script];
  parseScript(lines);
  return lines;
}

function parseScript(script: JsonValue): { rules: Rule[]; durations: Partial<Durations> } {
  if (Array.isArray(script)) return { rules: script.map(parseRule), durations: {} };
  const object = asObject(script);
  if (object === undefined)
    throw invalid("outcomes: expected a list, or an object with outcomes and defaults");
  for (const name of Object.keys(object))
    if (!["defaults", "outcomes"].includes(name))
      throw invalid(`outcomes: unknown field '${name}', expected defaults, outcomes`);
  const lines = object.outcomes ?? [];
  if (!Array.isArray(lines)) throw invalid("outcomes: the field outcomes must be a list");
  const defaults = asObject(object.defaults) ?? {};
  const durations: Record<string, number> = {};
  for (const [name, value] of Object.entries(defaults)) {
    if (!["setup", "duration", "terminating"].includes(name))
      throw invalid(`outcomes: unknown default '${name}', expected setup, duration, terminating`);
    durations[`${name}_ms`] = parseDuration(value ?? null, `defaults.${name}`);
  }
  return { rules: lines.map(parseRule), durations };
}

function parseRule(line: JsonValue, index: number): Rule {
  const object = asObject(line);
  const location = `outcomes[${index}]`;
  if (object === undefined) throw invalid(`${location}: expected an object`);
  for (const name of Object.keys(object))
    if (!FIELD_NAMES.includes(name))
      throw invalid(
        `${location}: unknown field '${name}', expected one of ${FIELD_NAMES.join(", ")}`,
      );
  const result =
    object.result === undefined ? undefined : results.find((item) => item === object.result);
  if (object.result !== undefined && result === undefined)
    throw invalid(`${location}.result: expected one of ${results.join(", ")}`);
  const values = object.values === undefined ? undefined : asObject(object.values);
  if (object.values !== undefined && values === undefined)
    throw invalid(`${location}.values: expected an object`);
  for (const [name, value] of Object.entries(values ?? {}))
    if (JSON.stringify(value).length > 48 * 1024)
      throw invalid(`${location}.values.${name}: a task value is at most 48 KiB of JSON`);
  const numberField = (
    name: "attempt" | "repair" | "run" | "iteration" | "times",
  ): Record<string, number> =>
    object[name] === undefined ? {} : { [name]: parseCount(object[name], `${location}.${name}`) };
  const textField = (
    name: "job" | "task" | "logs" | "error" | "error_trace",
  ): Record<string, string> =>
    object[name] === undefined ? {} : { [name]: formatValue(object[name]) };
  const execution = object.execution;
  if (execution !== undefined && typeof execution !== "boolean")
    throw invalid(`${location}.execution: expected true or false`);
  if (execution === true)
    for (const name of SCRIPTED_FIELDS)
      if (object[name] !== undefined)
        throw invalid(
          `${location}.${name}: a line with execution: true cannot have ${name}, because the task is executed`,
        );
  return {
    ...textField("job"),
    ...textField("task"),
    ...numberField("attempt"),
    ...numberField("repair"),
    ...numberField("run"),
    ...numberField("iteration"),
    ...numberField("times"),
    ...defined({ input: object.input }),
    outcome: {
      ...(execution === true ? { execute: true as const } : {}),
      ...defined({ result }),
      ...(object.setup === undefined
        ? {}
        : { setup_ms: parseDuration(object.setup, `${location}.setup`) }),
      ...(object.duration === undefined
        ? {}
        : { duration_ms: parseDuration(object.duration, `${location}.duration`) }),
      ...defined({ output: object.output }),
      ...textField("logs"),
      ...textField("error"),
      ...textField("error_trace"),
      ...(values === undefined ? {} : { values: values as Record<string, JsonValue> }),
    },
    line: object,
  };
}

function parseCount(value: JsonValue | undefined, location: string): number {
  const number = asNumber(value, Number.NaN);
  if (!Number.isInteger(number) || number < 0)
    throw invalid(`${location}: expected a whole number of at least 0`);
  return number;
}

const units: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/**
 * Parses a duration: a number of milliseconds, or a string like `250ms`, `5s`, `2m`, `1.5h`, `1d`.
 */
export function parseDuration(value: JsonValue, location: string): number {
  if (typeof value === "number" && value >= 0) return Math.round(value);
  const match =
    typeof value === "string" ? /^(\d+(?:\.\d+)?)\s*(ms|s|m|min|h|d)$/.exec(value.trim()) : null;
  if (match === null)
    throw invalid(`${location}: expected milliseconds or a string like "5s", "2m", "1h"`);
  return Math.round(Number(match[1]) * (units[match[2] ?? "ms"] ?? 1));
}
