import fs from "node:fs";
import path from "node:path";
import { commit, git } from "../support/app";
import { removeFolders } from "../support/project";
import { listDirtyFiles, makeRepository } from "./commit-lab";

describe("differences from the commit", () => {
  afterAll(removeFolders);

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
    expect(await listDirtyFiles(root)).toEqual(["a.py"]);
    fs.rmSync(path.join(root, "deep", "b.py"));
    expect(await listDirtyFiles(root)).toEqual(["a.py", "deep/b.py"]);
  });

  test("include only files that a sparse checkout contains", async () => {
    const root = makeRepository();
    git(root, "sparse-checkout", "set", "--no-cone", "/a.py", "/.gitignore");
    expect(fs.existsSync(path.join(root, "deep", "b.py"))).toBe(false);
    expect(await listDirtyFiles(root)).toEqual([]);
    fs.mkdirSync(path.join(root, "deep"), { recursive: true });
    fs.writeFileSync(path.join(root, "deep", "b.py"), "two\n");
    expect(await listDirtyFiles(root)).toEqual(["deep/b.py"]);
  });

  test("include submodules at another commit or with changed or hidden files, with any setting in .gitmodules", async () => {
    const [root, submodule] = [makeRepository(), makeRepository()];
    git(root, "-c", "protocol.file.allow=always", "submodule", "add", "-q", submodule, "sub");
    git(root, "config", "-f", ".gitmodules", "submodule.sub.ignore", "all");
    commit(root, "with a submodule");
    expect(await listDirtyFiles(root)).toEqual([]);
    const submoduleFolder = path.join(root, "sub");
    fs.writeFileSync(path.join(submoduleFolder, "a.py"), "two\n");
    expect(await listDirtyFiles(root)).toEqual(["sub", "sub/a.py"]);
    git(submoduleFolder, "update-index", "--assume-unchanged", "a.py");
    expect(await listDirtyFiles(root)).toContain("sub/a.py");
    git(submoduleFolder, "update-index", "--no-assume-unchanged", "a.py");
    commit(submoduleFolder, "another commit");
    expect(await listDirtyFiles(root)).toEqual(["sub"]);
  });
});
