import type { Finding, TaskNode } from "../model";
import type { Desired, DesiredObject } from "../expressions/values";
import { isDesiredObject } from "../expressions/values";

/**
 * Builds the task graph of a job with findings, with the tasks in the code and in the workspace.
 */
export function taskGraph(
  desired: DesiredObject,
  remote: DesiredObject,
  findings: readonly Finding[],
): readonly TaskNode[] {
  const [codeTasks, remoteTasks] = [tasksOf(desired.task), tasksOf(remote.task)];
  const statuses = new Map<string, Set<Finding["status"]>>();
  for (const { path, status } of findings) {
    const key = /^task\[([^\]]*)\](?:\.|$)/.exec(path)?.[1];
    if (key !== undefined) statuses.set(key, (statuses.get(key) ?? new Set()).add(status));
  }
  return [...new Set([...codeTasks.keys(), ...remoteTasks.keys()])].map((key) => {
    const taskStatuses = statuses.get(key);
    const changeState =
      taskStatuses?.has("drift") === true
        ? "drift"
        : taskStatuses?.has("pending") === true
          ? "pending"
          : "match";
    const state = !remoteTasks.has(key) ? "removed" : !codeTasks.has(key) ? "added" : changeState;
    return {
      key,
      after: [...new Set([...(codeTasks.get(key) ?? []), ...(remoteTasks.get(key) ?? [])])],
      state,
    };
  });
}

function tasksOf(value: Desired | undefined): ReadonlyMap<string, readonly string[]> {
  const predecessors = new Map<string, readonly string[]>();
  for (const task of Array.isArray(value) ? value : []) {
    if (!isDesiredObject(task) || typeof task.task_key !== "string") continue;
    const dependencies = Array.isArray(task.depends_on) ? task.depends_on : [];
    predecessors.set(
      task.task_key,
      dependencies.flatMap((edge) =>
        isDesiredObject(edge) && typeof edge.task_key === "string" ? [edge.task_key] : [],
      ),
    );
  }
  return predecessors;
}
