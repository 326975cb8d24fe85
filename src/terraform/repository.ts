import fs from "node:fs";
import path from "node:path";

/**
 * Returns a folder's path relative to the root of its Git repository, with slashes; "" at the root
 * and outside a repository.
 */
export function folderInRepository(folder: string): string {
  const start = path.resolve(folder);
  for (let root = start; ; root = path.dirname(root)) {
    // `.git` is a file in a worktree or a submodule.
    if (fs.existsSync(path.join(root, ".git")))
      return path.relative(root, start).split(path.sep).join("/");
    if (root === path.dirname(root)) return "";
  }
}

/** Returns the file to name in reports for a plain Terraform project. */
export function mainFileOf(folder: string): string {
  const files = fs
    .readdirSync(folder)
    .filter((name) => /\.tf(\.json)?$/.test(name))
    .sort();
  return files.find((name) => name.startsWith("main.")) ?? files[0] ?? ".";
}
