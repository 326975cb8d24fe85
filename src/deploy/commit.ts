import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface GitState {
  readonly commit: string;
  /** Files that differ from the commit, or that git does not track. */
  readonly dirty: readonly string[];
}

/** The commit of a folder, or undefined where there is no Git or no commit yet. */
export async function gitState(folder: string): Promise<GitState | undefined> {
  try {
    const { stdout: commit } = await run("git", ["rev-parse", "HEAD"], { cwd: folder });
    const { stdout: status } = await run("git", ["status", "--porcelain"], { cwd: folder });
    return {
      commit: commit.trim(),
      dirty: status
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => line.slice(3)),
    };
  } catch (error) {
    // No git (ENOENT), or no repository or commit (128): a deploy without a commit is recorded as such, and promotion refuses it.
    const { code } = error as { code?: unknown };
    if (code === "ENOENT" || code === 128) return undefined;
    throw error;
  }
}
