import fs from "node:fs";
import path from "node:path";
import { gitState } from "../../src/deploy/commit";
import { commit, git } from "../support/app";
import { makeFolder, removeFolders } from "../support/project";

describe("differences from the commit", () => {
  afterAll(removeFolders);

  const makeRepository = (): string => {
    const root = makeFolder("repository");
    git(root, "init", "-q", "-b", "main");
    fs.mkdirSync(path.join(root, "deep"));
    for (const file of ["a.py", "deep/b.py"]) fs.writeFileSync(path.join(root, file), "one\n");
    fs.writeFileSync(path.join(root, ".gitignore"), "ignored\n");
    commit(root, "first");
    return root;
  };
  const dirtyFiles = async (root: string): Promise<readonly string[] | undefined> =>
    (await gitState(root))?.dirty;

  test.each<[string, (root: string) => void]>([
    ["assume-unchanged", (root) => git(root, "update-index", "--assume-unchanged", "a.py")],
    ["skip-worktree", (root) => git(root, "update-index", "--skip-worktree", "a.py")],
    [
      "a file system monitor that reports no changes",
      (root) => git(root, "config", "core.fsmonitor", "true"),
    ],
    ["an index that contains the change", (root) => git(root, "config", "core.ignoreStat", "true")],
  ])("include a changed file with %s", async (_what, hideChange) => {
    const root = makeRepository();
    hideChange(root);
    fs.writeFileSync(path.join(root, "a.py"), "two\n");
    expect(await dirtyFiles(root)).toEqual(["a.py"]);
    fs.rmSync(path.join(root, "deep", "b.py"));
    expect(await dirtyFiles(root)).toEqual(["a.py", "deep/b.py"]);
  });

  test("include only files that a sparse checkout contains", async () => {
    const root = makeRepository();
    git(root, "sparse-checkout", "set", "--no-cone", "/a.py", "/.gitignore");
    expect(fs.existsSync(path.join(root, "deep", "b.py"))).toBe(false);
    expect(await dirtyFiles(root)).toEqual([]);
    fs.mkdirSync(path.join(root, "deep"), { recursive: true });
    fs.writeFileSync(path.join(root, "deep", "b.py"), "two\n");
    expect(await dirtyFiles(root)).toEqual(["deep/b.py"]);
  });

  test("include submodules at another commit or with changed or hidden files, with any setting in .gitmodules", async () => {
    const [root, submodule] = [makeRepository(), makeRepository()];
    git(root, "-c", "protocol.file.allow=always", "submodule", "add", "-q", submodule, "sub");
    git(root, "config", "-f", ".gitmodules", "submodule.sub.ignore", "all");
    commit(root, "with a submodule");
    expect(await dirtyFiles(root)).toEqual([]);
    const submoduleFolder = path.join(root, "sub");
    fs.writeFileSync(path.join(submoduleFolder, "a.py"), "two\n");
    expect(await dirtyFiles(root)).toEqual(["sub", "sub/a.py"]);
    git(submoduleFolder, "update-index", "--assume-unchanged", "a.py");
    expect(await dirtyFiles(root)).toContain("sub/a.py");
    git(submoduleFolder, "update-index", "--no-assume-unchanged", "a.py");
    commit(submoduleFolder, "another commit");
    expect(await dirtyFiles(root)).toEqual(["sub"]);
  });
});
