import fs from "node:fs";
import { readSavedJson } from "../../exact-json";
import path from "node:path";

/**
 * Links the packages of this checkout into the base, from the project up to the top of the
 * repository, so that the base is built with the same versions. Packages of the repository itself
 * (which npm, pnpm and yarn link into node_modules) come from the base if they need no build.
 * @param from,to the project's folder in this checkout and in the base
 * @param top,tree the repository's folder in this checkout and in the base
 * @returns notes on repository packages that had to come from this checkout
 */
export function linkModules(from: string, top: string, to: string, tree: string): string[] {
  const notes: string[] = [];
  for (const [localFolder, baseFolder] of parentPairs(from, top, to))
    linkFolder(localFolder, baseFolder, { top, tree, notes });
  return notes;
}

/**
 * Returns the folders from the project up to the top of the repository, each with its counterpart
 * in the base checkout.
 */
export function* parentPairs(
  from: string,
  top: string,
  to: string,
): Generator<readonly [localFolder: string, baseFolder: string]> {
  for (
    let [localFolder, baseFolder] = [fs.realpathSync(from), to];
    ;
    [localFolder, baseFolder] = [path.dirname(localFolder), path.dirname(baseFolder)]
  ) {
    yield [localFolder, baseFolder];
    if (localFolder === top) return;
  }
}

interface Trees {
  readonly top: string;
  readonly tree: string;
  readonly notes: string[];
}

function linkFolder(folder: string, target: string, trees: Trees): void {
  const modules = path.join(folder, "node_modules");
  const link = path.join(target, "node_modules");
  if (!fs.existsSync(modules) || fs.existsSync(link)) return;
  const repositoryPackages = repositoryLinks(modules, trees.top);
  if (repositoryPackages.size === 0) {
    fs.symlinkSync(modules, link, "junction");
    return;
  }
  for (const name of packageNames(modules)) {
    const source = repositoryPackages.get(name);
    const base =
      source === undefined ? undefined : path.join(trees.tree, path.relative(trees.top, source));
    const isBaseUsable = base !== undefined && hasEntryFile(base);
    if (source !== undefined && !isBaseUsable)
      trees.notes.push(
        `${path.relative(trees.top, source)} is not in the base, or not built there: this checkout's version was used for both sides`,
      );
    fs.mkdirSync(path.dirname(path.join(link, name)), { recursive: true });
    fs.symlinkSync(
      isBaseUsable ? base : path.join(modules, name),
      path.join(link, name),
      "junction",
    );
    if (isBaseUsable && source !== undefined) linkFolder(source, base, trees);
  }
}

/** Returns the names of the packages in a node_modules, including scoped ones. */
function packageNames(modules: string): string[] {
  return fs
    .readdirSync(modules)
    .flatMap((name) =>
      name.startsWith("@")
        ? fs.readdirSync(path.join(modules, name)).map((inner) => `${name}/${inner}`)
        : [name],
    );
}

/**
 * Returns the links in a node_modules that point into the repository itself, with their targets.
 */
function repositoryLinks(modules: string, top: string): Map<string, string> {
  const packages = new Map<string, string>();
  for (const name of packageNames(modules)) {
    const link = path.join(modules, name);
    if (!fs.lstatSync(link).isSymbolicLink() || !fs.existsSync(link)) continue;
    const target = fs.realpathSync(link);
    const relativeParts = path.relative(top, target).split(path.sep);
    if (
      relativeParts[0] !== ".." &&
      !path.isAbsolute(relativeParts.join("/")) &&
      !relativeParts.includes("node_modules")
    )
      packages.set(name, target);
  }
  return packages;
}

/**
 * True if one of the package's entry files exists. They are often missing, because compiled files
 * are rarely committed.
 */
function hasEntryFile(folder: string): boolean {
  const manifest = path.join(folder, "package.json");
  const packageJson = readSavedJson<{ main: unknown; exports: unknown }>(manifest);
  if (packageJson === undefined) return false;
  const files = stringsIn([packageJson.main, packageJson.exports]);
  return (files.length === 0 ? ["index.js", "index.ts"] : files).some((file) =>
    fs.existsSync(path.join(folder, file)),
  );
}

const stringsIn = (value: unknown): string[] =>
  typeof value === "string"
    ? [value]
    : typeof value === "object" && value !== null
      ? Object.values(value).flatMap(stringsIn)
      : [];
