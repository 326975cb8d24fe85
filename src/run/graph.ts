import { printableDeep } from "../printable";
import { latestAttempts } from "./failure";
import { formatElapsed, stateWord, symbol } from "./format";
import type { Run, RunTask } from "../api/families/runs";

/** Draws a run's tasks as text: each task below the deepest of its dependencies. */
export function graphLines(raw: Run, now: number): string[] {
  const run = printableDeep(raw);
  const tasks = latestAttempts(run.tasks ?? []);
  const keys = new Set(tasks.map((task) => task.task_key));
  const depthByKey = new Map<string, number>();
  const byKey = new Map(tasks.map((task) => [task.task_key, task]));
  const depthOf = (task: RunTask, ancestors: ReadonlySet<string>): number => {
    const cached = depthByKey.get(task.task_key);
    if (cached !== undefined) return cached;
    const parents = parentsOf(task, keys).filter((key) => !ancestors.has(key));
    const parentDepth = Math.max(
      -1,
      ...parents.map((key) =>
        depthOf(byKey.get(key) ?? task, new Set([...ancestors, task.task_key])),
      ),
    );
    depthByKey.set(task.task_key, parentDepth + 1);
    return parentDepth + 1;
  };
  for (const task of tasks) depthOf(task, new Set());

  const children = new Map<string, RunTask[]>();
  const roots: RunTask[] = [];
  for (const task of tasks) {
    const parent = parentsOf(task, keys).reduce<string | undefined>(
      (deepestKey, key) =>
        deepestKey === undefined || (depthByKey.get(key) ?? 0) > (depthByKey.get(deepestKey) ?? 0)
          ? key
          : deepestKey,
      undefined,
    );
    if (parent === undefined || (depthByKey.get(task.task_key) ?? 0) === 0) roots.push(task);
    else children.set(parent, [...(children.get(parent) ?? []), task]);
  }
  const rows: { readonly left: string; readonly right: string }[] = [];
  const addRows = (
    task: RunTask,
    firstPrefix: string,
    restPrefix: string,
    parent: string | undefined,
  ): void => {
    const otherParents = parentsOf(task, keys).filter((key) => key !== parent);
    const alsoAfter = otherParents.length === 0 ? "" : `also after ${otherParents.join(", ")}`;
    const condition =
      task.run_if === undefined || task.run_if === "ALL_SUCCESS" ? "" : `if ${task.run_if}`;
    const right = [
      stateWord(task.state),
      symbol(task.state) === "-" ? "" : formatElapsed(task.start_time, task.end_time, now),
      condition,
      alsoAfter,
    ]
      .filter((part) => part !== "")
      .join("  ");
    rows.push({ left: `${firstPrefix}${symbol(task.state)} ${task.task_key}`, right });
    const childTasks = children.get(task.task_key) ?? [];
    childTasks.forEach((child, index) => {
      const isLast = index === childTasks.length - 1;
      addRows(
        child,
        `${restPrefix}${isLast ? "└─▶ " : "├─▶ "}`,
        `${restPrefix}${isLast ? "    " : "│   "}`,
        task.task_key,
      );
    });
  };
  for (const root of roots) addRows(root, "", "", undefined);
  const width = Math.max(0, ...rows.map((row) => row.left.length));
  return rows.map((row) => `${row.left.padEnd(width)}  ${row.right}`.trimEnd());
}

function parentsOf(task: RunTask, keys: ReadonlySet<string>): string[] {
  return (task.depends_on ?? []).map((edge) => edge.task_key).filter((key) => keys.has(key));
}
