import type { JsonValue } from "../errors";
import { fail, createTaskRun, succeed, type Env } from "./endings";
import { asNumber, asObject, asText } from "./json";
import { latest, isTerminal, type Attempt, type TaskRun } from "./run-model";

/**
 * Max number of characters of literal inputs (docs "For each task"; other pages of the docs say
 * 5,000).
 */
export const INPUTS_LIMIT = 10_000;

/**
 * Starts a loop, whose inputs must be a JSON array, literal or by reference. {@link stepIterations}
 * adds the iterations.
 */
export function startIterations(env: Env, task: TaskRun, attempt: Attempt): void {
  if (inputsOf(attempt) === undefined) {
    fail(
      env,
      task,
      attempt,
      "Failed to start the loop: the inputs of a for each task must be a JSON array.",
      "INVALID_RUN_CONFIGURATION",
    );
    return;
  }
  attempt.iterations = [];
}

/** Returns the loop's inputs; undefined if they are not an array. */
export function inputsOf(attempt: Attempt): JsonValue[] | undefined {
  const inputs = asObject(attempt.resolved?.for_each_task)?.inputs;
  if (Array.isArray(inputs)) return inputs;
  try {
    const parsed = JSON.parse(asText(inputs)) as JsonValue;
    return Array.isArray(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

const concurrencyOf = (task: TaskRun): number =>
  Math.max(1, asNumber(asObject(task.spec.for_each_task)?.concurrency, 1));

/**
 * Advances the active iterations, starts new ones up to `concurrency`, and ends the loop after the
 * last one.
 * @returns whether anything changed
 */
export function stepIterations(
  env: Env,
  task: TaskRun,
  attempt: Attempt,
  step: (env: Env, task: TaskRun) => boolean,
): boolean {
  const iterations = attempt.iterations ?? [];
  const inputs = inputsOf(attempt) ?? [];
  const nestedTask = asObject(asObject(task.spec.for_each_task)?.task) ?? {};
  let hasChanged = false;
  let activeCount = 0;
  for (const iteration of iterations) {
    // An iteration has no dependencies, so it needs no other tasks.
    while (step({ ...env, tasks: new Map() }, iteration)) hasChanged = true;
    if (!isTerminal(latest(iteration).life)) activeCount++;
  }
  while (activeCount < concurrencyOf(task) && iterations.length < inputs.length) {
    const index = iterations.length;
    const iteration: TaskRun = {
      ...createTaskRun(nestedTask, env.host.nextId(), attempt.repair),
      input: inputs[index] ?? null,
      index,
    };
    iterations.push(iteration);
    while (step({ ...env, tasks: new Map() }, iteration));
    hasChanged = true;
    if (!isTerminal(latest(iteration).life)) activeCount++;
  }
  if (activeCount > 0 || iterations.length < inputs.length) return hasChanged;
  const failedCount = iterations.filter(
    (iteration) => latest(iteration).result !== "SUCCESS",
  ).length;
  if (failedCount === 0) succeed(env, attempt);
  else
    fail(
      env,
      task,
      attempt,
      `${failedCount} of ${inputs.length} iterations failed`,
      "RUN_EXECUTION_ERROR",
    );
  return true;
}
