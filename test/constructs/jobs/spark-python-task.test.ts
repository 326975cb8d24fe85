import {
  AllPurposeCluster,
  DynamicReference,
  SparkPythonTask,
  Workflow,
} from "../../../constructs";
import { codes, taskOf } from "../support";

describe("Python task", () => {
  test("renders its file and its arguments", () => {
    expect(
      taskOf({
        run: SparkPythonTask.at("/a.py", ["1", DynamicReference.taskRunId]),
        on: AllPurposeCluster.fromId("c"),
      }).spark_python_task,
    ).toEqual({ python_file: "/a.py", parameters: ["1", "{{task.run_id}}"], source: "WORKSPACE" });
  });
  test("rejects Git without a Git source", () => {
    expect(
      codes((stack) =>
        new Workflow(stack, "j", { name: "j" }).addTask("a", {
          run: SparkPythonTask.inGit("a.py"),
          on: AllPurposeCluster.fromId("c"),
        }),
      ),
    ).toEqual(["NO_GIT_SOURCE"]);
  });
});
