/**
 * Finds workspace folders owned by one stack in which another stack creates objects, with or
 * without a reference to the folder.
 */
import type { StackJson } from "./stack";

const pathTypes = [
  "databricks_notebook",
  "databricks_workspace_file",
  "databricks_directory",
  "databricks_repo",
];

/** Returns the paths of a stack's objects in folders of another stack. */
export function pathsInFoldersOf(user: StackJson, owner: StackJson): string[] {
  const folders = pathsOf(owner, ["databricks_directory"]);
  return pathsOf(user, pathTypes).filter((path) =>
    folders.some((folder) => path.startsWith(`${folder}/`)),
  );
}

function pathsOf(json: StackJson, types: readonly string[]): string[] {
  return types.flatMap((type) =>
    Object.values(json.resource?.[type] ?? {}).flatMap(({ path }) =>
      typeof path === "string" && !path.includes("${")
        ? [path.replace(/^\/Workspace(?=\/)/, "").replace(/\/+$/, "")]
        : [],
    ),
  );
}
