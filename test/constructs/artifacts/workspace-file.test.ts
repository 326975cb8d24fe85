import {
  AllPurposeCluster,
  Content,
  Group,
  SparkPythonTask,
  Workflow,
  WorkspaceFile,
} from "../../../constructs";
import { codes, defaultChild, synth } from "../support";

describe("workspace file", () => {
  test("has a path below /Workspace on clusters", () => {
    const { resourceOf } = synth((stack) => {
      const file = new WorkspaceFile(stack, "file", {
        path: "/Shared/a.py",
        content: Content.text("1"),
      });
      file.permissions.allow("CAN_READ", Group.users);
      new Workflow(stack, "job", { name: "job" }).addTask("a", {
        run: SparkPythonTask.of(file),
        on: AllPurposeCluster.fromId("c"),
      });
      expect(defaultChild(file)).toBe("databricks_workspace_file");
    });
    expect(resourceOf("databricks_job")).toMatchObject({
      task: [
        {
          spark_python_task: {
            python_file: expect.stringMatching(
              /^\/Workspace\$\{databricks_workspace_file\./,
            ) as unknown,
          },
        },
      ],
    });
  });
  test("rejects a path with the prefix /Workspace", () => {
    expect(
      codes(
        (stack) =>
          new WorkspaceFile(stack, "f", {
            path: "/Workspace/Shared/a",
            content: Content.text("1"),
          }),
      ),
    ).toEqual(["BAD_PATH"]);
  });
});
