import { ConstructError } from "../core/errors";
import { callerPosition } from "../core/source";
import type { Content } from "./content";

/** The props that all artifacts share: where a file of the project goes. Which construct takes them is the choice of the target. */
export interface ArtifactProps {
  /** Where it goes, in the target's own notation. */
  readonly path: string;
  readonly content: Content;
}

/** What all artifacts are to the tasks that use them. */
export interface Artifact {
  /** Where it is, as written in the code. */
  readonly path: string;
  /** The same as a reference, so that Terraform uploads it before it is used. */
  renderPath(): string;
}

/** Something that is there already, by its path. @param wrong what is wrong with the path, if anything @throws ConstructError BAD_PATH */
export function existingPath(path: string, wrong: string | undefined, allowed: string): Artifact {
  if (wrong !== undefined) throw new ConstructError("BAD_PATH", wrong, { path: callerPosition(), value: path, allowed });
  return { path, renderPath: () => path };
}
