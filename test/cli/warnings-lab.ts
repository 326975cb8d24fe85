/** An app with a warning of a construct and a warning of the user, and workspaces for its stacks. */
import path from "node:path";
import { startWorkspace, type RunningWorkspace } from "../../src/workspace/server";
import { edit, makeApp, useCachedSynth } from "../support/app";
import { removeFolders } from "../support/project";

export let root: string;
const workspaces: RunningWorkspace[] = [];
export const env: NodeJS.ProcessEnv = {};

export function useAppWithWarnings(): void {
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
}

/** Returns the warning of the construct and the warning of the user for each stack. */
export const expectedWarnings = (stacks: readonly string[]): string[] =>
  stacks
    .flatMap((stack) => [
      `warning ANNOTATION: ask the data office before this grows\n  at:      ${stack}`,
      `warning DBFS_DEPRECATED: the DBFS root is deprecated\n  at:      ${stack}/old\n  fix:     use VolumeFile or WorkspaceFile, or give a reason in acceptDeprecation`,
    ])
    .sort();
export const warningsIn = (stderr: string): string[] =>
  (stderr.match(/^warning .*(\n {2}(at|fix): .*)*/gm) ?? []).sort();
