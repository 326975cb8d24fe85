import {
  AllPurposeCluster,
  DynamicReference,
  Notebook,
  NotebookTask,
  SqlWarehouse,
} from "../../../constructs";
import { taskOf } from "../support";

describe("notebook task", () => {
  test("sets its source on a cluster and on a SQL warehouse", () => {
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
