import {
  ClusterSize,
  MedallionPipeline,
  NodeType,
  NotebookTask,
  Serverless,
  SparkVersion,
} from "../../../constructs";
import { defaultChild, synth, type Json } from "../support";

describe("medallion pipeline", () => {
  test("makes each layer wait for all tasks of the previous one", () => {
    const { resourceOf } = synth((stack) => {
      const pipeline = new MedallionPipeline(stack, "m", {
        name: "orders",
        bronze: [
          { key: "b2", run: NotebookTask.at("/a") },
          { key: "b1", run: NotebookTask.at("/a") },
        ],
        silver: [{ key: "s", run: NotebookTask.at("/a") }],
        gold: [{ key: "g", run: NotebookTask.at("/a") }],
        on: {
          sparkVersion: SparkVersion.LTS_15_4,
          nodeType: NodeType.of("i3.xlarge"),
          size: ClusterSize.fixed(1),
        },
      });
      expect([defaultChild(pipeline), pipeline.bronze.length]).toEqual(["databricks_job", 2]);
    });
    const tasks = resourceOf("databricks_job").task as Json[];
    expect(tasks.map(({ task_key, depends_on }) => [task_key, depends_on])).toEqual([
      ["b1", undefined],
      ["b2", undefined],
      ["g", [{ task_key: "s" }]],
      ["s", [{ task_key: "b1" }, { task_key: "b2" }]],
    ]);
  });
  test("makes gold wait for bronze if there are no silver steps", () => {
    const { resourceOf } = synth((stack) => {
      new MedallionPipeline(stack, "m", {
        name: "orders",
        bronze: [{ key: "b", run: NotebookTask.at("/a") }],
        silver: [],
        gold: [{ key: "g", run: NotebookTask.at("/a") }],
        on: Serverless.compute,
      });
    });
    expect(resourceOf("databricks_job").task).toMatchObject([
      { task_key: "b" },
      { task_key: "g", depends_on: [{ task_key: "b" }] },
    ]);
  });
});
