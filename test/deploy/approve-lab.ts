/** A workspace per test for approve.test.ts and approve.long.test.ts. */
import { startWorkspace, type RunningWorkspace } from "../../src/workspace/server";
import { removeFolders } from "../support/project";

/** The workspace of the running test. */
export let workspace: RunningWorkspace;
/** The environment variables of commands for {@link workspace}. */
export let env: NodeJS.ProcessEnv;

/**
 * Starts a workspace for each test: a folder without a state cannot deploy to a workspace in which
 * the stack is deployed.
 */
export function useWorkspacePerTest(): void {
  beforeEach(async () => {
    workspace = await startWorkspace();
    env = { LAKEFORM_LOCAL_HOST: workspace.host, LAKEFORM_LOCAL_TOKEN: workspace.token };
  });
  afterEach(() => workspace.close());
  afterAll(removeFolders);
}

/** Returns the configuration of a notebook in the folder /Shared/`name`. */
export const notebook = (name: string, source: string): Record<string, unknown> => ({
  databricks_notebook: {
    n: {
      path: `/Shared/${name}/n`,
      language: "PYTHON",
      content_base64: Buffer.from(source).toString("base64"),
    },
  },
});
