import { printableDeep } from "../printable";
import { latestAttempts } from "./failure";
import { elapsed, stateWord, symbol } from "./words";
import type { Run, RunTask } from "../api/families/runs";

/** Draws a run's tasks as text: each task below the last of its dependencies. */
export function graphLines(raw: Run, now: number): string[] {
  const run = printableDeep(raw);
  const tasks = latestAttempts(run.tasks ?? []);
  const known = new Set(tasks.map((task) => task.task_key));
  const depth = new Map<string, number>();
  const byKey = new Map(tasks.map((task) => [task.task_key, task]));
  const depthOf = (task: RunTask, seen: ReadonlySet<string>): number => {
    const have = depth.get(task.task_key);
    if (have !== undefined) return have;
    const parents = parentsOf(task, known).filter((key) => !seen.has(key));
    const deepest = Math.max(
      -1,
      ...parents.map((key) => depthOf(byKey.get(key) ?? task, new Set([...seen, task.task_key]))),
    );
    depth.set(task.task_key, deepest + 1);
    return deepest + 1;
  };
  for (const task of tasks) depthOf(task, new Set());

  const children = new Map<string, RunTask[]>();
  const roots: RunTask[] = [];
  for (const task of tasks) {
    const parent = parentsOf(task, known).reduce<string | undefined>(
      (best, key) =>
        best === undefined || (depth.get(key) ?? 0) > (depth.get(best) ?? 0) ? key : best,
      undefined,
    );
    if (parent === undefined || (depth.get(task.task_key) ?? 0) === 0) roots.push(task);
    else children.set(parent, [...(children.get(parent) ?? []), task]);
  }
  const rows: { readonly left: string; readonly right: string }[] = [];
  const walk = (task: RunTask, first: string, rest: string, parent: string | undefined): void => {
    const others = parentsOf(task, known).filter((key) => key !== parent);
    const also = others.length === 0 ? "" : `also after ${others.join(", ")}`;
    const condition =
      task.run_if === undefined || task.run_if === "ALL_SUCCESS" ? "" : `if ${task.run_if}`;
    const right = [
      stateWord(task.state),
      symbol(task.state) === "-" ? "" : elapsed(task.start_time, task.end_time, now),
      condition,
      also,
    ]
      .filter((part) => part !== "")
      .join("  ");
    rows.push({ left: `${first}${symbol(task.state)} ${task.task_key}`, right });
    const below = children.get(task.task_key) ?? [];
    below.forEach((child, index) => {
      const last = index === below.length - 1;
      walk(
        child,
        `${rest}${last ? "└─▶ " : "├─▶ "}`,
        `${rest}${last ? "    " : "│   "}`,
        task.task_key,
      );
    });
  };
  for (const root of roots) walk(root, "", "", undefined);
  const width = Math.max(0, ...rows.map((row) => row.left.length));
  return rows.map((row) => `${row.left.padEnd(width)}  ${row.right}`.trimEnd());
}

function parentsOf(task: RunTask, known: ReadonlySet<string>): string[] {
  return (task.depends_on ?? []).map((edge) => edge.task_key).filter((key) => known.has(key));
}
