/**
 * Reads the configuration trees of a bundle from YAML, rebases relative paths, and merges the trees
 * like the Databricks CLI does.
 */
import fs from "node:fs";
import path from "node:path";
import { globSync } from "./files";
import { parseDocument } from "yaml";
import { LakeformError } from "../../errors";
import { object, type Json } from "../../resources/shape/json";

export type Tree = Record<string, unknown>;

export const isTree = (value: unknown): value is Tree =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Reads the bundle's file and all files that it includes; paths are relative to its folder.
 * @throws LakeformError BAD_BUNDLE
 */
export function readTree(file: string): Tree {
  const root = path.dirname(file);
  const main = parseFile(file, root);
  const include = Array.isArray(main["include"]) ? main["include"].map(String) : [];
  const files = new Set<string>();
  for (const pattern of include) {
    const matches = globSync(root, pattern);
    if (matches.length === 0 && !/[*?[{]/.test(pattern))
      throw badBundle(file, `the included file ${pattern} does not exist`);
    for (const name of matches) if (path.join(root, name) !== file) files.add(name);
  }
  return [...files]
    .sort()
    .reduce((tree, name) => mergeTrees(tree, parseFile(path.join(root, name), root)), main);
}

export function badBundle(file: string, problem: string, cause?: unknown): LakeformError {
  return new LakeformError("BAD_BUNDLE", `cannot read the bundle: ${problem}`, {
    value: file,
    allowed: "databricks.yml, or the output of: databricks bundle validate --output json",
    fix: "run databricks bundle validate, which shows the problem",
    cause,
  });
}

function parseFile(file: string, root: string): Tree {
  let content: string;
  try {
    content = fs.readFileSync(file, "utf8");
  } catch (error) {
    throw badBundle(file, error instanceof Error ? error.message : String(error), error);
  }
  const document = parseDocument(content, { merge: true });
  const [first] = document.errors;
  if (first !== undefined)
    throw badBundle(
      file,
      `line ${first.linePos?.[0].line ?? 1}: ${first.message.split("\n")[0] ?? ""}`,
      first,
    );
  let tree: unknown;
  try {
    tree = document.toJS({ maxAliasCount: 10_000 });
  } catch (error) {
    throw badBundle(file, error instanceof Error ? error.message : String(error), error);
  }
  if (tree === null || tree === undefined) return {};
  if (!isTree(tree)) throw badBundle(file, "it is not a map");
  return rebasePaths(structuredClone(tree), path.relative(root, path.dirname(file)));
}

/** Fields whose value is a path relative to the file that contains them. */
const pathFields = new Set([
  "notebook_path",
  "python_file",
  "whl",
  "jar",
  "egg",
  "requirements",
  "project_directory",
  "file_path",
]);

/** Returns the tree with paths relative to the bundle's folder instead of the given one. */
function rebasePaths(tree: Tree, folder: string): Tree {
  const rebase = (filePath: string): string =>
    isLocalPath(filePath)
      ? `./${path.posix.normalize(path.posix.join(folder.split(path.sep).join("/"), filePath))}`
      : filePath;
  const walk = (value: unknown, field: string, parentField: string): unknown => {
    if (typeof value === "string") {
      const isPath = pathFields.has(field) || (field === "path" && parentField === "file");
      return isPath ||
        ((field === "dependencies" || field === "java_dependencies") && /^\.\.?\//.test(value))
        ? rebase(value)
        : value;
    }
    if (Array.isArray(value)) return value.map((item) => walk(item, field, parentField));
    if (!isTree(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [name, walk(inner, name, field)]),
    );
  };
  const parts = Object.entries(tree).map(([name, value]) => [
    name,
    ["resources", "targets", "environments"].includes(name) ? walk(value, name, "") : value,
  ]);
  return Object.fromEntries(parts) as Tree;
}

/**
 * Whether a path is relative to the bundle's folder: not absolute, not in the home folder, not a
 * URL and not an expression.
 */
export const isLocalPath = (filePath: string): boolean =>
  filePath !== "" && !/^(\/|~|[a-z][a-z0-9+.-]*:|\$\{|\{\{)/i.test(filePath);

/** Merges two trees: maps are merged, lists are concatenated, other values are replaced. */
export function mergeTrees(base: Tree, overrides: Tree): Tree {
  const result: Tree = { ...base };
  for (const [name, value] of Object.entries(overrides)) {
    const baseValue = result[name];
    if (isTree(baseValue) && isTree(value)) result[name] = mergeTrees(baseValue, value);
    else if (Array.isArray(baseValue) && Array.isArray(value))
      result[name] = [...(baseValue as unknown[]), ...(value as unknown[])];
    else result[name] = value;
  }
  return result;
}

/** The lists of a job whose elements have a key. */
const elementKeys: Readonly<Record<string, string>> = {
  tasks: "task_key",
  job_clusters: "job_cluster_key",
  environments: "environment_key",
  parameters: "name",
};

/**
 * Merges the elements of a job's lists that have the same key, for example the target's settings of
 * a task into the task.
 */
export function mergeListElements(job: Json): Tree {
  const result: Tree = { ...job };
  for (const [list, key] of Object.entries(elementKeys)) {
    const items = result[list];
    if (!Array.isArray(items)) continue;
    const byKey = new Map<unknown, Tree>();
    items.forEach((item, index) => {
      const element = object(item);
      const name = element[key] ?? index;
      byKey.set(name, mergeTrees(byKey.get(name) ?? {}, element));
    });
    result[list] = [...byKey.values()];
  }
  return result;
}
