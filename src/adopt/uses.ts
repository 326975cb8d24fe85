/** Finds the objects that an object uses, in the fields that contain their ids, names and paths. */
import type { Attributes } from "../resources/kind";
import { block, blocks, textOrEmpty } from "../resources/shape/attributes";

export interface Uses {
  /** Ids by Terraform type; names for secret scopes and Unity Catalog, paths for Git folders. */
  readonly objects: ReadonlyMap<string, ReadonlySet<string>>;
  /** Paths without /Workspace. */
  readonly notebooks: readonly string[];
  readonly files: readonly string[];
  /** Paths without `dbfs:`. */
  readonly dbfs: readonly string[];
}

/** The resource type of the id in each field. */
const typesByField: Readonly<Record<string, string>> = {
  existing_cluster_id: "databricks_cluster",
  policy_id: "databricks_cluster_policy",
  instance_pool_id: "databricks_instance_pool",
  driver_instance_pool_id: "databricks_instance_pool",
  warehouse_id: "databricks_sql_endpoint",
};
const artifactFields = new Set([
  "notebook_path",
  "python_file",
  "whl",
  "jar",
  "egg",
  "requirements",
  "dependencies",
  "java_dependencies",
]);

/** Returns the objects, notebooks and files that an object uses. */
export function usesOf(object: Attributes): Uses {
  const objects = new Map<string, Set<string>>();
  const [notebooks, files, dbfs] = [new Set<string>(), new Set<string>(), new Set<string>()];
  const add = (type: string, id: string): void => {
    objects.set(type, (objects.get(type) ?? new Set()).add(id));
  };
  const hasGitSource = block(object, "git_source") !== undefined;
  const addArtifact = (field: string, path: string): void => {
    if (/^(\/Workspace)?\/Repos\//.test(path))
      add(
        "databricks_repo",
        path
          .replace(/^\/Workspace/, "")
          .split("/")
          .slice(0, 4)
          .join("/"),
      );
    else if (path.startsWith("dbfs:/")) dbfs.add(path.slice("dbfs:".length));
    else if (field === "notebook_path" && path.startsWith("/") && !path.startsWith("/Workspace/"))
      notebooks.add(path);
    else if (field !== "notebook_path" && path.startsWith("/Workspace/"))
      files.add(path.slice("/Workspace".length));
  };
  const addReferences = (field: string, value: string, fromGit: boolean): void => {
    for (const [, scope] of value.matchAll(/\{\{secrets\/([\w.@-]+)\/[\w.@-]+\}\}/g))
      if (scope !== undefined) add("databricks_secret_scope", scope);
    if (value === "" || value.includes("{{")) return;
    const [, ...volume] = /^\/Volumes\/([^/]+)\/([^/]+)\/([^/]+)(?:\/|$)/.exec(value) ?? [];
    if (volume.length > 0) add("databricks_volume", volume.join("."));
    const type = typesByField[field];
    if (type !== undefined) add(type, value);
    if (
      artifactFields.has(field) &&
      !(fromGit && (field === "notebook_path" || field === "python_file"))
    )
      addArtifact(field, value);
  };
  const walk = (value: unknown, field: string, fromGit: boolean): void => {
    if (typeof value === "string") addReferences(field, value, fromGit);
    else if (Array.isArray(value)) value.forEach((item) => walk(item, field, fromGit));
    else if (typeof value === "object" && value !== null) {
      const fields = value as Attributes;
      const isFromGit =
        textOrEmpty(fields, "source") === "GIT" ||
        (hasGitSource && textOrEmpty(fields, "source") === "");
      // `file` belongs to a SQL task.
      if (field === "file" && !isFromGit) addArtifact(field, textOrEmpty(fields, "path"));
      if (field === "init_scripts")
        for (const kind of ["workspace", "dbfs"])
          for (const script of blocks(fields, kind))
            addArtifact(kind, textOrEmpty(script, "destination"));
      for (const [name, inner] of Object.entries(fields)) walk(inner, name, isFromGit);
    }
  };
  walk(object, "", false);
  addParents(object, add);
  return {
    objects,
    notebooks: [...notebooks],
    files: [...files],
    dbfs: [...dbfs].filter((path) => !path.endsWith("/")),
  };
}

/** Adds the catalog and the schema that a Unity Catalog object belongs to. */
function addParents(object: Attributes, add: (type: string, id: string) => void): void {
  const [catalog, schema] = [
    textOrEmpty(object, "catalog_name"),
    textOrEmpty(object, "schema_name"),
  ];
  if (catalog === "") return;
  add("databricks_catalog", catalog);
  if (schema !== "") add("databricks_schema", `${catalog}.${schema}`);
}
