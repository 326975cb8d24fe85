import { execFile } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { LakeformError } from "../../errors";
import { atInterrupt } from "../../interrupt";
import { findProject, type Project } from "../../terraform/project";
import { linkModules, parentPairs } from "./linked-modules";

const run = promisify(execFile);

/**
 * Runs Git without the variables that it sets for hooks: with `GIT_INDEX_FILE` or `GIT_DIR`, the
 * worktree would write to the index of the commit in progress.
 */
async function git(folder: string, ...args: readonly string[]): Promise<string> {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^GIT_(DIR|WORK_TREE|INDEX_FILE|PREFIX|COMMON_DIR)$/.test(name),
    ),
  );
  return (
    await run("git", ["-c", `core.hooksPath=${os.devNull}`, ...args], {
      cwd: folder,
      env,
      maxBuffer: 1 << 28,
    })
  ).stdout;
}

/** Returns the commit of a revision. @throws LakeformError NOT_A_REPOSITORY, UNKNOWN_REVISION */
export async function resolveRevision(folder: string, ref: string): Promise<string> {
  try {
    await git(folder, "rev-parse", "--show-toplevel");
  } catch (error) {
    throw new LakeformError("NOT_A_REPOSITORY", "--base needs a Git repository", {
      value: folder,
      fix: "run it in a clone of the repository",
      cause: error,
    });
  }
  try {
    // After `--end-of-options`, Git does not interpret a name that starts with a dash as an option.
    return (
      await git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`)
    ).trim();
  } catch (error) {
    const isShallow = (await git(folder, "rev-parse", "--is-shallow-repository")).trim() === "true";
    throw new LakeformError(
      "UNKNOWN_REVISION",
      `Git has no such revision${isShallow ? ": the clone is shallow" : ""}`,
      {
        value: ref,
        fix: isShallow
          ? `fetch it: git fetch --unshallow origin, or git fetch --depth 1 origin <branch> (in CI: check out with the full history)`
          : "check the name, or fetch it: git fetch origin <branch> (in CI: check out with the full history)",
        cause: error,
      },
    );
  }
}

/**
 * Checks out a commit in a temporary folder, with this checkout's packages, while `work` runs. Git
 * hooks do not run, and the folder is removed afterwards.
 * @param work receives the project's folder in the checkout, and notes on packages that do not come
 * from that revision
 * @throws LakeformError NO_PROJECT if the revision does not have the project
 */
export async function inWorktree<T>(
  project: Project,
  commit: string,
  work: (base: Project, notes: readonly string[]) => Promise<T>,
): Promise<T> {
  const temporary = fs.mkdtempSync(path.join(os.tmpdir(), "lakeform-base-"));
  const tree = path.join(temporary, "tree");
  const top = fs.realpathSync((await git(project.root, "rev-parse", "--show-toplevel")).trim());
  const remove = async (): Promise<void> => {
    await git(top, "worktree", "remove", "--force", tree).catch(() => undefined);
    fs.rmSync(temporary, { recursive: true, force: true });
    await git(top, "worktree", "prune");
  };
  const removeInterruptHandler = atInterrupt(remove);
  try {
    await git(top, "worktree", "add", "--detach", "--force", tree, commit);
    const root = path.join(tree, path.relative(top, fs.realpathSync(project.root)));
    if (!fs.existsSync(path.join(root, "cdktf.json"))) {
      throw new LakeformError(
        "NO_PROJECT",
        "the base revision does not contain this project (no cdktf.json)",
        {
          value: commit,
          fix: "compare with a revision that contains the project",
        },
      );
    }
    const notes = [
      ...lockFileNotes(project.root, top, root),
      ...linkModules(project.root, top, root, tree),
    ];
    return await work(findProject(root), notes);
  } finally {
    removeInterruptHandler();
    await remove();
  }
}

/**
 * Returns a note if the project has uncommitted files. The review includes them, but a pull request
 * does not.
 */
export async function uncommittedNotes(project: Project): Promise<string[]> {
  const generatedFolders = [
    project.outdir,
    project.privateFolder,
    path.join(project.root, "node_modules"),
  ];
  const exclusions = generatedFolders.map(
    (folder) => `:(exclude)${path.relative(project.root, folder)}`,
  );
  const files = (await git(project.root, "status", "--porcelain", "--", ".", ...exclusions))
    .split("\n")
    .filter(Boolean);
  return files.length === 0
    ? []
    : [
        `the review includes ${files.length} uncommitted ${files.length === 1 ? "file" : "files"} of the working copy`,
      ];
}

const lockFiles = [
  "package-lock.json",
  "npm-shrinkwrap.json",
  "yarn.lock",
  "pnpm-lock.yaml",
  "bun.lock",
];

function lockFileNotes(from: string, top: string, to: string): string[] {
  const read = (folder: string, name: string): string | undefined => {
    const file = path.join(folder, name);
    return fs.existsSync(file) ? fs.readFileSync(file, "utf8") : undefined;
  };
  const notes: string[] = [];
  for (const [localFolder, baseFolder] of parentPairs(from, top, to)) {
    for (const name of lockFiles) {
      if (read(localFolder, name) === read(baseFolder, name)) continue;
      const file = path.relative(top, path.join(localFolder, name));
      notes.push(
        `${file} differs in the base: it was built with the packages of this checkout, so effects of other package versions are not shown`,
      );
    }
  }
  return notes;
}
