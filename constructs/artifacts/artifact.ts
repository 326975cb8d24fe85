import { ConstructError } from "../core/errors";
import { callerPosition } from "../core/source";
import type { Content } from "./content";

/**
 * The props that all artifacts share: where a local file is uploaded to. Each target has its own
 * construct.
 */
export interface ArtifactProps {
  /** The target path, in the target's notation. */
  readonly path: string;
  readonly content: Content;
}

/** The interface of artifacts for the tasks that use them. */
export interface Artifact {
  /** The path as written in the code. */
  readonly path: string;
  /** The path as a reference, so that Terraform uploads the artifact before it is used. */
  renderPath(): string;
}

/**
 * An existing artifact, by its path.
 * @param wrong the problem with the path, if any
 * @throws ConstructError BAD_PATH
 */
export function existingPath(path: string, wrong: string | undefined, allowed: string): Artifact {
  if (wrong !== undefined)
    throw new ConstructError("BAD_PATH", wrong, { path: callerPosition(), value: path, allowed });
  return { path, renderPath: () => path };
}
