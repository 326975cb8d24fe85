import path from "node:path";
import { startWorkspace, type RunningWorkspace } from "../../src/workspace/server";
import { edit, makeApp, useCachedSynth } from "../support/app";
import { lakeform } from "../support/cli";
import { removeFolders } from "../support/project";

/** Warnings of constructs, shown by each command that builds or reads a stack. */
describe("warnings of constructs", () => {
  let root: string;
  const workspaces: RunningWorkspace[] = [];
  const env: NodeJS.ProcessEnv = {};

  beforeAll(async () => {
    root = await makeApp("etl");
    useCachedSynth(root);
    edit(path.join(root, "stacks", "etl.ts"), (text) =>
      text
        .replace("import {", "import {\n  Annotations,\n  DbfsFile,")
        .replace(
          "    const workflow",
          '    new DbfsFile(this, "old", { path: "/tmp/old.txt", content: Content.text("old") });\n' +
            '    Annotations.of(this).addWarning("ask the data office before this grows");\n\n    const workflow',
        ),
    );
    for (const name of ["LOCAL", "DEV", "STAGING"]) {
      const workspace = await startWorkspace();
      workspaces.push(workspace);
      env[`LAKEFORM_${name}_HOST`] = workspace.host;
      env[`LAKEFORM_${name}_TOKEN`] = workspace.token;
    }
  }, 120_000);

  afterAll(async () => {
    for (const workspace of workspaces) await workspace.close();
    removeFolders();
  });

  /** The warning of a construct and a warning of the user, once for each stack. */
  const expected = (stacks: readonly string[]): string[] =>
    stacks
      .flatMap((stack) => [
        `warning ANNOTATION: ask the data office before this grows\n  at:      ${stack}`,
        `warning DBFS_DEPRECATED: the DBFS root is deprecated\n  at:      ${stack}/old\n  fix:     use VolumeFile or WorkspaceFile, or give a reason in acceptDeprecation`,
      ])
      .sort();
  const warningsIn = (stderr: string): string[] =>
    (stderr.match(/^warning .*(\n {2}(at|fix): .*)*/gm) ?? []).sort();

  test.each([
    [["synth", "local"], ["etl-local"]],
    [
      ["diff", "staging", "prod"],
      ["etl-staging", "etl-prod"],
    ],
    [["verify", "local", "--format", "json", "--quiet"], ["etl-local"]],
  ])("are printed once on stderr by lakeform %j", async (args, stacks) => {
    const { stdout, stderr } = await lakeform(root, args, env);
    expect(warningsIn(stderr)).toEqual(expected(stacks));
    expect(stdout).not.toContain("warning DBFS_DEPRECATED");
  });

  test("are printed once by a command that builds the app", async () => {
    const { stderr } = await lakeform(root, ["verify", "local"], env);
    expect(stderr).toContain("building the app");
    expect(warningsIn(stderr)).toEqual(expected(["etl-local"]));
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
