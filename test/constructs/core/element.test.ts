import { Directory, MedallionPipeline, NotebookTask, Serverless } from "../../../constructs";
import { synth } from "../support";

describe("element", () => {
  test("knows where it was made, through patterns of the library", () => {
    const { metadata } = synth(
      (stack) =>
        new MedallionPipeline(stack, "m", {
          name: "m",
          bronze: [{ key: "a", run: NotebookTask.at("/a") }],
          silver: [],
          gold: [],
          on: Serverless.compute,
        }),
    );
    expect(metadata.resources).toEqual({
      [Object.keys(metadata.resources)[0] ?? ""]: {
        path: "test-local/m/Workflow",
        source: expect.stringMatching(/^test\/constructs\/core\/element.test.ts:\d+$/) as unknown,
        stamped: true,
      },
    });
  });
  test("can be made after others", () => {
    const { all } = synth((stack) => {
      const folder = new Directory(stack, "folder", { path: "/Shared/f" });
      const inner = new Directory(stack, "inner", { path: "/Shared/f/g" });
      inner.dependOn(folder, folder);
    });
    expect(all("databricks_directory").map((each) => each.depends_on)).toEqual([
      undefined,
      [expect.stringMatching(/^databricks_directory\.folder/)],
    ]);
  });
});
