import { conditionOps, compareOperands } from "./condition";
import {
  failWithInternalError,
  end,
  fail,
  stopEnding,
  succeed,
  timeOut,
  type Env,
} from "./endings";
import { startIterations, stepIterations } from "./for-each";
import { asArray, asNumber, asObject, formatValue, asText } from "./json";
import { withParameters } from "./parameters";
import { resolveObject, UnresolvedReference } from "./references";
import { evaluateRunIf } from "./run-if";
import {
  kindOf,
  latest,
  isTerminal,
  type Attempt,
  type AttemptResult,
  type TaskRun,
} from "./run-model";

/** Makes one state change of a task. @returns whether the state changed */
export function step(env: Env, task: TaskRun): boolean {
  const attempt = latest(task);
  const { now, run } = env;
  const isDue = attempt.due !== undefined && attempt.due <= now;
  switch (attempt.life) {
    case "BLOCKED": {
      if (run.left_out.includes(task.key) || task.spec.disabled === true) {
        end(attempt, now, {
          life: "SKIPPED",
          result: "DISABLED",
          code: "DISABLED",
          message: "The task was disabled.",
        });
        return true;
      }
      const isWaiting = asArray(task.spec.depends_on).some((item) => {
        const dependency = env.tasks.get(asText(asObject(item)?.task_key));
        return dependency !== undefined && !isTerminal(latest(dependency).life);
      });
      if (isWaiting) return false;
      const verdict = evaluateRunIf(task.spec, env.tasks, run.left_out);
      if (verdict === "run") startAttempt(env, task, attempt);
      else end(attempt, now, { life: "SKIPPED", ...verdict });
      return true;
    }
    case "WAITING_FOR_RETRY":
      if (isDue) startAttempt(env, task, attempt);
      return isDue;
    case "PENDING":
      if (isDue) execute(env, task, attempt);
      return isDue;
    case "RUNNING":
      return finishIfDone(env, task, attempt, isDue);
    case "TERMINATING":
      if (isDue) end(attempt, now, stopEnding(attempt.stopping ?? "CANCELED"));
      return isDue;
    default:
      return false;
  }
}

const KINDS_WITHOUT_CLUSTER: readonly (string | undefined)[] = [
  "condition_task",
  "for_each_task",
  "run_job_task",
];

/** From BLOCKED or WAITING_FOR_RETRY to PENDING: resolves references and requests the cluster. */
function startAttempt(env: Env, task: TaskRun, attempt: Attempt): void {
  const { run, now, host } = env;
  attempt.start = now;
  const kind = kindOf(task.spec);
  try {
    // References of the nested task are resolved for each iteration.
    const { for_each_task, ...otherFields } = withParameters(run, task.spec);
    const scope = {
      run,
      task,
      workspace: host.workspace,
      run_id: attempt.run_id,
      attempt: attempt.attempt,
    };
    const loop = asObject(for_each_task);
    attempt.resolved = resolveObject(otherFields, scope);
    if (loop !== undefined)
      attempt.resolved.for_each_task = {
        ...loop,
        inputs: resolveObject({ inputs: loop.inputs }, scope).inputs,
      };
  } catch (error) {
    if (!(error instanceof UnresolvedReference)) throw error;
    fail(env, task, attempt, error.message, "INVALID_RUN_CONFIGURATION");
    return;
  }
  attempt.plan = host.outcome(run, task, attempt);
  attempt.life = "PENDING";
  if (KINDS_WITHOUT_CLUSTER.includes(kind)) {
    attempt.due = now;
    return;
  }
  const compute = host.assignCluster(run, task, attempt, attempt.plan.setup_ms);
  if ("error" in compute) {
    failWithInternalError(env, task, attempt, compute.error);
    return;
  }
  if (compute.cluster_id !== undefined) attempt.cluster_id = compute.cluster_id;
  attempt.plan = { ...attempt.plan, setup_ms: compute.ready - now };
  attempt.message = "Waiting for cluster";
  attempt.due = withTimeout(task, attempt, compute.ready);
}

/** Returns `due`, or the end of the task's timeout if that is earlier. */
function withTimeout(task: TaskRun, attempt: Attempt, due: number): number {
  const seconds = asNumber(task.spec.timeout_seconds);
  return seconds > 0 ? Math.min(due, (attempt.start ?? 0) + seconds * 1000) : due;
}

const isOverdue = (task: TaskRun, attempt: Attempt, now: number): boolean =>
  asNumber(task.spec.timeout_seconds) > 0 &&
  now >= (attempt.start ?? now) + asNumber(task.spec.timeout_seconds) * 1000;

