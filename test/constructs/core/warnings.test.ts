import { Content, DbfsFile, warningsOf } from "../../../constructs";
import { synth } from "../support";

describe("warnings", () => {
  test("are found below a construct, with code and path", () => {
    synth((stack) => {
      new DbfsFile(stack, "file", { path: "/a", content: Content.text("1") });
      expect(warningsOf(stack)).toEqual([
        { code: "DBFS_DEPRECATED", path: "test-local/file", message: expect.stringContaining("deprecated") as unknown },
      ]);
    });
  });
});
