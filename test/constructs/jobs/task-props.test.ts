import { NotebookTask, PipelineTask, Serverless, Workflow } from "../../../constructs";
import { codes, synth, type Json } from "../support";

describe("task props", () => {
  const run = NotebookTask.at("/a");
  test("accept strings, objects or a reference as inputs of a for_each", () => {
    const { resourceOf } = synth((stack) => {
      const job = new Workflow(stack, "j", { name: "j" });
      const list = job.addTask("list", { run: PipelineTask.of("p") });
      const inner = { run, on: Serverless.compute };
      job.addForEach("items", { inputs: ["a", 1], task: { key: "i1", ...inner } });
      job.addForEach("objects", {
        inputs: [{ a: "b" }],
        concurrency: 2,
        task: { key: "i2", ...inner, maxRetries: 1 },
      });
      job.addForEach("reference", {
        inputs: list.value("items"),
        after: [list],
        task: { key: "i3", ...inner },
      });
    });
    const inputs = (resourceOf("databricks_job").task as Json[]).map(
      (task) => (task.for_each_task as Json | undefined)?.inputs,
    );
    expect(inputs).toEqual(['["a",1]', undefined, '[{"a":"b"}]', "{{tasks.list.values.items}}"]);
  });
  test("reject a for_each with inputs that are not a list, and invalid inner keys", () => {
    const codesFor = (inputs: string, key = "i"): string[] =>
      codes((stack) =>
        new Workflow(stack, "j", { name: "j" }).addForEach("e", {
          inputs,
          task: { key, run, on: Serverless.compute },
        }),
      );
    expect([codesFor("[1]"), codesFor("nope"), codesFor("[1]", "a b")]).toEqual([
      [],
      ["BAD_INPUTS"],
      ["BAD_NAME"],
    ]);
  });
});
