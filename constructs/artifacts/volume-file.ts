import { VolumeFileResource, type Construct } from "../core/bindings";
import { Element } from "../core/element";
import { errorAt } from "../core/errors";
import { artifactAt, type Artifact, type ArtifactProps } from "./artifact";

export type VolumeFileProps = ArtifactProps;

/** Returns the problem with a path in a volume, or undefined. */
export function volumePathProblem(path: string): string | undefined {
  if (path.includes("${")) return undefined;
  if (!path.startsWith("/Volumes/")) return "a path in a volume starts with /Volumes/";
  return path
    .split("/")
    .slice(2)
    .some((part) => part === "" || part === "." || part === "..")
    ? "the path has an empty, . or .. part"
    : undefined;
}

/** Returns the problem with the path of a file in a volume, or undefined. */
function filePathProblem(path: string): string | undefined {
  return (
    volumePathProblem(path) ??
    (path.split("/").length < 6 && !path.includes("${")
      ? "not the path of a file in a volume"
      : undefined)
  );
}

const filePathAllowed = "/Volumes/catalog/schema/volume/folder/file";

/**
 * A file in a volume, managed by this stack or elsewhere. Used for tasks, libraries and init
 * scripts.
 */
export interface IVolumeFile extends Artifact {
  /** Distinguishes a volume file from other handles at compile time. */
  readonly kind: "volume file";
}

/**
 * A file in a volume of Unity Catalog.
 *
 * @example
 * new VolumeFile(stack, "sample", {
 *   path: "/Volumes/main/etl/landing/sample.json",
 *   content: Content.file("stacks/data/sample.json"),
 * });
 * @see https://docs.databricks.com/aws/en/volumes/
 */
export class VolumeFile extends Element implements IVolumeFile {
  /** A file that is managed elsewhere. @throws ConstructError BAD_PATH */
  static fromPath(path: string): IVolumeFile {
    return {
      kind: "volume file",
      ...artifactAt(path, { problem: filePathProblem(path), allowed: filePathAllowed }),
    };
  }

  readonly kind = "volume file";
  readonly path: string;
  readonly #resource: VolumeFileResource;

  /** @throws ConstructError BAD_PATH */
  constructor(scope: Construct, id: string, props: VolumeFileProps) {
    super(scope, id);
    const problem = filePathProblem(props.path);
    if (problem !== undefined)
      throw errorAt(this, "BAD_PATH", problem, { value: props.path, allowed: filePathAllowed });
    this.path = props.path;
    this.#resource = new VolumeFileResource(this, "Resource", {
      path: props.path,
      ...props.content.render(this),
    });
  }

  renderPath(): string {
    return this.#resource.path;
  }
}
