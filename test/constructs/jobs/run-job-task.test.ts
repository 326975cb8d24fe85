import { PipelineTask, RunJobTask, Workflow } from "../../../constructs";
import { synth, type Json } from "../support";

describe("run-job task", () => {
  test("runs another job of the stack, or an existing job by id or name", () => {
    const { resourcesOf } = synth((stack) => {
      const first = new Workflow(stack, "first", { name: "first" });
      first.addTask("a", { run: PipelineTask.of("p") });
      const secondWorkflow = new Workflow(stack, "second", { name: "second" });
      secondWorkflow.addTask("ours", { run: RunJobTask.of(first, { day: "1" }) });
      secondWorkflow.addTask("theirs", {
        run: RunJobTask.of(Workflow.fromId("42"), {}, { pipelineFullRefresh: true }),
      });
      secondWorkflow.addTask("found", {
        run: RunJobTask.of(Workflow.fromName(stack, "found", "nightly")),
      });
    });
    const tasks = resourcesOf("databricks_job")
      .flatMap((job) => job.task as Json[])
      .filter((task) => task.run_job_task !== undefined);
    expect(tasks.map((task) => (task.run_job_task as Json).job_id)).toEqual([
      expect.stringMatching(/data\.databricks_job/),
      expect.stringMatching(/databricks_job\.first/),
      "42",
    ]);
  });
  test("rejects an id that is not a number", () =>
    expect(() => Workflow.fromId("nightly")).toThrow("invalid job id"));
});
