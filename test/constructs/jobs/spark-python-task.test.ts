import {
  AllPurposeCluster,
  DynamicReference,
  SparkPythonTask,
  type TaskProps,
  Workflow,
} from "../../../constructs";
import { codes, synth, type Json } from "../support";

const taskOf = (props: TaskProps): Json => {
  const { resourceOf } = synth((stack) =>
    new Workflow(stack, "j", { name: "j" }).addTask("a", props),
  );
  return (resourceOf("databricks_job").task as Json[])[0] ?? {};
};

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
