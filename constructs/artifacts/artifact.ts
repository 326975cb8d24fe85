import { ConstructError } from "../core/errors";
import { callerPosition } from "../core/source";
import type { Content } from "./content";

/**
 * The properties of artifacts, which are local files uploaded to a target. Each kind of target has
 * its own construct.
 */
export interface ArtifactProps {
  /** The target path in the notation of the target. */
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
 * @param problem the problem with the path, if any
 * @throws ConstructError BAD_PATH
 */
export function existingPath(path: string, problem: string | undefined, allowed: string): Artifact {
  if (problem !== undefined)
    throw new ConstructError("BAD_PATH", problem, { path: callerPosition(), value: path, allowed });
  return { path, renderPath: () => path };
}
