import { execFile } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { defined } from "../defined";

const execute = promisify(execFile);

export interface GitState {
  readonly commit: string;
  /** Files that differ from the commit, or that Git does not track. */
  readonly dirty: readonly string[];
}

/**
 * Returns the commit of a folder and the files that differ from it; undefined without Git or
 * without a commit. Ignores everything that can hide a change: index flags (assume-unchanged,
 * skip-worktree), a file monitor, settings that hide untracked files or submodule changes, replaced
 * objects, and ignore rules that exist only on this machine (core.excludesFile, .git/info/exclude,
 * a .gitignore that is not in the commit).
 */
export async function gitState(folder: string): Promise<GitState | undefined> {
  try {
    const commit = (await git(folder, ["rev-parse", "HEAD"])).trim();
    const root = (await git(folder, ["rev-parse", "--show-toplevel"])).trim();
    return { commit, dirty: await changedFiles(root) };
  } catch (error) {
    // No git (ENOENT), or no repository or commit (128): the deploy is recorded without a commit,
    // and promotion refuses it.
    if (isWithoutCommit(error)) return undefined;
    throw error;
  }
}

/**
 * Returns the files outside the working tree of the folder's repository, after resolving links.
 * @throws if there is no repository
 */
export async function outsideRepository(
  folder: string,
  files: readonly string[],
): Promise<string[]> {
  if (files.length === 0) return [];
  const root = fs.realpathSync((await git(folder, ["rev-parse", "--show-toplevel"])).trim());
  return files.filter((file) => {
    const relativePath = path.relative(root, fs.existsSync(file) ? fs.realpathSync(file) : file);
    return relativePath.split(path.sep)[0] === ".." || path.isAbsolute(relativePath);
  });
}

/**
 * Returns the commit of a folder and the name of its author; nothing without Git or a commit.
 */
export async function commitOf(
  folder: string,
): Promise<{ readonly commit?: string; readonly author?: string }> {
  try {
    const [commit = "", author = ""] = (await git(folder, ["log", "-1", "--format=%H%n%an"]))
      .trim()
      .split("\n");
    return { commit, author };
  } catch (error) {
    if (isWithoutCommit(error)) return {};
    throw error;
  }
}

/**
 * Whether a commit is in the history of the checked-out one. False for an unknown commit, and in a
 * shallow clone that ends before it.
 */
export async function isInHistory(folder: string, commit: string): Promise<boolean> {
  if (!/^[0-9a-f]{7,64}$/.test(commit)) return false;
  try {
    await git(folder, ["merge-base", "--is-ancestor", commit, "HEAD"]);
    return true;
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (code === 1 || isWithoutCommit(error)) return false;
    throw error;
  }
}

const isWithoutCommit = (error: unknown): boolean => {
  const { code } = error as { code?: unknown };
  return code === "ENOENT" || code === 128;
};

/** Overrides for settings that can hide a change from `git status`. */
const plainSettings = [
  "core.fsmonitor=false",
  "core.sparseCheckout=false",
  "core.ignoreStat=false",
].flatMap((setting) => ["-c", setting]);

async function git(
  folder: string,
  args: readonly string[],
  index?: string,
  input = "",
): Promise<string> {
  const env = {
    ...process.env,
    GIT_NO_REPLACE_OBJECTS: "1",
    GIT_OPTIONAL_LOCKS: "0",
    ...defined({ GIT_INDEX_FILE: index }),
  };
  const gitProcess = execute("git", [...plainSettings, ...args], {
    cwd: folder,
    env,
    maxBuffer: 1 << 28,
  });
  if (input !== "") gitProcess.child.stdin?.end(input);
  return (await gitProcess).stdout;
}

/**
 * Changed files of a working tree and its submodules, relative to its root. Uses a separate index
 * created from the commit, which has no flags.
 */
async function changedFiles(root: string): Promise<string[]> {
  const temporary = fs.mkdtempSync(path.join(os.tmpdir(), "lakeform-index-"));
  const index = path.join(temporary, "index");
  try {
    await git(root, ["read-tree", "HEAD"], index);
    const status = await git(
      root,
      [
        "status",
        "--porcelain",
        "-z",
        "--no-renames",
        "--untracked-files=no",
        "--ignore-submodules=none",
      ],
      index,
    );
    const entries = status
      .split("\0")
      .filter((entry) => entry !== "")
      .map((entry) => ({ state: entry.slice(0, 2), file: entry.slice(3) }));
    const notCheckedOutFiles = entries.some(({ state }) => state === " D")
      ? await filesNotCheckedOut(root)
      : new Set<string>();
    const treeFiles = entries
      .filter(({ state, file }) => state !== " D" || !notCheckedOutFiles.has(file))
      .map(({ file }) => file);
    const submoduleFiles: string[] = [];
    for (const submodule of await submodules(root, index)) {
      for (const file of await changedFiles(path.join(root, submodule)))
        submoduleFiles.push(path.posix.join(submodule, file));
    }
    return [
      ...new Set([...treeFiles, ...(await untrackedFiles(root, index)), ...submoduleFiles]),
    ].sort();
  } finally {
    fs.rmSync(temporary, { recursive: true, force: true });
  }
}

/** Files that are neither in the commit nor ignored by one of its .gitignore files. */
async function untrackedFiles(root: string, index: string): Promise<string[]> {
  const listUntracked = async (...args: string[]): Promise<string[]> =>
    paths(
      await git(
        root,
        ["ls-files", "--others", "--exclude-per-directory=.gitignore", "-z", ...args],
        index,
      ),
    );
  const files = await listUntracked();
  // A .gitignore that is not in the commit can hide other files, and even itself.
  const ignoredFiles = await listUntracked("--ignored", "--", ":(glob)**/.gitignore");
  if (ignoredFiles.length === 0) return files;
  const tracked = new Set(paths(await git(root, ["ls-files", "-z"], index)));
  // `-v` prints four fields for each path: the file of the rule, its line, the pattern, the path.
  const checkIgnore = [
    "-c",
    "core.excludesFile=",
    "check-ignore",
    "--no-index",
    "-v",
    "-z",
    "--stdin",
  ];
  const rules = (await git(root, checkIgnore, index, ignoredFiles.join("\0"))).split("\0");
  return [...files, ...ignoredFiles.filter((_file, nth) => !tracked.has(rules[nth * 4] ?? ""))];
}

const paths = (output: string): string[] => output.split("\0").filter((file) => file !== "");

/** Files that a sparse checkout excludes. They are not deployed. */
async function filesNotCheckedOut(root: string): Promise<Set<string>> {
  const output = (await git(root, ["ls-files", "-t", "-z"])).split("\0");
  return new Set(output.filter((entry) => entry.startsWith("S ")).map((entry) => entry.slice(2)));
}

/** Paths of the checked-out submodules. */
async function submodules(root: string, index: string): Promise<string[]> {
  const output = (await git(root, ["ls-files", "--stage", "-z"], index)).split("\0");
  return output
    .filter((entry) => entry.startsWith("160000 "))
    .map((entry) => entry.slice(entry.indexOf("\t") + 1))
    .filter((folder) => fs.existsSync(path.join(root, folder, ".git")));
}
