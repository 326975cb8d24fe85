import { DbfsFileResource, type Construct } from "../core/bindings";
import { Element } from "../core/element";
import { errorAt } from "../core/errors";
import { warn } from "../core/warnings";
import type { Artifact, ArtifactProps } from "./artifact";

export interface DbfsFileProps extends ArtifactProps {
  /** Do not warn that the DBFS root is deprecated, and why not. @default - warns */
  readonly acceptDeprecation?: string;
}

/**
 * A file in DBFS. The DBFS root is deprecated: {@link VolumeFile} and {@link WorkspaceFile} take the same props.
 *
 * @example
 * new DbfsFile(stack, "sample", { path: "/tmp/sample.json", content: Content.file("stacks/data/sample.json") });
 * @see https://docs.databricks.com/aws/en/dbfs/
 */
export class DbfsFile extends Element implements Artifact {
  readonly path: string;
  readonly #resource: DbfsFileResource;

  constructor(scope: Construct, id: string, props: DbfsFileProps) {
    super(scope, id);
    if (!props.path.startsWith("/") || props.path.startsWith("/dbfs/") || props.path.endsWith("/")) {
      throw errorAt(this, "BAD_PATH", "a path in DBFS starts with / and names a file", {
        value: props.path,
        allowed: "/tmp/sample.json, without dbfs: and /dbfs in front",
      });
    }
    this.path = props.path;
    if (props.acceptDeprecation === undefined) {
      warn(
        this,
        "DBFS_DEPRECATED",
        "the DBFS root is deprecated",
        "use VolumeFile or WorkspaceFile, or say why not with acceptDeprecation",
      );
    }
    this.#resource = new DbfsFileResource(this, "Resource", { path: props.path, ...props.content.render(this) });
  }

  /** `dbfs:/tmp/sample.json` */
  renderPath(): string {
    return `dbfs:${this.#resource.path}`;
  }
}
