import { defined } from "../../defined";
import { traitsOf } from "../../resources";
import type { FieldChange, GraphEdge, GraphNode, ResourceChange, TaskGraph } from "../model";
import { isObject, list, object, text } from "../plan/json";
import type { PlanChange } from "../plan/plan";

interface Task {
  readonly kind: string;
  readonly dependsOn: readonly { readonly key: string; readonly outcome?: string }[];
}

/**
 * Returns the tasks of a job before and after in one graph with the differences marked; undefined
 * for other resources, for a deleted or forgotten job, and if both states together have fewer than
 * two tasks.
 */
export function taskGraph(
  entry: Pick<PlanChange, "before" | "after">,
  change: ResourceChange,
): TaskGraph | undefined {
  if (
    traitsOf(change.type).hasRuns !== true ||
    change.action === "delete" ||
    change.action === "forget"
  )
    return undefined;
  const before = tasksOf(entry.before);
  const after = tasksOf(entry.after);
  if (before.size + after.size < 2) return undefined;
  const keys = [...new Set([...before.keys(), ...after.keys()])].sort();
  const nodes = keys.map((key): GraphNode => {
    const kind = (after.get(key) ?? before.get(key))?.kind ?? "task";
    const state = !before.has(key)
      ? "added"
      : !after.has(key)
        ? "removed"
        : isChanged(key, change.fields)
          ? "changed"
          : "same";
    return { key, kind, state };
  });
  return {
    address: change.address,
    path: change.path,
    title: change.title ?? change.path,
    nodes,
    edges: edgesOf(before, after),
  };
}

/** Whether tasks or edges are added or removed. A change inside one task needs no graph. */
export const isRewired = (graph: TaskGraph): boolean =>
  graph.nodes.some((node) => node.state === "added" || node.state === "removed") ||
  graph.edges.some((edge) => edge.state !== "same");

function isChanged(key: string, fields: readonly FieldChange[]): boolean {
  const prefix = `task[${key}]`;
  return fields.some(
    (field) =>
      field.path === prefix ||
      (field.path.startsWith(`${prefix}.`) && !field.path.startsWith(`${prefix}.depends_on`)),
  );
}

function edgesOf(before: ReadonlyMap<string, Task>, after: ReadonlyMap<string, Task>): GraphEdge[] {
  const edges = new Map<
    string,
    { edge: Omit<GraphEdge, "state">; isBefore: boolean; isAfter: boolean }
  >();
  const add = (tasks: ReadonlyMap<string, Task>, state: "isBefore" | "isAfter"): void => {
    for (const [to, task] of tasks) {
      for (const { key: from, outcome } of task.dependsOn) {
        const id = JSON.stringify([from, to, outcome]);
        const entry = edges.get(id) ?? {
          edge: { from, to, ...defined({ outcome }) },
          isBefore: false,
          isAfter: false,
        };
        entry[state] = true;
        edges.set(id, entry);
      }
    }
  };
  add(before, "isBefore");
  add(after, "isAfter");
  return [...edges.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { edge, isBefore, isAfter }]) => ({
      ...edge,
      state: isBefore && isAfter ? "same" : isAfter ? "added" : "removed",
    }));
}

function tasksOf(job: unknown): Map<string, Task> {
  const tasks = new Map<string, Task>();
  for (const entry of list(object(job).task)) {
    const task = object(entry);
    const key = text(task.task_key);
    if (key === undefined) continue;
    const kind = Object.keys(task).find(
      (field) => field.endsWith("_task") && isFilled(task[field]),
    );
    const dependsOn = list(task.depends_on).flatMap((edge) => {
      const from = text(object(edge).task_key);
      const outcome = text(object(edge).outcome);
      return from === undefined
        ? []
        : [{ key: from, ...(outcome === undefined || outcome === "" ? {} : { outcome }) }];
    });
    tasks.set(key, { kind: kind?.replace(/_task$/, "").replaceAll("_", " ") ?? "task", dependsOn });
  }
  return tasks;
}

const isFilled = (value: unknown): boolean =>
  Array.isArray(value) ? value.length > 0 : isObject(value);
