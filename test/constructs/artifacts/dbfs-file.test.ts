import {
  AllPurposeCluster,
  Content,
  DbfsFile,
  SparkPythonTask,
  warningsOf,
  Workflow,
} from "../../../constructs";
import { defined } from "../../../src/defined";
import { codes, defaultChild, synth } from "../support";

describe("DBFS file", () => {
  test("is passed to tasks with the dbfs: scheme", () => {
    const { resourceOf } = synth((stack) => {
      const file = new DbfsFile(stack, "file", {
        path: "/tmp/a.py",
        content: Content.text("1"),
        acceptDeprecation: "a test",
      });
      expect(defaultChild(file)).toBe("databricks_dbfs_file");
      new Workflow(stack, "job", { name: "job" }).addTask("a", {
        run: SparkPythonTask.of(file),
        on: AllPurposeCluster.fromId("c"),
      });
    });
    expect(resourceOf("databricks_job")).toMatchObject({
      task: [
        {
          spark_python_task: {
            python_file: expect.stringMatching(
              /^dbfs:\$\{databricks_dbfs_file\..*\.path\}$/,
            ) as unknown,
          },
        },
      ],
    });
  });
  test("warns that the DBFS root is deprecated, unless a reason is given", () => {
    const warnings = (acceptDeprecation?: string): string[] => {
      let warningCodes: string[] = [];
      synth((stack) => {
        new DbfsFile(stack, "file", {
          path: "/a",
          content: Content.text("1"),
          ...defined({ acceptDeprecation }),
        });
        warningCodes = warningsOf(stack).map(({ code }) => code);
      });
      return warningCodes;
    };
    expect(warnings()).toEqual(["DBFS_DEPRECATED"]);
    expect(warnings("a sample")).toEqual([]);
  });
  test.each(["tmp/a", "/dbfs/tmp/a", "dbfs:/a", "/tmp/"])("rejects the path %s", (path) => {
    expect(
      codes((stack) => new DbfsFile(stack, "file", { path, content: Content.text("1") })),
    ).toEqual(["BAD_PATH"]);
  });
});
