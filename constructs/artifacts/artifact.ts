import { ConstructError } from "../core/errors";
import { callerPosition } from "../core/caller-position";
import type { Content } from "./content";

/**
 * The properties of an artifact: a local file or a text that is uploaded to a target. Each kind of
 * target has its own construct.
 */
export interface ArtifactProps {
  /** The path to upload to: `/Shared/x` in the workspace, `/tmp/x` in DBFS, or `/Volumes/…`. */
  readonly path: string;
  /** The content to upload: `Content.file(…)` or `Content.text(…)`. */
  readonly content: Content;
}

/** An artifact, as tasks use it. */
export interface Artifact {
  /** The path as written in the code. */
  readonly path: string;
  /**
   * The path as a Terraform reference, so that Terraform uploads the artifact before it is used.
   */
  renderPath(): string;
}

/**
 * Refers to an existing artifact by its path.
 * @param check.problem what is wrong with the path; undefined if it is valid
 * @param check.allowed the paths that are allowed, for the error
 * @throws ConstructError BAD_PATH
 */
export function artifactAt(
  path: string,
  check: { readonly problem: string | undefined; readonly allowed: string },
): Artifact {
  const { problem, allowed } = check;
  if (problem !== undefined)
    throw new ConstructError("BAD_PATH", problem, { path: callerPosition(), value: path, allowed });
  return { path, renderPath: () => path };
}
