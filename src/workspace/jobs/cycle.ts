import type { Fields } from "../fields";

/**
 * Returns the task keys along a cycle in run order, each task before the one that depends on it; the
 * last key is the first one again. Undefined if there is no cycle.
 */
export function findCycle(tasks: ReadonlyMap<string, Fields>): string[] | undefined {
  const visited = new Set<string>();
  for (const root of tasks.keys()) {
    const path: string[] = [];
    const onPath = new Set<string>();
    // Uses an explicit stack: a chain of 1,000 tasks must not overflow the call stack.
    const stack: { taskKey: string; dependencies: string[] }[] = [];
    const enter = (key: string): void => {
      path.push(key);
      onPath.add(key);
      stack.push({
        taskKey: key,
        dependencies: (tasks.get(key)?.list("depends_on") ?? []).map((dependency) =>
          dependency.string("task_key"),
        ),
      });
    };
    if (!visited.has(root)) enter(root);
    for (let current = stack.at(-1); current !== undefined; current = stack.at(-1)) {
      const next = current.dependencies.pop();
      if (next === undefined) {
        stack.pop();
        path.pop();
        onPath.delete(current.taskKey);
        visited.add(current.taskKey);
      } else if (onPath.has(next)) return [...path.slice(path.indexOf(next)), next].reverse();
      else if (!visited.has(next)) enter(next);
    }
  }
  return undefined;
}
