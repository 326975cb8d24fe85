/** Determines the order in which tasks are declared, and which of them need a constant. */
import type { Attributes, Value } from "../../resources/kind";
import { scalar, type Fields } from "./fields";
import { NotExpressible } from "./source-file";

/** Sorts tasks after their dependencies; otherwise by key. */
export function sortByDependency(tasks: readonly Fields[]): readonly Fields[] {
  const done = new Set<string>();
  const sorted: Fields[] = [];
  const pending = [...tasks];
  const keys = new Set(tasks.map((task) => scalar(task.peek("task_key"))));
  while (pending.length > 0) {
    const index = pending.findIndex((task) =>
      upstreamOf(task).every((key) => done.has(key) || !keys.has(key)),
    );
    const next = pending[index];
    if (next === undefined) throw new NotExpressible("tasks that depend on each other in a cycle");
    pending.splice(index, 1);
    done.add(scalar(next.peek("task_key")));
    sorted.push(next);
  }
  return sorted;
}

function upstreamOf(task: Fields): readonly string[] {
  const edges = task.peek("depends_on");
  return (Array.isArray(edges) ? edges : []).map((edge) =>
    scalar((edge as Attributes)["task_key"]),
  );
}

interface UsedNames {
  readonly clusters: ReadonlySet<string>;
  readonly environments: ReadonlySet<string>;
  readonly parameters: ReadonlySet<string>;
  readonly tasks: ReadonlySet<string>;
}

/** Returns the names that tasks refer to. Only these need a constant. */
export function usedNames(tasks: readonly Fields[]): UsedNames {
  const [clusters, environments, parameters, upstream] = [
    new Set<string>(),
    new Set<string>(),
    new Set<string>(),
    new Set<string>(),
  ];
  for (const task of tasks) for (const key of upstreamOf(task)) upstream.add(key);
  const walk = (value: Value | undefined, name = ""): void => {
    if (typeof value === "string") {
      if (name === "job_cluster_key") clusters.add(value);
      if (name === "environment_key") environments.add(value);
      const [, parameter, task] =
        /^\{\{(?:job\.parameters\.(\w+)|tasks\.(\w+)\.values\.\w+)\}\}$/.exec(value) ?? [];
      if (parameter !== undefined) parameters.add(parameter);
      if (task !== undefined) upstream.add(task);
    } else if (Array.isArray(value)) value.forEach((item) => walk(item, name));
    else if (value !== null && typeof value === "object")
      Object.entries(value).forEach(([field, inner]) => walk(inner, field));
  };
  for (const task of tasks) for (const [name, value] of task.remaining()) walk(value, name);
  return { clusters, environments, parameters, tasks: upstream };
}
