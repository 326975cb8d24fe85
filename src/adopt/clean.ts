/** `lakeform adopt --clean`: removes the import blocks of objects that are already in a state. */
import fs from "node:fs";
import path from "node:path";
import type { Project } from "../terraform/project";
import type { State } from "../terraform/state-format";
import { managedObjects } from "./known";
import { compilerOf } from "./syntax/compiler";
import { mainFileOf } from "./syntax/main-file";
import { withoutImports } from "./syntax/clean";
import { writeFiles } from "./write";

export interface CleanResult {
  /** Number of removed import blocks. */
  readonly removed: number;
  /** Number of remaining import blocks. */
  readonly kept: number;
  /** Changed files, relative to the project. */
  readonly files: readonly string[];
}

/** Searches the TypeScript files in the folder of the app's main file. */
export async function cleanImports(
  project: Project,
  states: readonly (State | undefined)[],
): Promise<CleanResult> {
  const compiler = compilerOf(project.root);
  const folder = path.dirname(mainFileOf(project.root, project.app, compiler).file);
  const ids = new Set(states.flatMap(managedObjects).map(({ id }) => id));
  let [removedCount, keptCount] = [0, 0];
  const changedFiles = fs
    .readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.includes("node_modules"))
    .sort()
    .flatMap((name) => {
      const file = path.join(folder, name);
      const cleaned = withoutImports(compiler, file, (id) => ids.has(id));
      removedCount += cleaned.removed.length;
      keptCount += cleaned.kept.length;
      return cleaned.removed.length === 0
        ? []
        : [{ path: path.relative(project.root, file), content: cleaned.content }];
    });
  return {
    removed: removedCount,
    kept: keptCount,
    files: await writeFiles(project.root, changedFiles),
  };
}
