import {
  AllPurposeCluster,
  DynamicReference,
  Notebook,
  NotebookTask,
  SqlWarehouse,
  type TaskProps,
  Workflow,
} from "../../../constructs";
import { synth, type Json } from "../support";

const taskOf = (props: TaskProps): Json => {
  const { resourceOf } = synth((stack) =>
    new Workflow(stack, "j", { name: "j" }).addTask("a", props),
  );
  return (resourceOf("databricks_job").task as Json[])[0] ?? {};
};

describe("notebook task", () => {
  test("sets its source in all cases", () => {
    expect(
      taskOf({
        run: NotebookTask.at("/a", { day: DynamicReference.jobRunId, path: "s3://b" }),
        on: AllPurposeCluster.fromId("c"),
      }).notebook_task,
    ).toEqual({
      notebook_path: "/a",
      base_parameters: { day: "{{job.run_id}}", path: "s3://b" },
      source: "WORKSPACE",
    });
    expect(
      taskOf({ run: NotebookTask.of(Notebook.fromPath("/a")), on: SqlWarehouse.fromId("w") })
        .notebook_task,
    ).toEqual({
      notebook_path: "/a",
      source: "WORKSPACE",
      warehouse_id: "w",
    });
  });
  test("rejects an invalid path", () => {
    expect(() => NotebookTask.at("a")).toThrow("starts with /");
    expect(() => NotebookTask.inGit("/a")).toThrow("relative to the root");
  });
});
