import type { Finding, TaskNode } from "../model";
import type { Desired, DesiredObject } from "../expressions/values";
import { isDesiredObject } from "../expressions/values";

/** The task graph of a job with findings: the code's tasks and additional ones in the workspace. */
export function taskGraph(desired: DesiredObject, remote: DesiredObject, findings: readonly Finding[]): readonly TaskNode[] {
  const [ours, theirs] = [tasksOf(desired.task), tasksOf(remote.task)];
  return [...new Set([...ours.keys(), ...theirs.keys()])].map((key) => {
    const own = findings.filter(({ path }) => path === `task[${key}]` || path.startsWith(`task[${key}].`));
    const changed = own.some(({ status }) => status === "drift")
      ? "drift"
      : own.some(({ status }) => status === "pending")
        ? "pending"
        : "match";
    const state = !theirs.has(key) ? "removed" : !ours.has(key) ? "added" : changed;
    return { key, after: [...new Set([...(ours.get(key) ?? []), ...(theirs.get(key) ?? [])])], state };
  });
}

function tasksOf(value: Desired | undefined): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const task of Array.isArray(value) ? value : []) {
    if (!isDesiredObject(task) || typeof task.task_key !== "string") continue;
    const after = Array.isArray(task.depends_on) ? task.depends_on : [];
    found.set(
      task.task_key,
      after.flatMap((edge) => (isDesiredObject(edge) && typeof edge.task_key === "string" ? [edge.task_key] : [])),
    );
  }
  return found;
}
