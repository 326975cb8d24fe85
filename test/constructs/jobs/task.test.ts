import { ConditionTask, PipelineTask, Workflow, WorkspaceStack } from "../../../constructs";
import { codes, synth } from "../support";

describe("task", () => {
  test("is a construct with its key as id", () => {
    synth((stack) => {
      const job = new Workflow(stack, "j", { name: "j" });
      const task = job.addTask("a", { run: PipelineTask.of("p") });
      const condition = job.addCondition("c", {
        left: task.value("rows"),
        op: "EQUAL_TO",
        right: "1",
        after: [task],
      });
      expect(condition).toBeInstanceOf(ConditionTask);
      expect([task.node.path, String(task), String(condition), String(condition.whenTrue)]).toEqual(
        [
          "test-local/j/a",
          "Task test-local/j/a",
          "ConditionTask test-local/j/c",
          "ConditionOutcome test-local/j/c true",
        ],
      );
    });
  });
  test("rejects a duplicate key, an invalid key, and a task of a different workflow", () => {
    const build = (act: (job: Workflow, stack: WorkspaceStack) => void): string[] =>
      codes((stack) => {
        const job = new Workflow(stack, "j", { name: "j" });
        job.addTask("a", { run: PipelineTask.of("p") });
        act(job, stack);
      });
    expect(build((job) => job.addTask("a", { run: PipelineTask.of("p") }))).toEqual([
      "DUPLICATE_KEY",
    ]);
    expect(build((job) => job.addTask("a/b", { run: PipelineTask.of("p") }))).toEqual(["BAD_NAME"]);
    expect(
      build((job, stack) => {
        const otherTask = new Workflow(stack, "k", { name: "k" }).addTask("x", {
          run: PipelineTask.of("p"),
        });
        job.addTask("b", { run: PipelineTask.of("p"), after: [otherTask] });
      }),
    ).toEqual(["OTHER_WORKFLOW"]);
  });
});
