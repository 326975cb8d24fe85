import { Content, DbfsFile, warningsOf } from "../../../constructs";
import { formatWarning } from "../../../constructs/core/warnings";
import { synth } from "../support";

describe("warnings", () => {
  test("are found below a construct, with code and path", () => {
    synth((stack) => {
      new DbfsFile(stack, "file", { path: "/a", content: Content.text("1") });
      expect(warningsOf(stack)).toEqual([
        {
          code: "DBFS_DEPRECATED",
          path: "test-local/file",
          message: "the DBFS root is deprecated",
          fix: expect.stringContaining("VolumeFile") as unknown,
        },
      ]);
      expect(warningsOf(stack).map(formatWarning)[0]).toBe(
        "warning DBFS_DEPRECATED: the DBFS root is deprecated\n  at:      test-local/file\n  fix:     use VolumeFile or WorkspaceFile, or give a reason in acceptDeprecation",
      );
    });
  });
});