/** From PENDING to RUNNING: starts the task's work. */
function execute(env: Env, task: TaskRun, attempt: Attempt): void {
  const { now, run, host } = env;
  // Without a setup, the attempt starts at once: if it is overdue here, only this step was late.
  if (isOverdue(task, attempt, now) && (attempt.plan?.setup_ms ?? 0) > 0) {
    timeOut(env, task, attempt);
    return;
  }
  attempt.life = "RUNNING";
  attempt.message = "In run";
  attempt.executing = now;
  delete attempt.due;
  const kind = kindOf(task.spec);
  if (kind === "for_each_task") startIterations(env, task, attempt);
  else if (kind === "run_job_task") {
    const child = host.startChild(run, attempt, asObject(attempt.resolved?.run_job_task) ?? {});
    if ("error" in child) {
      fail(env, task, attempt, child.error, "RUN_EXECUTION_ERROR");
      return;
    }
    attempt.child_run_id = child.run_id;
  } else if (attempt.plan?.execute === true) {
    host.launch(run, task, attempt);
  } else {
    attempt.due = withTimeout(
      task,
      attempt,
      now + (kind === "condition_task" ? 0 : (attempt.plan?.duration_ms ?? 0)),
    );
    return;
  }
  const timeoutTime = withTimeout(task, attempt, Number.MAX_SAFE_INTEGER);
  if (timeoutTime !== Number.MAX_SAFE_INTEGER) attempt.due = timeoutTime;
}

/** Ends a running attempt if its work is done or its timeout is reached. @returns whether it changed */
function finishIfDone(env: Env, task: TaskRun, attempt: Attempt, isDue: boolean): boolean {
  const { now, host } = env;
  const kind = kindOf(task.spec);
  if (attempt.iterations !== undefined) {
    if (isDue && isOverdue(task, attempt, now)) {
      timeOut(env, task, attempt);
      return true;
    }
    return stepIterations(env, task, attempt, step);
  }
  if (attempt.child_run_id !== undefined) {
    const child = host.childProgress(attempt.child_run_id);
    if (child !== undefined && !isTerminal(child.life)) {
      if (!isDue) return false;
      timeOut(env, task, attempt);
    } else if (child?.result === "SUCCESS" || child?.result === "SUCCESS_WITH_FAILURES")
      succeed(env, attempt);
    else
      fail(
        env,
        task,
        attempt,
        `Job run ${attempt.child_run_id} failed with result ${child?.result ?? "unknown"}`,
        "RUN_EXECUTION_ERROR",
      );
    return true;
  }
  if (attempt.plan?.execute === true) {
    const processResult = host.findResult(attempt);
    if (processResult !== undefined) finishExecution(env, task, attempt, processResult);
    else if (isDue) timeOut(env, task, attempt);
    return processResult !== undefined || isDue;
  }
  if (!isDue) return false;
  if (kind === "condition_task") evaluateCondition(env, task, attempt);
  else if (
    isOverdue(task, attempt, now) &&
    now < (attempt.executing ?? now) + (attempt.plan?.duration_ms ?? 0)
  )
    timeOut(env, task, attempt);
  else endAsPlanned(env, task, attempt);
  return true;
}

/** Ends the attempt with the result of its process, which replaces the scripted one. */
function finishExecution(
  env: Env,
  task: TaskRun,
  attempt: Attempt,
  { notStarted, ...outcome }: AttemptResult,
): void {
  if (attempt.plan !== undefined) attempt.plan = { ...attempt.plan, ...outcome };
  if (notStarted === undefined) endAsPlanned(env, task, attempt);
  else failWithInternalError(env, task, attempt, notStarted.message, notStarted.code);
}

/** Ends the attempt with its planned outcome. */
function endAsPlanned(env: Env, task: TaskRun, attempt: Attempt): void {
  const plan = attempt.plan;
  switch (plan?.result) {
    case "FAILED":
      // Task values set before the failure are kept.
      if (plan.values !== undefined) attempt.values = plan.values;
      return fail(
        env,
        task,
        attempt,
        "Workload failed, see run output for details",
        "RUN_EXECUTION_ERROR",
      );
    case "TIMEDOUT":
      return timeOut(env, task, attempt);
    case "CANCELED":
      return end(attempt, env.now, stopEnding("CANCELED"));
    case "SKIPPED":
      return end(attempt, env.now, {
        life: "SKIPPED",
        result: "EXCLUDED",
        code: "SKIPPED",
        message: "The task was skipped.",
      });
    default:
      if (plan?.values !== undefined) attempt.values = plan.values;
      return succeed(env, attempt);
  }
}

function evaluateCondition(env: Env, task: TaskRun, attempt: Attempt): void {
  const spec = asObject(attempt.resolved?.condition_task);
  const op = conditionOps.find((item) => item === spec?.op) ?? "EQUAL_TO";
  const [left, right] = [formatValue(spec?.left), formatValue(spec?.right)];
  const isTrue = compareOperands(op, left, right);
  if (isTrue === undefined) {
    fail(
      env,
      task,
      attempt,
      `Failed to evaluate condition: ${op} needs numbers, got '${left}' and '${right}'.`,
      "INVALID_RUN_CONFIGURATION",
    );
    return;
  }
  attempt.outcome = isTrue ? "true" : "false";
  succeed(env, attempt);
}
