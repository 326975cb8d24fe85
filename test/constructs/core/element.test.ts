import {
  Directory,
  Group,
  MedallionPipeline,
  NotebookTask,
  Serverless,
  type WorkspaceStack,
} from "../../../constructs";
import { synth } from "../support";

describe("element", () => {
  test("records its source position, also inside patterns of the library", () => {
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
  test("can depend on other elements", () => {
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
  test("writes an import block only for an adopted object", () => {
    const { json } = synth((stack) => {
      const folder = new Directory(stack, "folder", { path: "/Shared/f" }).adopt("/Shared/f");
      folder.permissions.allow("CAN_READ", Group.users);
      folder.permissions.adopt("/directories/12");
      new Directory(stack, "new", { path: "/Shared/g" });
    });
    expect(json["import"]).toEqual([
      { to: expect.stringMatching(/^databricks_directory\.folder_/) as unknown, id: "/Shared/f" },
      {
        to: expect.stringMatching(/^databricks_permissions\.folder_Permissions_/) as unknown,
        id: "/directories/12",
      },
    ]);
  });
  test.each([
    ["no id", [" "]],
    ["a second id", ["/Shared/f", "/Shared/g"]],
  ])("rejects %s of an object to adopt", (_what, ids) => {
    const build = (stack: WorkspaceStack): void => {
      const folder = new Directory(stack, "folder", { path: "/Shared/f" });
      ids.forEach((id) => folder.adopt(id));
    };
    expect(() => synth(build)).toThrow(
      expect.objectContaining({ code: "BAD_ADOPTED_ID" }) as Error,
    );
  });
});
