import { PipelineLibrary, WorkspaceFile } from "../../../constructs";

test("a pipeline library renders each form of source code", () => {
  const libraries = [
    PipelineLibrary.notebook("/a"),
    PipelineLibrary.file(WorkspaceFile.fromPath("/Shared/b.sql")),
    PipelineLibrary.glob("/c/**"),
    PipelineLibrary.jar("/d.jar"),
    PipelineLibrary.maven("g:a:1", { exclusions: ["x:y"] }),
  ];
  expect(libraries.map((library) => library.rendered)).toEqual([
    { notebook: { path: "/a" } },
    { file: { path: "/Workspace/Shared/b.sql" } },
    { glob: { include: "/c/**" } },
    { jar: "/d.jar" },
    { maven: { coordinates: "g:a:1", exclusions: ["x:y"], repo: undefined } },
  ]);
});
