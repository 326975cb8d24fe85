import { execFile } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { defined } from "../defined";

const run = promisify(execFile);

export interface GitState {
  readonly commit: string;
  /** Files that differ from the commit, or that Git does not track. */
  readonly dirty: readonly string[];
}

/**
 * The commit of a folder; undefined without Git or without a commit. Compares the files with the
 * commit itself, and ignores everything that can hide a change: index flags (assume-unchanged,
 * skip-worktree), a file monitor, settings that hide untracked files or submodule changes, replaced
 * objects, and ignore rules that exist only on this machine (core.excludesFile, .git/info/exclude,
 * a .gitignore that is not in the commit).
 */
export async function gitState(folder: string): Promise<GitState | undefined> {
  try {
    const commit = (await git(folder, ["rev-parse", "HEAD"])).trim();
    const top = (await git(folder, ["rev-parse", "--show-toplevel"])).trim();
    return { commit, dirty: await changedFiles(top) };
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
  const top = fs.realpathSync((await git(folder, ["rev-parse", "--show-toplevel"])).trim());
  return files.filter((file) => {
    const inside = path.relative(top, fs.existsSync(file) ? fs.realpathSync(file) : file);
    return inside.split(path.sep)[0] === ".." || path.isAbsolute(inside);
  });
}

/**
 * The commit of a folder and its author, in readable form; empty without Git or without a commit.
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
export async function inHistory(folder: string, commit: string): Promise<boolean> {
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
  const running = run("git", [...plainSettings, ...args], { cwd: folder, env, maxBuffer: 1 << 28 });
  if (input !== "") running.child.stdin?.end(input);
  return (await running).stdout;
}

/**
 * Changed files of a working tree and its submodules, relative to its root. Uses a separate index
 * created from the commit, which has no flags.
 */
async function changedFiles(top: string): Promise<string[]> {
  const temporary = fs.mkdtempSync(path.join(os.tmpdir(), "lakeform-index-"));
  const index = path.join(temporary, "index");
  try {
    await git(top, ["read-tree", "HEAD"], index);
    const status = await git(
      top,
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
    const changed = status
      .split("\0")
      .filter((entry) => entry !== "")
      .map((entry) => ({ state: entry.slice(0, 2), file: entry.slice(3) }));
    const notCheckedOutFiles = changed.some(({ state }) => state === " D")
      ? await notCheckedOut(top)
      : new Set<string>();
    const ownFiles = changed
      .filter(({ state, file }) => state !== " D" || !notCheckedOutFiles.has(file))
      .map(({ file }) => file);
    const inside: string[] = [];
    for (const submodule of await submodules(top, index)) {
      for (const file of await changedFiles(path.join(top, submodule)))
        inside.push(path.posix.join(submodule, file));
    }
    return [...new Set([...ownFiles, ...(await untracked(top, index)), ...inside])].sort();
  } finally {
    fs.rmSync(temporary, { recursive: true, force: true });
  }
}

/** Files that are neither in the commit nor ignored by one of its .gitignore files. */
async function untracked(top: string, index: string): Promise<string[]> {
  const listUntracked = async (...args: string[]): Promise<string[]> =>
    paths(
      await git(
        top,
        ["ls-files", "--others", "--exclude-per-directory=.gitignore", "-z", ...args],
        index,
      ),
    );
  const found = await listUntracked();
  const hidden = await listUntracked("--ignored", "--", ":(glob)**/.gitignore");
  if (hidden.length === 0) return found;
  const tracked = new Set(paths(await git(top, ["ls-files", "-z"], index)));
  // `-v` adds the file of the rule, its line and the pattern to each path.
  const checkIgnore = [
    "-c",
    "core.excludesFile=",
    "check-ignore",
    "--no-index",
    "-v",
    "-z",
    "--stdin",
  ];
  const rules = (await git(top, checkIgnore, index, hidden.join("\0"))).split("\0");
  return [...found, ...hidden.filter((_file, at) => !tracked.has(rules[at * 4] ?? ""))];
}

const paths = (listed: string): string[] => listed.split("\0").filter((file) => file !== "");

/** Files that a sparse checkout excludes. They are not deployed. */
async function notCheckedOut(top: string): Promise<Set<string>> {
  const listed = (await git(top, ["ls-files", "-t", "-z"])).split("\0");
  return new Set(listed.filter((entry) => entry.startsWith("S ")).map((entry) => entry.slice(2)));
}

/** Paths of the checked-out submodules. */
async function submodules(top: string, index: string): Promise<string[]> {
  const listed = (await git(top, ["ls-files", "--stage", "-z"], index)).split("\0");
  return listed
    .filter((entry) => entry.startsWith("160000 "))
    .map((entry) => entry.slice(entry.indexOf("\t") + 1))
    .filter((folder) => fs.existsSync(path.join(top, folder, ".git")));
}
