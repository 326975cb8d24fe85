import { blocks, text, type Block, type Check, type Finding } from "./rendered";

/**
 * The graph of a job's tasks. Handles keep it right; what reaches the output by an override or a raw resource is checked here: the API would refuse it only at
 * deployment (apache/airflow#47983), and a job cluster that does not exist only at the run (databricks/cli#5518).
 */
export const checkTaskGraph: Check = ({ body }) => {
  const tasks = blocks(body, "task");
  const findings: Finding[] = [];
  const keys = tasks.map((task) => text(task, "task_key") ?? "");
  const known = new Set(keys);
  for (const key of keys.filter((candidate, index) => keys.indexOf(candidate) !== index)) {
    findings.push({
      code: "DUPLICATE_KEY",
      message: "the job has two tasks of this key",
      at: key,
      value: key,
      fix: "give one of them another key",
    });
  }
  for (const task of tasks) {
    const key = text(task, "task_key") ?? "";
    const outcomes = new Map<string, Set<string>>();
    for (const edge of blocks(task, "depends_on")) {
      const on = text(edge, "task_key") ?? "";
      const outcome = text(edge, "outcome");
      if (on === key) findings.push({ code: "TASK_CYCLE", message: "the task depends on itself", at: key, value: `${key} → ${key}` });
      else if (!known.has(on)) {
        findings.push({
          code: "UNKNOWN_TASK",
          message: "the task depends on one that the job does not have",
          at: key,
          value: on,
          allowed: keys.join(", "),
        });
      }
      if (outcome !== undefined) outcomes.set(on, (outcomes.get(on) ?? new Set()).add(outcome));
    }
    const torn = [...outcomes].find(([, both]) => both.size > 1)?.[0];
    if (torn !== undefined && !laxRunIf.has(text(task, "run_if") ?? "ALL_SUCCESS")) {
      findings.push({
        code: "UNREACHABLE_TASK",
        message: "the task waits for both ends of one condition, and never runs",
        at: key,
        value: torn,
        fix: "name one end, or run it after the condition's own followers",
      });
    }
  }
  return [...findings, ...cycles(tasks), ...deadEnds(tasks)];
};

const laxRunIf: ReadonlySet<string> = new Set(["ALL_DONE", "AT_LEAST_ONE_SUCCESS"]);

/** The first cycle that there is, printed in full. */
function cycles(tasks: readonly Block[]): Finding[] {
  const edges = new Map(
    tasks.map((task) => [text(task, "task_key") ?? "", blocks(task, "depends_on").map((edge) => text(edge, "task_key") ?? "")]),
  );
  const state = new Map<string, "open" | "done">();
  const path: string[] = [];
  const visit = (key: string): string[] | undefined => {
    if (state.get(key) === "done") return undefined;
    if (state.get(key) === "open") return [...path.slice(path.indexOf(key)), key];
    state.set(key, "open");
    path.push(key);
    for (const on of edges.get(key) ?? []) {
      const cycle = on === key ? undefined : visit(on);
      if (cycle !== undefined) return cycle;
    }
    path.pop();
    state.set(key, "done");
    return undefined;
  };
  for (const key of edges.keys()) {
    const cycle = visit(key);
    if (cycle !== undefined)
      return [{ code: "TASK_CYCLE", message: "tasks wait for each other", value: cycle.join(" → "), fix: "take one of the edges away" }];
  }
  return [];
}

/** Ends of conditions that compare two constants: one of the two can never be reached. */
function deadEnds(tasks: readonly Block[]): Finding[] {
  const never = new Map<string, string>();
  for (const task of tasks) {
    const [condition] = blocks(task, "condition_task");
    const left = condition && text(condition, "left");
    const right = condition && text(condition, "right");
    const op = condition && text(condition, "op");
    if (left === undefined || right === undefined || op === undefined || /\{\{|\$\{/.test(left + right)) continue;
    never.set(text(task, "task_key") ?? "", holds(left, op, right) ? "false" : "true");
  }
  return tasks.flatMap((task) =>
    blocks(task, "depends_on")
      .filter((edge) => never.has(text(edge, "task_key") ?? "") && never.get(text(edge, "task_key") ?? "") === text(edge, "outcome"))
      .map((edge) => ({
        code: "UNREACHABLE_TASK",
        message: "the task waits for an end that the condition never takes: it compares two constants",
        at: text(task, "task_key") ?? "",
        value: text(edge, "task_key") ?? "",
        fix: "compare a parameter or a task's value",
      })),
  );
}

function holds(left: string, op: string, right: string): boolean {
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
      return Number(left) <= Number(right);
  }
}

/** All tasks that come before each task, by key. */
export function upstreamOf(tasks: readonly Block[]): ReadonlyMap<string, ReadonlySet<string>> {
  const edges = new Map(
    tasks.map((task) => [text(task, "task_key") ?? "", blocks(task, "depends_on").map((edge) => text(edge, "task_key") ?? "")]),
  );
  const done = new Map<string, Set<string>>();
  const visit = (key: string, open: ReadonlySet<string>): Set<string> => {
    const before = done.get(key);
    if (before !== undefined) return before;
    const all = new Set<string>();
    for (const on of edges.get(key) ?? []) {
      if (open.has(on)) continue;
      all.add(on);
      for (const further of visit(on, new Set([...open, on]))) all.add(further);
    }
    done.set(key, all);
    return all;
  };
  for (const key of edges.keys()) visit(key, new Set([key]));
  return done;
}
