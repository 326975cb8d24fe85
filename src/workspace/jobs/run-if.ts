import { asArray, asObject, asText } from "./json";
import {
  latest,
  type Progress,
  type Result,
  type Run,
  type TaskRun,
  type TerminationCode,
} from "./run-model";

/**
 * How a dependency counts for its dependant. "unmatched": a condition with a different outcome than
 * the one that the dependant requires.
 */
type DependencyState = "success" | "failed" | "cancelled" | "excluded" | "unmatched";

/** Whether a task runs; if not, the result of the task. */
export type Verdict =
  "run" | { readonly result: Result; readonly message: string; readonly code: TerminationCode };

const successes: readonly (Result | undefined)[] = ["SUCCESS", "SUCCESS_WITH_FAILURES"];

function dependencyState(task: TaskRun, expectedOutcome: string | undefined): DependencyState {
  const { result, outcome } = latest(task);
  if (result === "EXCLUDED" || result === "DISABLED") return "excluded";
  if (result === "CANCELED" || result === "UPSTREAM_CANCELED") return "cancelled";
  if (!successes.includes(result)) return "failed";
  return expectedOutcome !== undefined && expectedOutcome !== "" && outcome !== expectedOutcome
    ? "unmatched"
    : "success";
}

/**
 * Decides whether a task runs once all of its dependencies have ended (docs "Configure task
 * dependencies"). An excluded dependency counts as a success. A condition with a different outcome
 * counts as neither success nor failure; with ALL_SUCCESS, it excludes the task. If all dependencies
 * are of these two kinds, the task is excluded regardless of its run_if. If run_if requires a success
 * that did not happen, the task is UPSTREAM_FAILED (or UPSTREAM_CANCELED, if dependencies were only
 * canceled); if it requires a failure that did not happen, the task is excluded.
 */
export function evaluateRunIf(
  spec: TaskRun["spec"],
  tasks: ReadonlyMap<string, TaskRun>,
  excludedKeys: readonly string[],
): Verdict {
  const states: DependencyState[] = [];
  for (const value of asArray(spec.depends_on)) {
    const dependency = asObject(value);
    const task = tasks.get(asText(dependency?.task_key));
    // Tasks that the caller of run-now left out do not block the requested ones.
    if (task === undefined || excludedKeys.includes(task.key)) continue;
    states.push(
      dependencyState(
        task,
        dependency?.outcome === undefined ? undefined : asText(dependency.outcome),
      ),
    );
  }
  if (states.length === 0) return "run";
  if (states.every((item) => item === "excluded" || item === "unmatched"))
    return exclude("all of its dependencies were excluded");
  const anyOf = (...expected: DependencyState[]): boolean =>
    states.some((item) => expected.includes(item));
  const allOf = (...expected: DependencyState[]): boolean =>
    states.every((item) => expected.includes(item));
  switch (asText(spec.run_if) || "ALL_SUCCESS") {
    case "ALL_DONE":
      return "run";
    case "AT_LEAST_ONE_SUCCESS":
      return anyOf("success", "excluded") ? "run" : upstreamResult(states);
    case "NONE_FAILED":
      return anyOf("failed", "cancelled") ? upstreamResult(states) : "run";
    case "AT_LEAST_ONE_FAILED":
      return anyOf("failed", "cancelled") ? "run" : exclude("none of its dependencies failed");
    case "ALL_FAILED":
      return allOf("failed", "cancelled") ? "run" : exclude("not all of its dependencies failed");
    default:
      if (anyOf("failed", "cancelled")) return upstreamResult(states);
      return anyOf("unmatched") ? exclude("its condition had a different outcome") : "run";
  }
}

const exclude = (reason: string): Verdict => ({
  result: "EXCLUDED",
  code: "SKIPPED",
  message: `Task excluded: ${reason}.`,
});

function upstreamResult(states: readonly DependencyState[]): Verdict {
  return states.includes("failed")
    ? { result: "UPSTREAM_FAILED", code: "SKIPPED", message: "An upstream task failed." }
    : { result: "UPSTREAM_CANCELED", code: "SKIPPED", message: "An upstream task was canceled." };
}

/**
 * Returns a run's outcome, determined by its leaf tasks: those without dependants (docs "How does
 * Databricks determine job run status").
 */
export function outcomeOf(
  run: Run,
): Pick<Progress, "life" | "result" | "message" | "code" | "cancelled"> {
  if (run.timed_out === true)
    return {
      life: "TERMINATED",
      result: "TIMEDOUT",
      code: "CANCELED",
      message: `Run timed out after ${run.timeout_seconds} seconds.`,
      cancelled: true,
    };
  if (run.cancel !== undefined)
    return {
      life: "TERMINATED",
      result: "CANCELED",
      code: "USER_CANCELED",
      message: "Run cancelled.",
      cancelled: true,
    };

  const upstreamKeys = new Set(
    run.tasks.flatMap((task) =>
      asArray(task.spec.depends_on).map((value) => asText(asObject(value)?.task_key)),
    ),
  );
  const leaves = run.tasks.filter((task) => !upstreamKeys.has(task.key));
  const hasFailed = (task: TaskRun): boolean => {
    const { result } = latest(task);
    return !successes.includes(result) && result !== "EXCLUDED" && result !== "DISABLED";
  };
  const failed = run.tasks.filter(hasFailed);
  if (failed.length === 0)
    return { life: "TERMINATED", result: "SUCCESS", code: "SUCCESS", message: "" };
  if (!leaves.some(hasFailed))
    return {
      life: "TERMINATED",
      result: "SUCCESS_WITH_FAILURES",
      code: "SUCCESS_WITH_FAILURES",
      message: "",
    };

  const firstFailure =
    failed.find(
      (task) => !["UPSTREAM_FAILED", "UPSTREAM_CANCELED"].includes(latest(task).result ?? ""),
    ) ?? failed[0];
  const attempt = firstFailure === undefined ? undefined : latest(firstFailure);
  if (failed.every((task) => ["CANCELED", "UPSTREAM_CANCELED"].includes(latest(task).result ?? "")))
    return {
      life: "TERMINATED",
      result: "CANCELED",
      code: "USER_CANCELED",
      message: "Run cancelled.",
      cancelled: true,
    };
  if (run.format === "SINGLE_TASK" && attempt !== undefined)
    return {
      life: attempt.life,
      result: attempt.result ?? "FAILED",
      code: attempt.code ?? "RUN_EXECUTION_ERROR",
      message: attempt.message ?? "",
      ...(attempt.cancelled === true ? { cancelled: true } : {}),
    };
  const downstream = failed.some((task) => latest(task).result === "UPSTREAM_FAILED")
    ? " This caused all downstream tasks to get skipped."
    : "";
  const cause = (attempt?.message ?? "").replace(/\.$/, "");
  // Observed on the platform: a run with a failed task is in state INTERNAL_ERROR, which the
  // official waiters treat as an error.
  return {
    life: "INTERNAL_ERROR",
    result: "FAILED",
    code: "RUN_EXECUTION_ERROR",
    message: `Task ${firstFailure?.key ?? ""} failed with message: ${cause}.${downstream}`,
  };
}
