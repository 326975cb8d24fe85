import {
  startWorkspace,
  type RunningWorkspace,
  type WorkspaceOptions,
} from "../../src/workspace/server";

/** Runs a workspace from the first to the last test of the file or the describe block. */
export function useWorkspace(options?: WorkspaceOptions): RunningWorkspace {
  const workspace = {} as RunningWorkspace;
  beforeAll(async () => {
    const startedWorkspace = await startWorkspace(options);
    Object.defineProperties(workspace, Object.getOwnPropertyDescriptors(startedWorkspace));
  });
  afterAll(() => workspace.close());
  return workspace;
}
