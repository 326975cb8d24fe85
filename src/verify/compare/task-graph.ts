import type { Finding, TaskNode } from "../model";
import type { Desired, DesiredObject } from "../expressions/values";
import { isDesiredObject } from "../expressions/values";

/** The task graph of a job with findings: the code's tasks and additional ones in the workspace. */
export function taskGraph(
  desired: DesiredObject,
  remote: DesiredObject,
  findings: readonly Finding[],
): readonly TaskNode[] {
  const [ours, theirs] = [tasksOf(desired.task), tasksOf(remote.task)];
  const statuses = new Map<string, Set<Finding["status"]>>();
  for (const { path, status } of findings) {
    const key = /^task\[([^\]]*)\](?:\.|$)/.exec(path)?.[1];
    if (key !== undefined) statuses.set(key, (statuses.get(key) ?? new Set()).add(status));
  }
  return [...new Set([...ours.keys(), ...theirs.keys()])].map((key) => {
    const own = statuses.get(key);
    const changed =
      own?.has("drift") === true ? "drift" : own?.has("pending") === true ? "pending" : "match";
    const state = !theirs.has(key) ? "removed" : !ours.has(key) ? "added" : changed;
    return {
      key,
      after: [...new Set([...(ours.get(key) ?? []), ...(theirs.get(key) ?? [])])],
      state,
    };
  });
}

function tasksOf(value: Desired | undefined): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const task of Array.isArray(value) ? value : []) {
    if (!isDesiredObject(task) || typeof task.task_key !== "string") continue;
    const after = Array.isArray(task.depends_on) ? task.depends_on : [];
    found.set(
      task.task_key,
      after.flatMap((edge) =>
        isDesiredObject(edge) && typeof edge.task_key === "string" ? [edge.task_key] : [],
      ),
    );
  }
  return found;
}
