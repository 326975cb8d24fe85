/** The types of resources that are inside a workspace folder. */
const typesInFolders = [
  "databricks_notebook",
  "databricks_workspace_file",
  "databricks_directory",
  "databricks_repo",
];

type Body = Record<string, unknown> & { readonly path?: unknown; depends_on?: string[] };
type Resources = Readonly<Record<string, Readonly<Record<string, Body>> | undefined>>;

/**
 * Makes objects in a folder of the same stack depend on the folder, even if the code does not use
 * the folder's handle. Terraform destroys in reverse order, and the workspace refuses to delete a
 * folder that is not empty.
 */
export function orderByFolder(output: Record<string, unknown>): void {
  const resources = (output.resource ?? {}) as Resources;
  const folders = new Map<string, string>();
  for (const [name, body] of Object.entries(resources.databricks_directory ?? {})) {
    const path = literalPath(body);
    if (path !== undefined) folders.set(path, `databricks_directory.${name}`);
  }
  if (folders.size === 0) return;
  for (const type of typesInFolders) {
    for (const [name, body] of Object.entries(resources[type] ?? {})) {
      const folder = nearestFolder(literalPath(body), folders);
      if (
        folder === undefined ||
        addressesIn(body).includes(folder) ||
        dependsOn(resources, folder, `${type}.${name}`)
      )
        continue;
      body.depends_on = [...(body.depends_on ?? []), folder];
    }
  }
}

function literalPath({ path }: Body): string | undefined {
  return typeof path === "string" && !path.includes("${")
    ? path.replace(/^\/Workspace(?=\/)/, "").replace(/\/+$/, "")
    : undefined;
}

function nearestFolder(
  path: string | undefined,
  folders: ReadonlyMap<string, string>,
): string | undefined {
  if (path === undefined) return undefined;
  for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
    const folder = folders.get(path.slice(0, end));
    if (folder !== undefined) return folder;
  }
  return undefined;
}

/** Returns the addresses of the resources that a resource refers to. */
function addressesIn(body: Body): string[] {
  return [...JSON.stringify(body).matchAll(/databricks_\w+\.[\w-]+/g)].map(([address]) => address);
}

/**
 * Whether a resource depends on another one, directly or indirectly. If so, the reverse dependency
 * would be a cycle.
 */
function dependsOn(
  resources: Resources,
  from: string,
  to: string,
  visited = new Set<string>(),
): boolean {
  if (visited.has(from)) return false;
  visited.add(from);
  const [type = "", name = ""] = from.split(".");
  const body = resources[type]?.[name];
  if (body === undefined) return false;
  return addressesIn(body).some(
    (address) => address === to || dependsOn(resources, address, to, visited),
  );
}
