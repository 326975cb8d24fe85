import { blocks, text, type Block, type Check, type Finding } from "./rendered";

/**
 * Checks the task graph of a job. The handles of the constructs keep it valid, but overrides and
 * raw resources may not. The API rejects an invalid graph only at deployment
 * (apache/airflow#47983).
 */
export const checkTaskGraph: Check = ({ body }) => {
  const tasks = blocks(body, "task");
  const findings: Finding[] = [];
  const keys = tasks.map((task) => text(task, "task_key") ?? "");
  const knownKeys = new Set(keys);
  const duplicateKeys =
    knownKeys.size === keys.length
      ? []
      : keys.filter((candidate, index) => keys.indexOf(candidate) !== index);
  for (const key of duplicateKeys) {
    findings.push({
      code: "DUPLICATE_KEY",
      message: "the job has two tasks with this key",
      position: key,
      value: key,
      fix: "change one of the keys",
    });
  }
  let hasOutcomes = false;
  for (const task of tasks) {
    const key = text(task, "task_key") ?? "";
    for (const edge of blocks(task, "depends_on")) {
      const upstreamKey = text(edge, "task_key") ?? "";
      hasOutcomes ||= edge.outcome !== undefined;
      if (upstreamKey === key)
        findings.push({
          code: "TASK_CYCLE",
          message: "the task depends on itself",
          position: key,
          value: `${key} → ${key}`,
          fix: "remove the dependency",
        });
      else if (!knownKeys.has(upstreamKey)) {
        findings.push({
          code: "UNKNOWN_TASK",
          message: "the task depends on an unknown task",
          position: key,
          value: upstreamKey,
          allowed: keys.join(", "),
          fix: "set after to the handles that workflow.addTask returned",
        });
      }
    }
  }
  return [...findings, ...findCycle(tasks), ...(hasOutcomes ? findUnreachable(tasks) : [])];
};

/** Reports the first cycle with all of its tasks. */
function findCycle(tasks: readonly Block[]): Finding[] {
  const dependencies = dependenciesByKey(tasks);
  const visitStates = new Map<string, "open" | "done">();
  const path: string[] = [];
  const visit = (key: string): string[] | undefined => {
    if (visitStates.get(key) === "done") return undefined;
    if (visitStates.get(key) === "open") return [...path.slice(path.indexOf(key)), key];
    visitStates.set(key, "open");
    path.push(key);
    for (const upstream of dependencies.get(key) ?? []) {
      const cycle = upstream === key ? undefined : visit(upstream);
      if (cycle !== undefined) return cycle;
    }
    path.pop();
    visitStates.set(key, "done");
    return undefined;
  };
  for (const key of dependencies.keys()) {
    const cycle = visit(key);
    if (cycle !== undefined)
      return [
        {
          code: "TASK_CYCLE",
          message: "tasks wait for each other",
          value: cycle.join(" → "),
          fix: "remove one of the dependencies",
        },
      ];
  }
  return [];
}

type Reason = Pick<Finding, "message" | "value" | "fix">;

/**
 * Finds tasks that can never run:
 * - none of the dependencies runs, regardless of `run_if`; an outcome that a condition never takes
 *   counts as a dependency that never runs;
 * - `run_if` is ALL_SUCCESS or ALL_FAILED, and the task depends on both outcomes of a condition, or
 *   on an outcome that never occurs;
 * - `run_if` is ALL_FAILED, and one of the dependencies never runs.
 * @see https://docs.databricks.com/aws/en/jobs/run-if
 */
function findUnreachable(tasks: readonly Block[]): Finding[] {
  const constantOutcomes = new Map(tasks.flatMap((task) => constantOutcome(task)));
  const unreachableTasks = new Map<string, Finding>();
  let previousSize: number;
  do {
    previousSize = unreachableTasks.size;
    for (const task of tasks) {
      const position = text(task, "task_key") ?? "";
      const reason = unreachableTasks.has(position)
        ? undefined
        : unreachableReason(task, constantOutcomes, unreachableTasks);
      if (reason !== undefined)
        unreachableTasks.set(position, { code: "UNREACHABLE_TASK", position, ...reason });
    }
  } while (unreachableTasks.size > previousSize);
  return [...unreachableTasks.values()];
}

