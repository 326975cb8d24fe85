import type { Fields } from "../fields";

/** Returns the keys along a cycle, ending with the first one; undefined if there is no cycle. */
export function findCycle(tasks: ReadonlyMap<string, Fields>): string[] | undefined {
  const done = new Set<string>();
  for (const root of tasks.keys()) {
    const path: string[] = [];
    const onPath = new Set<string>();
    // Uses an explicit stack: a chain of 1,000 tasks must not overflow the call stack.
    const stack: { key: string; rest: string[] }[] = [];
    const enter = (key: string): void => {
      path.push(key);
      onPath.add(key);
      stack.push({
        key,
        rest: (tasks.get(key)?.list("depends_on") ?? []).map((dependency) =>
          dependency.string("task_key"),
        ),
      });
    };
    if (!done.has(root)) enter(root);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const next = top.rest.pop();
      if (next === undefined) {
        stack.pop();
        path.pop();
        onPath.delete(top.key);
        done.add(top.key);
      } else if (onPath.has(next)) return [...path.slice(path.indexOf(next)), next].reverse();
      else if (!done.has(next)) enter(next);
    }
  }
  return undefined;
}
