import { changeTime } from "../clock";
import type { BlobRef } from "../blobs";
import { exists, invalid, missing, WorkspaceError } from "../errors";
import type { Principal } from "../principal-records";
import type { WorkspaceApp } from "../routes";
import { ancestorsAndSelf, nameOf, normalPath, parentOf, Tree } from "../tree";

export const LANGUAGES = ["PYTHON", "SQL", "SCALA", "R"] as const;
export type Language = (typeof LANGUAGES)[number];

/** An object in the workspace tree. */
export interface WorkspaceObject {
  readonly object_id: number;
  readonly object_type: "DIRECTORY" | "NOTEBOOK" | "FILE" | "REPO" | "LIBRARY";
  readonly language?: Language;
  readonly created_at: number;
  readonly modified_at: number;
  /** The content as imported. */
  readonly blob?: BlobRef;
  /** The format of a notebook's content. */
  readonly stored_as?: "SOURCE" | "JUPYTER" | "HTML" | "DBC" | "R_MARKDOWN";
}

/** Returns the permission type of an object. */
const permissionType = (object: WorkspaceObject): "directory" | "notebook" | "file" | "repo" =>
  object.object_type === "NOTEBOOK"
    ? "notebook"
    : object.object_type === "FILE" || object.object_type === "LIBRARY"
      ? "file"
      : object.object_type === "REPO"
        ? "repo"
        : "directory";

/** The workspace's notebooks, files and folders. `/Workspace/…` and `/…` are the same path. */
export class WorkspaceTree {
  readonly tree: Tree<WorkspaceObject>;

  constructor(private readonly app: WorkspaceApp) {
    this.tree = new Tree(app.store.collection<WorkspaceObject>("workspace_objects"));
  }

  /** Splits an address into the path in the tree and the prefix, which responses repeat. */
  locate(address: string): { readonly path: string; readonly prefix: "" | "/Workspace" } {
    const path = normalPath(address);
    if (path === "/Workspace") return { path: "/", prefix: "/Workspace" };
    return path.startsWith("/Workspace/")
      ? { path: path.slice("/Workspace".length), prefix: "/Workspace" }
      : { path, prefix: "" };
  }

  /** Creates the folders of every workspace and the users' folders. Called at startup. */
  async createStandardFolders(): Promise<void> {
    await this.app.store.write(() => {
      if (this.tree.get("/") === undefined) {
        this.addDirectory("/");
        for (const path of ["/Users", "/Shared", "/Repos"]) {
          const folder = this.addDirectory(path);
          if (path === "/Shared")
            this.app.permissions.replace("directory", folder.object_id, [
              { kind: "group", name: "users", level: "CAN_MANAGE" },
            ]);
        }
      }
      for (const user of this.app.principals.users.values()) this.ensureHome(user);
    });
  }

  /** Creates a user's home folder and repos folder. Call only inside `store.write`. */
  ensureHome(user: { readonly name: string; readonly kind: "user" | "service_principal" }): void {
    if (user.name.includes("/")) return;
    for (const path of [`/Users/${user.name}`, `/Repos/${user.name}`]) {
      if (Buffer.byteLength(path) > 1000 || this.tree.get(path) !== undefined) continue;
      const folder = this.addDirectory(path);
      this.app.permissions.replace("directory", folder.object_id, [
        { kind: user.kind, name: user.name, level: "CAN_MANAGE" },
      ]);
    }
  }

  get(path: string): WorkspaceObject | undefined {
    return this.tree.get(path);
  }

  /** Returns an object. @throws 404 with the platform's message */
  mustFind(path: string, address = path): WorkspaceObject {
    const object = this.tree.get(path);
    if (object === undefined) throw missing(`Path (${address}) doesn't exist.`);
    return object;
  }

  /** Returns the path of the object with an id; undefined if there is none. */
  pathOf(id: number): string | undefined {
    return this.app.store.collection<string>("workspace_paths").get(id);
  }

  /**
   * Whether the caller is an admin or has a permission on a path, through a grant on the object or
   * on a folder above it. Grants on the root folder are not inherited.
   */
  hasPermission(caller: Principal, path: string, level: string): boolean {
    if (caller.admin) return true;
    return ancestorsAndSelf(path).some((ancestor) => {
      const object = this.tree.get(ancestor);
      return (
        object !== undefined &&
        this.app.permissions.allows(caller, permissionType(object), object.object_id, level)
      );
    });
  }

  /** @throws 403 without the permission; everyone may read the root folder and those in it */
  requirePermission(caller: Principal, path: string, level: string): void {
    if (this.hasPermission(caller, path, level)) return;
    // Everyone may read the root folder and the folders in it, such as /Users.
    if (level === "CAN_READ" && (path === "/" || parentOf(path) === "/")) return;
    throw new WorkspaceError(
      "PERMISSION_DENIED",
      `${caller.name} does not have ${level} permissions on ${path}.`,
    );
  }

  /** Creates one folder. Call only inside `store.write`. */
  addDirectory(path: string, type: "DIRECTORY" | "REPO" = "DIRECTORY"): WorkspaceObject {
    const now = this.app.clock.now();
    const object: WorkspaceObject = {
      object_id: this.app.store.nextId("workspace_object"),
      object_type: type,
      created_at: now,
      modified_at: now,
    };
    this.put(path, object);
    return object;
  }

