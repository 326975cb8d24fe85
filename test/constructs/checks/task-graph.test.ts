import { checkTaskGraph } from "../../../constructs/checks/task-graph";
import type { Block } from "../../../constructs/checks/rendered";

const check = (body: Block): string[] =>
  checkTaskGraph({ path: "p", type: "databricks_job", body, json: JSON.stringify(body) }).map(({ code }) => code);

const task = (task_key: string, ...on: (string | Block)[]): Block => ({
  task_key,
  depends_on: on.map((each) => (typeof each === "string" ? { task_key: each } : each)),
});

describe("task graph", () => {
  test("takes what can run", () => {
    expect(check({ task: [task("a"), task("b", "a"), task("c", "a", "b")] })).toEqual([]);
  });
  test("rejects unknown and repeated tasks", () => {
    expect(check({ task: [task("a", "x")] })).toEqual(["UNKNOWN_TASK"]);
    expect(check({ task: [task("a"), task("a")] })).toEqual(["DUPLICATE_KEY"]);
    expect(check({ task: [task("a", "a")] })).toEqual(["TASK_CYCLE"]);
  });
  test("rejects a cycle, and prints it", () => {
    const body = { task: [task("a", "c"), task("b", "a"), task("c", "b")] };
    const [cycle] = checkTaskGraph({ path: "p", type: "databricks_job", body, json: "" });
    expect(cycle).toMatchObject({ code: "TASK_CYCLE", value: "a → c → b → a" });
  });
  test("rejects a task that nobody can reach", () => {
    expect(check({ task: [task("c"), task("x", { task_key: "c", outcome: "true" }, { task_key: "c", outcome: "false" })] })).toEqual([
      "UNREACHABLE_TASK",
    ]);
    const constant = { task_key: "c", condition_task: { left: "1", op: "EQUAL_TO", right: "2" } };
    expect(check({ task: [constant, task("x", { task_key: "c", outcome: "true" })] })).toEqual(["UNREACHABLE_TASK"]);
    expect(check({ task: [constant, task("x", { task_key: "c", outcome: "false" })] })).toEqual([]);
  });
});
