import path from "node:path";
import { edit } from "../support/app";
import { lakeform } from "../support/cli";
import { env, expectedWarnings, root, useAppWithWarnings, warningsIn } from "./warnings-lab";

describe("warnings of constructs", () => {
  useAppWithWarnings();

  test.each([
    [["synth", "local"], ["etl-local"]],
    [
      ["diff", "staging", "prod"],
      ["etl-staging", "etl-prod"],
    ],
    [["verify", "local", "--format", "json", "--quiet"], ["etl-local"]],
  ])("are printed once on stderr by lakeform %j", async (args, stacks) => {
    const { stdout, stderr } = await lakeform(root, args, env);
    expect(warningsIn(stderr)).toEqual(expectedWarnings(stacks));
    expect(stdout).not.toContain("warning DBFS_DEPRECATED");
  });

  test("are printed once by a command that builds the app", async () => {
    const { stderr } = await lakeform(root, ["verify", "local"], env);
    expect(stderr).toContain("building the app");
    expect(warningsIn(stderr)).toEqual(expectedWarnings(["etl-local"]));
  });

  test("are distinguished from error annotations, which are reported with the other problems", async () => {
    edit(path.join(root, "stacks", "etl.ts"), (text) =>
      text.replace(
        "Annotations.of(this).addWarning",
        'new DbfsFile(this, "gone", { path: "/b", content: Content.file("gone") });\n    Annotations.of(this).addError',
      ),
    );
    const { code, stderr } = await lakeform(root, ["synth"], env);
    expect(code).toBe(1);
    expect(stderr).toContain("at:      etl-prod\n  given:   ask the data office before this grows");
    expect(stderr).toContain("FILE_NOT_FOUND");
  });
});
