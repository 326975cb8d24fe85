import { taskGraph } from "../../../src/verify/compare/task-graph";
import type { DesiredObject } from "../../../src/verify/expressions/values";
import type { Finding } from "../../../src/verify/model";

const task = (key: string, ...after: string[]): DesiredObject => ({
  task_key: key,
  depends_on: after.map((task_key) => ({ task_key })),
});
const finding = (path: string, status: Finding["status"]): Finding => ({
  path,
  field: "task",
  status,
  reason: "r",
});

test("a task graph has the tasks of both sides with their state and all edges", () => {
  expect(
    taskGraph(
      { task: [task("a"), task("b", "a"), task("gone"), task("c", "b")] },
      { task: [task("a"), task("b", "a"), task("c", "a"), task("new", "c")] },
      [
        finding("task[b].max_retries", "pending"),
        finding("task[b].timeout_seconds", "drift"),
        finding("task[c]", "pending"),
        finding("name", "drift"),
        finding("task[a].x", "unverifiable"),
      ],
    ),
  ).toEqual([
    { key: "a", after: [], state: "match" },
    { key: "b", after: ["a"], state: "drift" },
    { key: "gone", after: [], state: "removed" },
    { key: "c", after: ["b", "a"], state: "pending" },
    { key: "new", after: ["c"], state: "added" },
  ]);
});

test("a task graph is empty for a job without tasks", () => {
  expect(taskGraph({}, { task: "x" }, [])).toEqual([]);
});
