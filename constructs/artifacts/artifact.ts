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
