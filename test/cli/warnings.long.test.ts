import { spawnSync } from "node:child_process";
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
    [["synth"], ["etl-local", "etl-dev", "etl-staging", "etl-prod"]],
    [["synth", "local"], ["etl-local"]],
    [["review", "local"], ["etl-local"]],
    [["review", "--base", "HEAD", "dev"], ["etl-dev"]],
    [
      ["diff", "staging", "prod"],
      ["etl-staging", "etl-prod"],
    ],
    [
      ["ci", "github-actions", "--stdout"],
      ["etl-local", "etl-dev", "etl-staging", "etl-prod"],
    ],
    [["deploy", "local", "--auto-approve"], ["etl-local"]],
    [["verify", "local"], ["etl-local"]],
    [["verify", "local", "--format", "json", "--quiet"], ["etl-local"]],
    [
      ["promote", "dev", "staging", "--auto-approve"],
      ["etl-dev", "etl-staging"],
    ],
  ])("are printed once on stderr by lakeform %j", async (args, stacks) => {
    const { stdout, stderr } = await lakeform(root, args, env);
    expect(warningsIn(stderr)).toEqual(expected(stacks));
    expect(stdout).not.toContain("warning DBFS_DEPRECATED");
  });

  const run = (command: string): string => {
    const { stdout, stderr, status } = spawnSync(command, {
      cwd: root,
      shell: true,
      encoding: "utf8",
      env: { PATH: process.env.PATH, HOME: root, CI: "1", CHECKPOINT_DISABLE: "1" },
    });
    if (status !== 0) throw new Error(`${stdout}\n${stderr}`);
    return `${stdout}${stderr}`;
  };

  test("are printed once for each stack by cdktf synth", () => {
    const output = run("npx cdktf synth");
    for (const stack of ["etl-local", "etl-prod"]) {
      expect(
        output.split(`WARN [${stack}/old]: DBFS_DEPRECATED: the DBFS root is deprecated`),
      ).toHaveLength(2);
      expect(output.split(`WARN [${stack}]: ask the data office`)).toHaveLength(2);
    }
    expect(output.match(/DBFS_DEPRECATED/g)).toHaveLength(4);
  });

  test("are printed by an app that is started directly", () => {
    expect(warningsIn(run("npx ts-node stacks/main.ts"))).toEqual(
      expected(["etl-local", "etl-dev", "etl-staging", "etl-prod"]),
    );
  });
});
