import { DbfsFileResource, type Construct } from "../core/bindings";
import { Element } from "../core/element";
import { errorAt } from "../core/errors";
import { warn } from "../core/warnings";
import { artifactAt, type Artifact, type ArtifactProps } from "./artifact";

export interface DbfsFileProps extends ArtifactProps {
  /** A reason that suppresses the warning about the deprecated DBFS root. @default - warns */
  readonly acceptDeprecation?: string;
}

/** Returns the problem with a DBFS path, or undefined. */
function dbfsPathProblem(path: string): string | undefined {
  return !path.startsWith("/") || path.startsWith("/dbfs/") || path.endsWith("/")
    ? "a path in DBFS starts with / and names a file"
    : undefined;
}

const dbfsPathAllowed = "/tmp/sample.json, without dbfs: and /dbfs in front";

/** A file in DBFS, managed by this stack or elsewhere. Used for tasks and libraries. */
export interface IDbfsFile extends Artifact {
  /** Distinguishes a DBFS file from other handles at compile time. */
  readonly kind: "DBFS file";
}

/**
 * A file in DBFS. The DBFS root is deprecated: use {@link VolumeFile} or {@link WorkspaceFile},
 * which have the same props.
 *
 * @example
 * new DbfsFile(stack, "sample", {
 *   path: "/tmp/sample.json",
 *   content: Content.file("stacks/data/sample.json"),
 * });
 * @see https://docs.databricks.com/aws/en/dbfs/
 */
export class DbfsFile extends Element implements IDbfsFile {
  /** A file that is managed elsewhere. @throws ConstructError BAD_PATH */
  static fromPath(path: string): IDbfsFile {
    const file = artifactAt(path, { problem: dbfsPathProblem(path), allowed: dbfsPathAllowed });
    return { kind: "DBFS file", path, renderPath: () => `dbfs:${file.renderPath()}` };
  }

  readonly kind = "DBFS file";
  readonly path: string;
  readonly #resource: DbfsFileResource;

  /** @throws ConstructError BAD_PATH */
  constructor(scope: Construct, id: string, props: DbfsFileProps) {
    super(scope, id);
    const problem = dbfsPathProblem(props.path);
    if (problem !== undefined)
      throw errorAt(this, "BAD_PATH", problem, { value: props.path, allowed: dbfsPathAllowed });
    this.path = props.path;
    if (props.acceptDeprecation === undefined) {
      warn(
        this,
        "DBFS_DEPRECATED",
        "the DBFS root is deprecated",
        "use VolumeFile or WorkspaceFile, or give a reason in acceptDeprecation",
      );
    }
    this.#resource = new DbfsFileResource(this, "Resource", {
      path: props.path,
      ...props.content.render(this),
    });
  }

  /** Returns `dbfs:/tmp/sample.json`. */
  renderPath(): string {
    return `dbfs:${this.#resource.path}`;
  }
}
