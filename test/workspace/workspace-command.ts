import { execFile } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

const script = path.join(__dirname, "..", "..", "bin", "lakeform.js");

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The folder of the running test, in which {@link workspaceCommand} runs. */
export let cwd: string;

/** Creates a folder for each test, and stops the folder's workspace at the end. */
export function useWorkspaceFolder(): void {
  beforeEach(() => (cwd = fs.mkdtempSync(path.join(os.tmpdir(), "lakeform-command-"))));
  afterEach(async () => {
    await workspaceCommand("stop");
    fs.rmSync(cwd, { recursive: true });
  });
}

/** Runs `lakeform workspace`, and answers the question of `reset` with no. */
export function workspaceCommand(...args: string[]): Promise<CommandResult> {
  return workspaceCommandWith({}, ...args);
}

/** @param variables additional environment variables */
export function workspaceCommandWith(
  variables: NodeJS.ProcessEnv,
  ...args: string[]
): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [script, "workspace", ...args],
      { cwd, env: { ...process.env, ...variables } },
      (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
    child.stdin?.end("n\n");
  });
}