function unreachableReason(
  task: Block,
  constantOutcomes: ReadonlyMap<string, string>,
  unreachableTasks: ReadonlyMap<string, unknown>,
): Reason | undefined {
  const edges = blocks(task, "depends_on").map((edge) => ({
    upstreamKey: text(edge, "task_key") ?? "",
    outcome: text(edge, "outcome"),
  }));
  const runIf = text(task, "run_if") ?? "ALL_SUCCESS";
  const requiresAllEdges = runIf === "ALL_SUCCESS" || runIf === "ALL_FAILED";
  const outcomeEdges = edges.filter(({ outcome }) => outcome !== undefined);
  const contradiction = outcomeEdges.find(({ upstreamKey, outcome }) =>
    outcomeEdges.some((edge) => edge.upstreamKey === upstreamKey && edge.outcome !== outcome),
  );
  if (contradiction !== undefined && requiresAllEdges) {
    return {
      message: "the task depends on both outcomes of a condition, and never runs",
      value: contradiction.upstreamKey,
      fix: "use one outcome, or make it depend on the tasks that follow the condition",
    };
  }
  const impossibleEdges = outcomeEdges.filter(
    ({ upstreamKey, outcome }) =>
      constantOutcomes.has(upstreamKey) && constantOutcomes.get(upstreamKey) !== outcome,
  );
  const blockedEdges = edges.filter(
    (edge) => unreachableTasks.has(edge.upstreamKey) || impossibleEdges.includes(edge),
  );
  if (impossibleEdges.length > 0 && (requiresAllEdges || blockedEdges.length === edges.length)) {
    return {
      message:
        "the task depends on an outcome that never occurs: the condition compares two constants",
      value: impossibleEdges[0]?.upstreamKey ?? "",
      fix: "compare a parameter or a task's value",
    };
  }
  if (blockedEdges.length === 0 || (blockedEdges.length < edges.length && runIf !== "ALL_FAILED"))
    return undefined;
  return {
    message: "the task depends on a task that never runs, and so never runs itself",
    value: blockedEdges.map(({ upstreamKey }) => upstreamKey).join(", "),
    fix: "fix the dependencies of the upstream task",
  };
}

/**
 * Returns the key and the only possible outcome of a condition that compares two constants; nothing
 * for other tasks.
 */
function constantOutcome(task: Block): (readonly [string, string])[] {
  const [condition] = blocks(task, "condition_task");
  const left = condition && text(condition, "left");
  const right = condition && text(condition, "right");
  const op = condition && text(condition, "op");
  if (
    left === undefined ||
    right === undefined ||
    op === undefined ||
    /\{\{|\$\{/.test(left + right)
  )
    return [];
  return [[text(task, "task_key") ?? "", evaluateCondition(left, op, right) ? "true" : "false"]];
}

function evaluateCondition(left: string, op: string, right: string): boolean {
  switch (op) {
    case "EQUAL_TO":
      return left === right;
    case "NOT_EQUAL":
      return left !== right;
    case "GREATER_THAN":
      return Number(left) > Number(right);
    case "GREATER_THAN_OR_EQUAL":
      return Number(left) >= Number(right);
    case "LESS_THAN":
      return Number(left) < Number(right);
    default:
      // LESS_THAN_OR_EQUAL
      return Number(left) <= Number(right);
  }
}

/** Returns the keys of the direct dependencies of each task, by key. */
function dependenciesByKey(tasks: readonly Block[]): ReadonlyMap<string, readonly string[]> {
  return new Map(
    tasks.map((task) => [
      text(task, "task_key") ?? "",
      blocks(task, "depends_on").map((edge) => text(edge, "task_key") ?? ""),
    ]),
  );
}

/** Returns the keys of all direct and indirect upstream tasks of each task, by key. */
export function upstreamOf(tasks: readonly Block[]): ReadonlyMap<string, ReadonlySet<string>> {
  const dependencies = dependenciesByKey(tasks);
  const upstreamByKey = new Map<string, Set<string>>();
  const visit = (key: string, ancestors: ReadonlySet<string>): Set<string> => {
    const cached = upstreamByKey.get(key);
    if (cached !== undefined) return cached;
    const upstreamKeys = new Set<string>();
    for (const upstream of dependencies.get(key) ?? []) {
      if (ancestors.has(upstream)) continue;
      upstreamKeys.add(upstream);
      for (const indirect of visit(upstream, new Set([...ancestors, upstream])))
        upstreamKeys.add(indirect);
    }
    upstreamByKey.set(key, upstreamKeys);
    return upstreamKeys;
  };
  for (const key of dependencies.keys()) visit(key, new Set([key]));
  return upstreamByKey;
}
