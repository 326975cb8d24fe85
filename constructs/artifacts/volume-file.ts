import { VolumeFileResource, type Construct } from "../core/bindings";
import { Element } from "../core/element";
import { errorAt } from "../core/errors";
import type { Artifact, ArtifactProps } from "./artifact";

export type VolumeFileProps = ArtifactProps;

/** What is wrong with a path in a volume, or undefined. */
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

/**
 * A file in a volume of Unity Catalog.
 *
 * @example
 * new VolumeFile(stack, "sample", { path: "/Volumes/main/etl/landing/sample.json", content: Content.file("stacks/data/sample.json") });
 * @see https://docs.databricks.com/aws/en/volumes/
 */
export class VolumeFile extends Element implements Artifact {
  readonly path: string;
  readonly #resource: VolumeFileResource;

  constructor(scope: Construct, id: string, props: VolumeFileProps) {
    super(scope, id);
    const parts = props.path.split("/").length;
    const wrong =
      volumePathProblem(props.path) ?? (parts < 6 && !props.path.includes("${") ? "the path names no file in a volume" : undefined);
    if (wrong !== undefined)
      throw errorAt(this, "BAD_PATH", wrong, { value: props.path, allowed: "/Volumes/catalog/schema/volume/folder/file" });
    this.path = props.path;
    this.#resource = new VolumeFileResource(this, "Resource", { path: props.path, ...props.content.render(this) });
  }

  renderPath(): string {
    return this.#resource.path;
  }
}
