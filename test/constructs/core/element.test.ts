import {
  Directory,
  Group,
  MedallionPipeline,
  NotebookTask,
  Serverless,
  type WorkspaceStack,
} from "../../../constructs";
import { problems, synth } from "../support";

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
    const { resourcesOf } = synth((stack) => {
      const folder = new Directory(stack, "folder", { path: "/Shared/f" });
      const inner = new Directory(stack, "inner", { path: "/Shared/f/g" });
      inner.dependOn(folder, folder);
    });
    expect(resourcesOf("databricks_directory").map((directory) => directory.depends_on)).toEqual([
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
  test("writes a moved block for an object whose construct has a new id", () => {
    const { json } = synth((stack) => {
      const folder = new Directory(stack, "new", { path: "/Shared/f" });
      folder
        .moveFromId("databricks_directory.old_1A2B3C4D")
        .permissions.allow("CAN_READ", Group.users);
      folder.permissions.moveFromId("databricks_permissions.old_Permissions_1A2B3C4D");
    });
    expect(json["moved"]).toEqual([
      {
        from: "databricks_directory.old_1A2B3C4D",
        to: expect.stringMatching(/^databricks_directory\.new_/) as unknown,
      },
      {
        from: "databricks_permissions.old_Permissions_1A2B3C4D",
        to: expect.stringMatching(/^databricks_permissions\.new_Permissions_/) as unknown,
      },
    ]);
  });
  test.each(["databricks_job.old", "old", "databricks_directory.a.b"])(
    "rejects %s as the previous address of a directory",
    (address) => {
      expect(
        problems((stack) => new Directory(stack, "new", { path: "/Shared/f" }).moveFromId(address)),
      ).toMatchObject([
        { code: "BAD_MOVED_ADDRESS", details: { path: "test-local/new", value: address } },
      ]);
    },
  );
  test.each([
    ["no id", [" "]],
    ["a second id", ["/Shared/f", "/Shared/g"]],
  ])("rejects %s of an object to adopt", (_case, ids) => {
    const build = (stack: WorkspaceStack): void => {
      const folder = new Directory(stack, "folder", { path: "/Shared/f" });
      ids.forEach((id) => folder.adopt(id));
    };
    expect(() => synth(build)).toThrow(
      expect.objectContaining({ code: "BAD_ADOPTED_ID" }) as Error,
    );
  });
});
