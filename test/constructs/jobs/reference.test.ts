import {
  DynamicReference,
  NotebookTask,
  PipelineTask,
  Serverless,
  Workflow,
} from "../../../constructs";
import { problems, synth } from "../support";

describe("dynamic references", () => {
  test("render as strings", () => {
    expect(
      [
        DynamicReference.jobId,
        DynamicReference.input,
        DynamicReference.inputField("a"),
        DynamicReference.jobStartTime("iso_date"),
      ].map(String),
    ).toEqual(["{{job.id}}", "{{input}}", "{{input.a}}", "{{job.start_time.iso_date}}"]);
    expect(JSON.stringify(DynamicReference.jobRunId)).toBe('"{{job.run_id}}"');
  });
  test("put a name in backquotes if it has characters other than letters, digits and _", () => {
    const { resourceOf } = synth((stack) => {
      const job = new Workflow(stack, "j", { name: "j" });
      const day = job.addParameter("day-of.run", "");
      const a = job.addTask("a-b", { run: PipelineTask.of("p") });
      job.addTask("c", {
        run: NotebookTask.at("/b", {
          day,
          rows: a.value("row count"),
          how: a.resultState,
          field: DynamicReference.inputField("x-y"),
        }),
        on: Serverless.compute,
        after: [a],
      });
    });
    expect(JSON.stringify(resourceOf("databricks_job"))).toContain(
      JSON.stringify({
        day: "{{job.parameters.`day-of.run`}}",
        field: "{{input.`x-y`}}",
        how: "{{tasks.`a-b`.result_state}}",
        rows: "{{tasks.`a-b`.values.`row count`}}",
      }),
    );
  });
  test("reject the value of a task that is not upstream", () => {
    const [problem] = problems((stack) => {
      const job = new Workflow(stack, "j", { name: "j" });
      const a = job.addTask("a", { run: PipelineTask.of("p") });
      job.addTask("b", {
        run: NotebookTask.at("/b", { rows: a.value("rows"), how: a.resultState }),
        on: Serverless.compute,
      });
    });
    expect(problem).toMatchObject({
      code: "NOT_UPSTREAM",
      details: { path: "test-local/j/b", value: "a", fix: "after: [a]" },
    });
  });
});
