import { Content, PythonWheel } from "../../../constructs";
import { codes, defaultChild, synth } from "../support";

const content = Content.file("stacks/gallery/files/etl-1.0-py3-none-any.whl");

describe("Python wheel", () => {
  test("has the hash of its bytes in its path, so that a rebuilt wheel gets a new path", () => {
    const { resourceOf } = synth((stack) => {
      const wheel = new PythonWheel(stack, "wheel", { folder: "/Shared/wheels", content });
      expect(defaultChild(wheel)).toBe("databricks_workspace_file");
      expect(wheel.renderPath()).toMatch(/^\/Workspace/);
    });
    expect(resourceOf("databricks_workspace_file").path).toMatch(
      /^\/Shared\/wheels\/[0-9a-f]{12}\/etl-1.0-py3-none-any.whl$/,
    );
  });
  test("can be stored in a volume", () => {
    const { resourceOf } = synth((stack) =>
      new PythonWheel(stack, "wheel", { folder: "/Volumes/a/b/c", content }).renderPath(),
    );
    expect(resourceOf("databricks_file").path).toMatch(/^\/Volumes\/a\/b\/c\/[0-9a-f]{12}\//);
  });
  test("rejects a file that is not a wheel, and a relative folder", () => {
    expect(
      codes(
        (stack) => new PythonWheel(stack, "w", { folder: "/Shared", content: Content.text("1") }),
      ),
    ).toEqual(["NOT_A_WHEEL"]);
    expect(codes((stack) => new PythonWheel(stack, "w", { folder: "Shared", content }))).toEqual([
      "BAD_PATH",
    ]);
    expect(
      codes((stack) => new PythonWheel(stack, "w", { folder: "/Volumes/a//c", content })),
    ).toEqual(["BAD_PATH"]);
  });
});
