import { failWithInternalError, end, stop, type EngineHost, type Env } from "./endings";
import { outcomeOf } from "./run-if";
import { latest, isTerminal, type Progress, type Run, type TaskRun } from "./run-model";
import { step } from "./step";

/** A queued run is skipped after 48 hours (docs "Job queueing"). */
const QUEUE_LIMIT_MS = 48 * 3_600_000;

/** Advances a run to `now`: applies all due changes and their immediate consequences. */
export function advance(run: Run, now: number, host: EngineHost): void {
  if (isTerminal(run.life)) return;
  if (run.life === "QUEUED") {
    if (run.queued !== undefined && now >= run.queued.at + QUEUE_LIMIT_MS)
      end(run, now, {
        life: "SKIPPED",
        code: "MAX_CONCURRENT_RUNS_EXCEEDED",
        result: "MAXIMUM_CONCURRENT_RUNS_REACHED",
        message: "Skipping this run because it was queued for more than 48 hours.",
      });
    return;
  }
  const env: Env = { run, now, host, tasks: new Map(run.tasks.map((task) => [task.key, task])) };
  if (
    run.timeout_seconds > 0 &&
    run.timed_out !== true &&
    run.cancel === undefined &&
    now >= (run.executing ?? run.start ?? now) + run.timeout_seconds * 1000
  ) {
    run.timed_out = true;
    for (const task of run.tasks) stop(env, task, "TIMEDOUT");
  }
  // Ended tasks do not change, so each pass processes only the others. This matters for runs of
  // 1,000 tasks.
  for (let activeTasks = run.tasks, hasChanged = true; hasChanged;) {
    activeTasks = activeTasks.filter((task) => !isTerminal(latest(task).life));
    hasChanged = false;
    for (const task of activeTasks) if (step(env, task)) hasChanged = true;
  }
  if (run.tasks.every((task) => isTerminal(latest(task).life))) {
    run.executed ??= now;
    end(run, now, outcomeOf(run));
  } else if (run.cancel !== undefined || run.timed_out === true) {
    run.life = "TERMINATING";
  } else if (
    run.tasks.some(
      (task) => latest(task).executing !== undefined && latest(task).repair === run.repairs.length,
    )
  ) {
    run.life = "RUNNING";
    run.message = "In run";
  }
}

/** Returns the time at which the run must be advanced; undefined if it only waits for events. */
export function nextDue(run: Run): number | undefined {
  if (isTerminal(run.life)) return undefined;
  if (run.life === "QUEUED")
    return run.queued === undefined ? undefined : run.queued.at + QUEUE_LIMIT_MS;
  let dueAt =
    run.timeout_seconds > 0 && run.timed_out !== true
      ? (run.executing ?? run.start ?? 0) + run.timeout_seconds * 1000
      : Number.POSITIVE_INFINITY;
  for (const task of run.tasks) dueAt = Math.min(dueAt, taskDueTime(task));
  return dueAt === Number.POSITIVE_INFINITY ? undefined : dueAt;
}

function taskDueTime(task: TaskRun): number {
  const attempt = latest(task);
  if (isTerminal(attempt.life)) return Number.POSITIVE_INFINITY;
  let dueAt = attempt.due ?? Number.POSITIVE_INFINITY;
  for (const iteration of attempt.iterations ?? []) dueAt = Math.min(dueAt, taskDueTime(iteration));
  return dueAt;
}

/** Starts a new run, one that was queued, or a repair. */
export function start(run: Run, now: number, host: EngineHost): void {
  run.life = "PENDING";
  run.message = "Waiting for cluster";
  run.executing = now;
  advance(run, now, host);
}

/** Cancels a complete run, as runs/cancel does. */
export function cancel(run: Run, now: number, host: EngineHost, user: string): void {
  if (isTerminal(run.life) || run.cancel !== undefined) return;
  run.cancel = { at: now, by: user };
  const env: Env = { run, now, host, tasks: new Map() };
  for (const task of run.tasks) stop(env, task, "CANCELED");
  if (run.life === "QUEUED") end(run, now, outcomeOf(run));
  else advance(run, now, host);
}

/** Cancels one task of a run. Its dependants follow their run_if. */
export function cancelTask(run: Run, task: TaskRun, now: number, host: EngineHost): void {
  stop({ run, now, host, tasks: new Map() }, task, "CANCELED");
  advance(run, now, host);
}

/** Whether a task or one of its iterations runs on the cluster. */
export const runsOnCluster = (task: TaskRun, id: string): boolean =>
  [task, ...(latest(task).iterations ?? [])].some(
    (taskRun) => latest(taskRun).cluster_id === id && !isTerminal(latest(taskRun).life),
  );

/** Fails the tasks that run on a terminated cluster. */
export function failTasksOnCluster(run: Run, id: string, now: number, host: EngineHost): void {
  const env: Env = { run, now, host, tasks: new Map() };
  for (const task of run.tasks)
    for (const taskRun of [...(latest(task).iterations ?? []), task])
      if (latest(taskRun).cluster_id === id && !isTerminal(latest(taskRun).life))
        failWithInternalError(
          env,
          taskRun,
          latest(taskRun),
          `Cluster '${id}' was terminated. Reason: USER_REQUEST (SUCCESS)`,
        );
  advance(run, now, host);
}

/**
 * Starts a repair: the named tasks run again, the others keep their results.
 * @returns the repair's id
 */
export function repair(run: Run, keys: ReadonlySet<string>, now: number, host: EngineHost): number {
  // The result of the original run or of the previous repair stays visible in the repair history.
  const previous: Progress = { life: run.life };
  for (const field of [
    "result",
    "message",
    "code",
    "start",
    "executing",
    "executed",
    "end",
    "cancelled",
  ] as const)
    if (run[field] !== undefined) Object.assign(previous, { [field]: run[field] });
  const lastRepair = run.repairs.at(-1);
  if (lastRepair === undefined) run.original = previous;
  else lastRepair.progress = previous;
  const id = host.nextId();
  run.repairs.push({ id, start: now });
  for (const field of [
    "result",
    "code",
    "end",
    "executed",
    "cancelled",
    "cancel",
    "timed_out",
  ] as const)
    Reflect.deleteProperty(run, field);
  for (const task of run.tasks) {
    if (!keys.has(task.key)) continue;
    task.attempts.push({
      run_id: host.nextId(),
      attempt: latest(task).attempt + 1,
      repair: run.repairs.length,
      life: "BLOCKED",
    });
  }
  run.left_out = run.left_out.filter((key) => !keys.has(key));
  start(run, now, host);
  return id;
}
