import {
  DbfsFile,
  Directory,
  Notebook,
  PythonWheel,
  VolumeFile,
  WorkspaceFile,
} from "../../../constructs";

describe("artifacts that exist already", () => {
  test.each([
    [Notebook.fromPath("/Shared/a"), "/Shared/a"],
    [Directory.fromPath("/Shared"), "/Shared"],
    [WorkspaceFile.fromPath("/Shared/a.py"), "/Workspace/Shared/a.py"],
    [VolumeFile.fromPath("/Volumes/main/etl/files/a.py"), "/Volumes/main/etl/files/a.py"],
    [DbfsFile.fromPath("/tmp/a.py"), "dbfs:/tmp/a.py"],
    [
      PythonWheel.fromPath("/Shared/wheels/etl-1.0-py3-none-any.whl"),
      "/Workspace/Shared/wheels/etl-1.0-py3-none-any.whl",
    ],
    [
      PythonWheel.fromPath("/Volumes/main/etl/wheels/etl-1.0-py3-none-any.whl"),
      "/Volumes/main/etl/wheels/etl-1.0-py3-none-any.whl",
    ],
  ])("are named by their path: %j", (artifact, renderedPath) => {
    expect(artifact.renderPath()).toBe(renderedPath);
  });
  test.each<[string, () => unknown]>([
    ["a notebook", () => Notebook.fromPath("a")],
    ["a folder", () => Directory.fromPath("/Shared/")],
    ["a workspace file", () => WorkspaceFile.fromPath("/Workspace/Shared/a.py")],
    ["a volume file", () => VolumeFile.fromPath("/Volumes/main/etl/files")],
    ["a DBFS file", () => DbfsFile.fromPath("dbfs:/tmp/a")],
    ["a wheel", () => PythonWheel.fromPath("/Shared/wheels/etl.zip")],
    [
      "a wheel outside the workspace and volumes",
      () => PythonWheel.fromPath("etl-1.0-py3-none-any.whl"),
    ],
  ])("are rejected with an invalid path of %s", (_, make) => {
    expect(make).toThrow(expect.objectContaining({ code: "BAD_PATH" }) as Error);
  });
});
