import fs from "node:fs";
import path from "node:path";
import { gitState } from "../../src/deploy/commit";
import { commit, git } from "../support/app";
import { makeFolder, removeFolders } from "../support/project";
import { listDirtyFiles, makeRepository } from "./commit-lab";

describe("differences from the commit", () => {
  afterAll(removeFolders);

  test("do not include files of a fresh checkout, or files ignored by the commit's own .gitignore", async () => {
    const root = makeRepository();
    fs.writeFileSync(path.join(root, "ignored"), "x");
    expect(await gitState(path.join(root, "deep"))).toEqual({
      commit: git(root, "rev-parse", "HEAD").trim(),
      dirty: [],
    });
  });

  test.each<[string, (root: string) => void, string]>([
    [
      "the repository's exclude file",
      (root) => fs.writeFileSync(path.join(root, ".git", "info", "exclude"), "extra.ts\n"),
      "deep/extra.ts",
    ],
    [
      "the user's ignore file",
      (root) => {
        fs.writeFileSync(path.join(root, ".git", "mine"), "extra.ts\n");
        git(root, "config", "core.excludesFile", path.join(root, ".git", "mine"));
      },
      "deep/extra.ts",
    ],
    [
      "a .gitignore that ignores itself",
      (root) => fs.writeFileSync(path.join(root, "deep", ".gitignore"), "*\n"),
      "deep/.gitignore",
    ],
  ])("include an untracked file that %s hides", async (_what, hideFile, dirtyFile) => {
    const root = makeRepository();
    fs.mkdirSync(path.join(root, "ignored"));
    for (const file of ["ignored/.gitignore", "ignored/x"])
      fs.writeFileSync(path.join(root, file), "*\n");
    fs.writeFileSync(path.join(root, "deep", "extra.ts"), "x");
    hideFile(root);
    expect(await listDirtyFiles(root)).toEqual([dirtyFile]);
  });

  test("include staged changes, changes with the old size and time, hidden untracked files, and names with spaces", async () => {
    const root = makeRepository();
    git(root, "config", "status.showUntrackedFiles", "no");
    const { atime, mtime } = fs.statSync(path.join(root, "a.py"));
    fs.writeFileSync(path.join(root, "a.py"), "two\n");
    fs.utimesSync(path.join(root, "a.py"), atime, mtime);
    fs.writeFileSync(path.join(root, "deep", "b.py"), "two\n");
    git(root, "add", "deep/b.py");
    fs.mkdirSync(path.join(root, "new"));
    fs.writeFileSync(path.join(root, "new", "c d ü.py"), "x");
    expect(await listDirtyFiles(root)).toEqual(["a.py", "deep/b.py", "new/c d ü.py"]);
  });

  test("ignore replacement objects of the commit", async () => {
    const root = makeRepository();
    const first = git(root, "rev-parse", "HEAD").trim();
    fs.writeFileSync(path.join(root, "a.py"), "two\n");
    commit(root, "second");
    const second = git(root, "rev-parse", "HEAD").trim();
    git(root, "reset", "-q", "--soft", first);
    git(root, "replace", first, second);
    expect(await listDirtyFiles(root)).toEqual(["a.py"]);
  });

  test("are unknown without a repository or a commit", async () => {
    const root = makeFolder("none");
    expect(await gitState(root)).toBeUndefined();
    git(root, "init", "-q");
    expect(await gitState(root)).toBeUndefined();
  });
});
