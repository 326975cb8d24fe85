import { createHash } from "node:crypto";
import fs from "node:fs";
import { Content, PythonWheel } from "../../../constructs";
import { codes, defaultChild, synth } from "../support";

const file = "stacks/gallery/files/etl-1.0-py3-none-any.whl";
const content = Content.file(file);

describe("Python wheel", () => {
  test("has the hash of its bytes in its path", () => {
    const { resourceOf } = synth((stack) => {
      const wheel = new PythonWheel(stack, "wheel", { folder: "/Shared/wheels", content });
      expect(defaultChild(wheel)).toBe("databricks_workspace_file");
      expect(wheel.renderPath()).toMatch(/^\/Workspace/);
    });
    const hash = createHash("sha256").update(fs.readFileSync(file)).digest("hex").slice(0, 12);
    expect(resourceOf("databricks_workspace_file").path).toBe(
      `/Shared/wheels/${hash}/etl-1.0-py3-none-any.whl`,
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