  /** Stores an object. Call only inside `store.write`. */
  put(path: string, object: WorkspaceObject): void {
    this.tree.put(path, object);
    this.app.store.collection<string>("workspace_paths").put(object.object_id, path);
  }

  /**
   * Creates a folder and its parents. Call only inside `store.write`.
   * @throws 400 if a part of the path is a file, 403 if the caller may not edit the parent
   */
  mkdirs(caller: Principal, path: string): void {
    for (const folder of ancestorsAndSelf(path)) {
      const existing = this.tree.get(folder);
      if (existing === undefined) {
        this.requirePermission(caller, parentOf(folder), "CAN_EDIT");
        const { object_id } = this.addDirectory(folder);
        this.app.permissions.grantToCreator("directory", object_id, caller);
      } else if (existing.object_type !== "DIRECTORY" && existing.object_type !== "REPO")
        throw exists(`Path (${folder}) already exists and is not a folder.`);
    }
  }

  /**
   * Stores a notebook or file. Call only inside `store.write`.
   * @throws 404 for a missing parent, 403 without permission, 400 if the path cannot contain it or
   * must not be overwritten
   */
  write(
    caller: Principal,
    path: string,
    content: Pick<WorkspaceObject, "object_type" | "language" | "stored_as"> & { blob: BlobRef },
    overwrite: boolean,
  ): WorkspaceObject {
    if (path === "/" || parentOf(path) === "/")
      throw invalid(`Path (${path}): the root folder can only contain folders`);
    const parent = this.tree.get(parentOf(path));
    if (parent === undefined)
      throw missing(`The parent folder (${parentOf(path)}) does not exist.`);
    if (parent.object_type !== "DIRECTORY" && parent.object_type !== "REPO")
      throw invalid(`The parent (${parentOf(path)}) is not a folder.`);
    const existing = this.tree.get(path);
    this.requirePermission(caller, existing === undefined ? parentOf(path) : path, "CAN_EDIT");
    if (existing !== undefined) {
      if (!overwrite) throw exists(`Path (${path}) already exists.`);
      if (existing.object_type !== content.object_type)
        throw invalid(
          `Cannot overwrite the ${existing.object_type.toLowerCase()} at ${path} with a ${content.object_type.toLowerCase()}; delete it first.`,
        );
      if (existing.blob !== undefined) this.app.blobs.release(existing.blob);
    }
    const now = changeTime(this.app.clock, existing?.modified_at);
    const object: WorkspaceObject = {
      object_id: existing?.object_id ?? this.app.store.nextId("workspace_object"),
      created_at: existing?.created_at ?? now,
      modified_at: now,
      ...content,
    };
    this.app.blobs.adopt(content.blob);
    this.put(path, object);
    if (existing === undefined)
      this.app.permissions.grantToCreator(permissionType(object), object.object_id, caller);
    return object;
  }

  /**
   * Deletes an object. Call only inside `store.write`.
   * @throws 404 if it does not exist, 403 without permission, 400 for a protected folder and, unless
   * `recursive`, for a folder with contents
   */
  delete(caller: Principal, path: string, recursive: boolean): void {
    const object = this.mustFind(path);
    if (path === "/" || ["/Users", "/Shared", "/Repos"].includes(path))
      throw new WorkspaceError("BAD_REQUEST", `Path (${path}) is protected and cannot be deleted.`);
    this.requirePermission(caller, path, "CAN_MANAGE");
    if (!recursive && this.tree.hasChildren(path))
      throw new WorkspaceError("DIRECTORY_NOT_EMPTY", `Folder (${path}) is not empty`);
    for (const child of this.tree.descendants(path)) this.removeObject(child.path, child.node);
    this.removeObject(path, object);
  }

  private removeObject(path: string, object: WorkspaceObject): void {
    if (object.blob !== undefined) this.app.blobs.release(object.blob);
    this.tree.remove(path);
    this.app.store.collection<string>("workspace_paths").remove(object.object_id);
    this.app.permissions.removeGrants(permissionType(object), object.object_id);
  }
}

/** Returns the tree, which all API families share. */
export function workspaceTree(app: WorkspaceApp): WorkspaceTree {
  const existing = app.services.get("workspace-tree") as WorkspaceTree | undefined;
  if (existing !== undefined) return existing;
  const tree = new WorkspaceTree(app);
  app.services.set("workspace-tree", tree);
  return tree;
}

/**
 * Renders an object in the format of get-status and list.
 * @param exportInfo the call has `return_export_info`, as calls of the official CLI do: notebooks
 * then have the export format SOURCE or JUPYTER
 */
export function renderStatus(
  path: string,
  object: WorkspaceObject,
  exportInfo: boolean,
): Record<string, unknown> {
  const { blob, stored_as: sourceFormat, ...fields } = object;
  return {
    path,
    ...fields,
    resource_id: String(object.object_id),
    ...(object.object_type === "FILE" && blob !== undefined ? { size: blob.size } : {}),
    ...(exportInfo && object.object_type === "NOTEBOOK"
      ? { repos_export_format: sourceFormat === "JUPYTER" ? "JUPYTER" : "SOURCE" }
      : {}),
  };
}

export { nameOf };
