import fs from "node:fs";
import path from "node:path";
import { gitState } from "../../src/deploy/commit";
import { commit, git } from "../support/app";
import { makeFolder } from "../support/project";

/** Creates a repository with two committed files and a .gitignore. */
export const makeRepository = (): string => {
  const root = makeFolder("repository");
  git(root, "init", "-q", "-b", "main");
  fs.mkdirSync(path.join(root, "deep"));
  for (const file of ["a.py", "deep/b.py"]) fs.writeFileSync(path.join(root, file), "one\n");
  fs.writeFileSync(path.join(root, ".gitignore"), "ignored\n");
  commit(root, "first");
  return root;
};
/** Returns the files that differ from the commit. */
export const listDirtyFiles = async (root: string): Promise<readonly string[] | undefined> =>
  (await gitState(root))?.dirty;
