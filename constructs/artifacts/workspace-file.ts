import { Permissions, type WorkspaceObjectLevel } from "../access/permissions";
import { WorkspaceFileResource, type Construct } from "../core/bindings";
import { Element } from "../core/element";
import { errorAt } from "../core/errors";
import { artifactAt, type Artifact, type ArtifactProps } from "./artifact";
import { workspacePathAllowed, workspacePathProblem } from "./notebook";

export type WorkspaceFileProps = ArtifactProps;

/**
 * A workspace file, managed by this stack or elsewhere. Used for tasks, libraries and init scripts.
 */
export interface IWorkspaceFile extends Artifact {
  /** Distinguishes a workspace file from other handles at compile time. */
  readonly kind: "workspace file";
}

/**
 * A file in the workspace, such as a script, a configuration file or a wheel.
 *
 * @example
 * const script = new WorkspaceFile(stack, "script", {
 *   path: "/Shared/etl/setup.sh",
 *   content: Content.file("stacks/setup.sh"),
 * });
 * @see https://docs.databricks.com/aws/en/files/workspace
 */
export class WorkspaceFile extends Element implements IWorkspaceFile {
  /** A file that is managed elsewhere: `/Shared/etl/setup.sh`. @throws ConstructError BAD_PATH */
  static fromPath(path: string): IWorkspaceFile {
    const file = artifactAt(path, {
      problem: workspacePathProblem(path),
      allowed: workspacePathAllowed,
    });
    return { kind: "workspace file", path, renderPath: () => `/Workspace${file.renderPath()}` };
  }

  readonly kind = "workspace file";
  readonly path: string;
  readonly #resource: WorkspaceFileResource;
  #permissions: Permissions<WorkspaceObjectLevel> | undefined;

  /** @throws ConstructError BAD_PATH */
  constructor(scope: Construct, id: string, props: WorkspaceFileProps) {
    super(scope, id);
    const problem = workspacePathProblem(props.path);
    if (problem !== undefined)
      throw errorAt(this, "BAD_PATH", problem, {
        value: props.path,
        allowed: workspacePathAllowed,
      });
    this.path = props.path;
    this.#resource = new WorkspaceFileResource(this, "Resource", {
      path: props.path,
      ...props.content.render(this),
    });
  }

  /** The access list of the workspace file. It replaces all other permissions on the object. */
  get permissions(): Permissions<WorkspaceObjectLevel> {
    return (this.#permissions ??= Permissions.onWorkspaceFile(
      this,
      "Permissions",
      this.#resource.path,
    ));
  }

  /** Returns `/Workspace/Shared/…`, the path on clusters. */
  renderPath(): string {
    return `/Workspace${this.#resource.path}`;
  }
}
