import { checkTaskGraph } from "../../../constructs/checks/task-graph";
import type { Block } from "../../../constructs/checks/rendered";

const check = (body: Block): string[] =>
  checkTaskGraph({ path: "p", type: "databricks_job", body, json: JSON.stringify(body) }).map(
    ({ code }) => code,
  );

const task = (task_key: string, ...dependencies: (string | Block)[]): Block => ({
  task_key,
  depends_on: dependencies.map((dependency) =>
    typeof dependency === "string" ? { task_key: dependency } : dependency,
  ),
});

describe("task graph", () => {
  test("accepts a graph in which every task can run", () => {
    expect(check({ task: [task("a"), task("b", "a"), task("c", "a", "b")] })).toEqual([]);
  });
  test("rejects unknown tasks, duplicate keys, and a task that depends on itself", () => {
    expect(check({ task: [task("a", "x")] })).toEqual(["UNKNOWN_TASK"]);
    expect(check({ task: [task("a"), task("a")] })).toEqual(["DUPLICATE_KEY"]);
    expect(check({ task: [task("a", "a")] })).toEqual(["TASK_CYCLE"]);
  });
  test("rejects a cycle, and prints it", () => {
    const body = { task: [task("a", "c"), task("b", "a"), task("c", "b")] };
    const [cycle] = checkTaskGraph({ path: "p", type: "databricks_job", body, json: "" });
    expect(cycle).toMatchObject({ code: "TASK_CYCLE", value: "a → c → b → a" });
  });
  test("rejects an unreachable task", () => {
    expect(
      check({
        task: [
          task("c"),
          task("x", { task_key: "c", outcome: "true" }, { task_key: "c", outcome: "false" }),
        ],
      }),
    ).toEqual(["UNREACHABLE_TASK"]);
    const constant = { task_key: "c", condition_task: { left: "1", op: "EQUAL_TO", right: "2" } };
    expect(check({ task: [constant, task("x", { task_key: "c", outcome: "true" })] })).toEqual([
      "UNREACHABLE_TASK",
    ]);
    expect(check({ task: [constant, task("x", { task_key: "c", outcome: "false" })] })).toEqual([]);
  });
  describe("with a task after a condition that is never true", () => {
    const constant = { task_key: "c", condition_task: { left: "1", op: "EQUAL_TO", right: "2" } };
    const unreachableTask = task("dead", { task_key: "c", outcome: "true" });
    const unreachable = (...tasks: Block[]): string[] =>
      checkTaskGraph({
        path: "p",
        type: "databricks_job",
        body: { task: [constant, unreachableTask, task("live"), ...tasks] },
        json: "",
      }).map(({ code, position }) => `${code} ${position ?? ""}`);
    test("is rejected with all tasks downstream of it, at any distance and in any order", () => {
      expect(unreachable(task("d2", "d1"), task("d1", "dead"))).toEqual([
        "UNREACHABLE_TASK dead",
        "UNREACHABLE_TASK d1",
        "UNREACHABLE_TASK d2",
      ]);
      expect(unreachable({ ...task("x", "dead"), run_if: "ALL_DONE" })).toContain(
        "UNREACHABLE_TASK x",
      );
      expect(unreachable({ ...task("x", "dead", "live"), run_if: "ALL_FAILED" })).toContain(
        "UNREACHABLE_TASK x",
      );
    });
    test("may have a task with another path, because an excluded task counts as a success", () => {
      expect(unreachable(task("join", "dead", "live"))).toEqual(["UNREACHABLE_TASK dead"]);
      expect(
        unreachable({
          ...task("x", { task_key: "c", outcome: "true" }, "live"),
          run_if: "NONE_FAILED",
        }),
      ).toEqual(["UNREACHABLE_TASK dead"]);
      expect(
        unreachable({
          ...task("both", { task_key: "c", outcome: "true" }, { task_key: "c", outcome: "false" }),
          run_if: "NONE_FAILED",
        }),
      ).toEqual(["UNREACHABLE_TASK dead"]);
    });
  });
});
