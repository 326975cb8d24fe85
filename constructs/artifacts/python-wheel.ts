import { VolumeFileResource, WorkspaceFileResource, type Construct } from "../core/bindings";
import { Element } from "../core/element";
import { errorAt } from "../core/errors";
import { artifactAt, type Artifact } from "./artifact";
import type { Content } from "./content";
import { workspacePathProblem } from "./notebook";
import { VolumeFile, volumePathProblem } from "./volume-file";
import { WorkspaceFile } from "./workspace-file";

export interface PythonWheelProps {
  /**
   * The folder that contains the builds: in a volume (`/Volumes/main/etl/wheels`) or in the
   * workspace (`/Shared/wheels`).
   */
  readonly folder: string;
  /** The wheel: `Content.file("dist/etl-1.0-py3-none-any.whl")`. */
  readonly content: Content;
}

/**
 * A Python wheel. Each build has a separate path, `<folder>/<hash of the bytes>/<file>`. Clusters
 * cache the package installed from a path, so they would never install a new build from the path of
 * an old one.
 *
 * @example
 * const wheel = new PythonWheel(stack, "wheel", {
 *   folder: "/Shared/wheels",
 *   content: Content.file("dist/etl-1.0-py3-none-any.whl"),
 * });
 * workflow.addTask("load", {
 *   run: PythonWheelTask.of("etl", "main"),
 *   on: shared,
 *   libraries: [Library.whl(wheel)],
 * });
 */
export class PythonWheel extends Element implements Artifact {
  /**
   * A wheel that is managed elsewhere, in a volume or in the workspace (`/Shared/wheels/…`).
   * @throws ConstructError BAD_PATH
   */
  static fromPath(path: string): Artifact {
    if (!path.endsWith(".whl"))
      return artifactAt(path, {
        problem: "not the path of a wheel",
        allowed: "/Volumes/…/etl-1.0-py3-none-any.whl or /Shared/…/etl-1.0-py3-none-any.whl",
      });
    return path.startsWith("/Volumes/") ? VolumeFile.fromPath(path) : WorkspaceFile.fromPath(path);
  }

  readonly path: string;
  readonly #render: () => string;

  /** @throws ConstructError NOT_A_WHEEL, BAD_PATH */
  constructor(scope: Construct, id: string, props: PythonWheelProps) {
    super(scope, id);
    const file = props.content.fileName;
    if (file === undefined || !/^[A-Za-z0-9_.]+(-[A-Za-z0-9_.+!]+){2,5}\.whl$/.test(file)) {
      throw errorAt(this, "NOT_A_WHEEL", "not the file name of a wheel", {
        value: file ?? "inline content",
        allowed: "etl-1.0-py3-none-any.whl",
        fix: "keep the file name that the build gave the wheel",
      });
    }
    const isInVolume = props.folder.startsWith("/Volumes/");
    const problem = isInVolume
      ? volumePathProblem(props.folder)
      : workspacePathProblem(props.folder);
    if (problem !== undefined)
      throw errorAt(this, "BAD_PATH", problem, {
        value: props.folder,
        allowed: "/Volumes/catalog/schema/volume or /Shared/wheels",
      });
    // Rendering the content reports a missing file.
    const hash = (props.content.sha256() ?? "missing").slice(0, 12);
    this.path = `${props.folder}/${hash}/${file}`;
    if (isInVolume) {
      const resource = new VolumeFileResource(this, "Resource", {
        path: this.path,
        ...props.content.render(this),
      });
      this.#render = () => resource.path;
    } else {
      const resource = new WorkspaceFileResource(this, "Resource", {
        path: this.path,
        ...props.content.render(this),
      });
      this.#render = () => `/Workspace${resource.path}`;
    }
  }

  renderPath(): string {
    return this.#render();
  }
}
