import { Directory, Group } from "../../../constructs";
import { codes, defaultChild, synth } from "../support";

describe("directory", () => {
  test("is a folder of the workspace with an access list", () => {
    const { resourceOf } = synth((stack) => {
      const folder = new Directory(stack, "folder", { path: "/Shared/a", deleteRecursive: true });
      folder.permissions.allow("CAN_READ", Group.users);
      expect(folder.permissions).toBe(folder.permissions);
      expect(defaultChild(folder)).toBe("databricks_directory");
    });
    expect(resourceOf("databricks_directory")).toEqual({
      path: "/Shared/a",
      delete_recursive: true,
    });
    expect(resourceOf("databricks_permissions").directory_path).toMatch(/databricks_directory/);
  });
  test("rejects a path outside the workspace tree", () => {
    expect(codes((stack) => new Directory(stack, "folder", { path: "a/b" }))).toEqual(["BAD_PATH"]);
  });
});
