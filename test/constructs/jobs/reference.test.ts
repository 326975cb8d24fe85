import { DynamicReference, NotebookTask, PipelineTask, Serverless, Workflow } from "../../../constructs";
import { problems } from "../support";

describe("dynamic references", () => {
  test("are texts at the end", () => {
    expect(
      [DynamicReference.jobId, DynamicReference.input, DynamicReference.inputField("a"), DynamicReference.jobStartTime("iso_date")].map(
        String,
      ),
    ).toEqual(["{{job.id}}", "{{input}}", "{{input.a}}", "{{job.start_time.iso_date}}"]);
    expect(JSON.stringify(DynamicReference.jobRunId)).toBe('"{{job.run_id}}"');
  });
  test("rejects the value of a task that is not upstream", () => {
    const [problem] = problems((stack) => {
      const job = new Workflow(stack, "j", { name: "j" });
      const a = job.addTask("a", { run: PipelineTask.of("p") });
      job.addTask("b", { run: NotebookTask.at("/b", { rows: a.value("rows"), how: a.resultState }), on: Serverless.compute });
    });
    expect(problem).toMatchObject({ code: "NOT_UPSTREAM", details: { path: "test-local/j/b", value: "a", fix: "after: [a]" } });
  });
});
