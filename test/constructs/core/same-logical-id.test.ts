import { Job as JobResource } from "@cdktf/provider-databricks/lib/job";
import { TerraformOutput } from "cdktf";
import {
  buildAndSynth,
  Construct,
  ConstructErrors,
  Content,
  Notebook,
  WorkspaceStack,
  type ConstructError,
} from "../../../constructs";
import { makeFolder, removeFolders } from "../../support/project";

const environment = { name: "local", values: {} };

describe("constructs with the same logical id", () => {
  afterAll(removeFolders);

  const problems = (build: (stack: WorkspaceStack) => void): readonly ConstructError[] => {
    try {
      buildAndSynth(
        (app) => build(new WorkspaceStack(app, "etl", { project: "tests", environment })),
        { outdir: makeFolder("out") },
      );
      return [];
    } catch (error) {
      if (error instanceof ConstructErrors) return error.problems;
      throw error;
    }
  };
  const notebook = (scope: Construct, id: string): Notebook =>
    new Notebook(scope, id, {
      path: `/Shared/${id}`,
      language: "PYTHON",
      content: Content.text("x"),
    });

  it.each<[string, (stack: WorkspaceStack) => void, string, string]>([
    [
      "raw resources whose ids differ only in a dot",
      (stack) => ["a.b", "ab"].forEach((id) => new JobResource(stack, id, {})),
      "etl-local/a.b and etl-local/ab",
      "databricks_job.ab",
    ],
    [
      "raw resources, one with an id in a different alphabet",
      (stack) => ["jöb", "jb"].forEach((id) => new JobResource(stack, id, {})),
      "etl-local/jöb and etl-local/jb",
      "databricks_job.jb",
    ],
    [
      "constructs separated by an id Default",
      (stack) => {
        const folder = new Construct(stack, "folder");
        notebook(folder, "n");
        notebook(new Construct(folder, "Default"), "n");
      },
      "etl-local/folder/n and etl-local/folder/Default/n",
      "databricks_notebook.folder_n_",
    ],
    [
      "a logical id that was overridden",
      (stack) => {
        new JobResource(stack, "one", {});
        new JobResource(stack, "two", {}).overrideLogicalId("one");
      },
      "etl-local/one and etl-local/two",
      "databricks_job.one",
    ],
    [
      "outputs",
      (stack) => ["a.b", "ab"].forEach((id) => new TerraformOutput(stack, id, { value: id })),
      "etl-local/a.b and etl-local/ab",
      "output.ab",
    ],
  ])("are rejected with both paths: %s", (_case, build, path, value) => {
    const collisions = problems(build).filter(({ code }) => code === "SAME_LOGICAL_ID");
    expect(collisions.map(({ details }) => details.path)).toEqual([path]);
    expect(collisions[0]?.details.value).toContain(value);
  });

  it("are rejected in one error if there are three, and accepted for different types", () => {
    const collisions = problems((stack) =>
      ["a.b", "ab", "a:b"].forEach((id) => new JobResource(stack, id, {})),
    );
    expect(
      collisions
        .filter(({ code }) => code === "SAME_LOGICAL_ID")
        .map(({ details }) => details.path),
    ).toEqual(["etl-local/a.b and etl-local/ab and etl-local/a:b"]);
    const otherProblems = problems((stack) => {
      new TerraformOutput(stack, "a.b", { value: "1" });
      notebook(stack, "ab");
    });
    expect(otherProblems).toEqual([]);
  });
});
