import { Content, VolumeFile } from "../../../constructs";
import { codes, defaultChild, synth } from "../support";

describe("volume file", () => {
  test("renders its path in the volume", () => {
    const { resourceOf } = synth((stack) => {
      const file = new VolumeFile(stack, "file", {
        path: "/Volumes/a/b/c/d.txt",
        content: Content.text("1"),
      });
      expect(defaultChild(file)).toBe("databricks_file");
      expect(file.renderPath()).toContain("Token");
    });
    expect(resourceOf("databricks_file")).toEqual({
      path: "/Volumes/a/b/c/d.txt",
      content_base64: "MQ==",
    });
  });
  test.each(["/Shared/a", "/Volumes/a/b/c", "/Volumes/a/b/c/../d"])(
    "rejects the path %s",
    (path) => {
      expect(
        codes((stack) => new VolumeFile(stack, "file", { path, content: Content.text("1") })),
      ).toEqual(["BAD_PATH"]);
    },
  );
});
