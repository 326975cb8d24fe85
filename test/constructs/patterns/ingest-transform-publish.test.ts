import { IngestTransformPublish, NotebookTask, Serverless } from "../../../constructs";
import { defaultChild, synth, type Json } from "../support";

describe("ingest, transform, publish", () => {
  const base = {
    name: "orders",
    ingest: NotebookTask.at("/a"),
    transform: NotebookTask.at("/a"),
    publish: NotebookTask.at("/a"),
    on: Serverless.compute,
    maxRetries: 1,
  };
  test("are three tasks, each after the previous one", () => {
    const { resourceOf } = synth((stack) =>
      expect(defaultChild(new IngestTransformPublish(stack, "o", base))).toBe("databricks_job"),
    );
    expect(
      (resourceOf("databricks_job").task as Json[]).map((task) => [task.task_key, task.depends_on]),
    ).toEqual([
      ["ingest", undefined],
      ["publish", [{ task_key: "transform" }]],
      ["transform", [{ task_key: "ingest" }]],
    ]);
  });
  test("can be configured to publish only if there is data", () => {
    const { resourceOf } = synth(
      (stack) => new IngestTransformPublish(stack, "o", { ...base, publishWhenAny: "rows" }),
    );
    const tasks = resourceOf("databricks_job").task as Json[];
    expect(tasks[0]).toMatchObject({
      task_key: "has_rows",
      condition_task: { left: "{{tasks.ingest.values.rows}}", op: "GREATER_THAN", right: "0" },
    });
    expect(tasks[2]).toMatchObject({
      task_key: "publish",
      depends_on: [{ task_key: "has_rows", outcome: "true" }],
    });
  });
});
