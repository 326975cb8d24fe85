import {
  NotebookTask,
  PipelineTask,
  Serverless,
  Workflow,
  WorkspaceStack,
} from "../../../constructs";
import { codes, synth } from "../support";

describe("job parameter", () => {
  test("can be referenced by tasks", () => {
    const { resourceOf } = synth((stack) => {
      const job = new Workflow(stack, "j", { name: "j" });
      const day = job.addParameter("day", "2024-01-01");
      job.addParameter("country", "de");
      job.addTask("a", {
        run: NotebookTask.at("/a", { path: `s3://raw/${String(day)}` }),
        on: Serverless.compute,
      });
    });
    expect(resourceOf("databricks_job")).toMatchObject({
      parameter: [
        { name: "country", default: "de" },
        { name: "day", default: "2024-01-01" },
      ],
      task: [{ notebook_task: { base_parameters: { path: "s3://raw/{{job.parameters.day}}" } } }],
    });
  });
  test("rejects a duplicate name, an invalid name, and a parameter of another workflow", () => {
    const build = (act: (job: Workflow, stack: WorkspaceStack) => void): string[] =>
      codes((stack) => {
        const job = new Workflow(stack, "j", { name: "j" });
        job.addTask("x", { run: PipelineTask.of("p") });
        act(job, stack);
      });
    expect(build((job) => [job.addParameter("a", ""), job.addParameter("a", "")])).toEqual([
      "DUPLICATE_KEY",
    ]);
    expect(build((job) => job.addParameter("a b", ""))).toEqual(["BAD_NAME"]);
    expect(
      build((job, stack) => {
        const otherWorkflow = new Workflow(stack, "k", { name: "k" });
        otherWorkflow.addTask("y", {
          run: NotebookTask.at("/a", { day: job.addParameter("day", "") }),
          on: Serverless.compute,
        });
      }),
    ).toEqual(["UNKNOWN_PARAMETER"]);
  });
});
