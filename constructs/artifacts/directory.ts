import { Permissions, type WorkspaceObjectLevel } from "../access/permissions";
import { DirectoryResource, type Construct } from "../core/bindings";
import { Element } from "../core/element";
import { errorAt } from "../core/errors";
import { artifactAt } from "./artifact";
import { workspacePathAllowed, workspacePathProblem } from "./notebook";

export interface DirectoryProps {
  /** The path of the folder: `/Shared/etl`. */
  readonly path: string;
  /**
   * Delete all files in the folder when it is destroyed, including those of others.
   * @default false: destroying a folder that is not empty fails
   */
  readonly deleteRecursive?: boolean;
}

/**
 * A folder in the workspace, managed by this stack or elsewhere. Used for
 * `Permissions.onDirectory`.
 */
export interface IDirectory {
  /** Distinguishes a folder from other handles at compile time. */
  readonly kind: "directory";
  /** The path of the folder, as written in the code. */
  readonly path: string;
  /** Returns the path, which is a Terraform reference for a folder of this stack. */
  renderPath(): string;
}

/**
 * A folder in the workspace that belongs to the stack: verify reports undeclared objects in it.
 *
 * @example
 * new Directory(stack, "folder", { path: "/Shared/etl" });
 */
export class Directory extends Element implements IDirectory {
  /** A folder that is managed elsewhere. @throws ConstructError BAD_PATH */
  static fromPath(path: string): IDirectory {
    return {
      kind: "directory",
      ...artifactAt(path, { problem: workspacePathProblem(path), allowed: workspacePathAllowed }),
    };
  }

  readonly kind = "directory";
  readonly path: string;
  readonly #resource: DirectoryResource;
  #permissions: Permissions<WorkspaceObjectLevel> | undefined;

  /** @throws ConstructError BAD_PATH */
  constructor(scope: Construct, id: string, props: DirectoryProps) {
    super(scope, id);
    const problem = workspacePathProblem(props.path);
    if (problem !== undefined)
      throw errorAt(this, "BAD_PATH", problem, {
        value: props.path,
        allowed: workspacePathAllowed,
      });
    this.path = props.path;
    this.#resource = new DirectoryResource(this, "Resource", {
      path: props.path,
      deleteRecursive: props.deleteRecursive,
    });
  }

  /** The access list of the folder. It replaces all other permissions on the object. */
  get permissions(): Permissions<WorkspaceObjectLevel> {
    return (this.#permissions ??= Permissions.onDirectory(
      this,
      "Permissions",
      this.#resource.path,
    ));
  }

  renderPath(): string {
    return this.#resource.path;
  }
}
