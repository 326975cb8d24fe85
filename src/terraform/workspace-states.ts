import type { LakeformError } from "../errors";
import type { SynthesizedStack } from "./stack";

/** The states that lie in the workspace itself (src/state). */
export interface WorkspaceStates {
  /** With these variables Terraform's `http` backend reaches them; which one is meant, the user name in the configuration says. */
  readonly environment: Readonly<Record<string, string>>;
  read(stack: SynthesizedStack): Promise<Buffer | undefined>;
  /** Why Terraform did not get the lock. Its own message describes the lock that it wanted, not the one that is held. */
  locked(stack: SynthesizedStack): LakeformError | undefined;
  /** A Terraform holds the lock of the state. */
  isHeld(stack: SynthesizedStack): Promise<boolean>;
  /**
   * A Terraform that reached the workspace no more, or whose lakeform was killed, leaves the state that it could not write in a file beside the configuration.
   * It is written now. @returns what was done, for people; undefined when there is none
   */
  takeOver(stack: SynthesizedStack): Promise<string | undefined>;
}

/** The backend is `{ kind: "workspace" }`. */
export const isInWorkspace = ({ metadata }: Pick<SynthesizedStack, "metadata">): boolean =>
  metadata.profileSettings?.["backend"] === "workspace";

/** The key that states are encrypted with, and the one before it. */
export const stateKeyVariables = ["LAKEFORM_STATE_KEY", "LAKEFORM_STATE_KEY_OLD"] as const;

/** For processes that lakeform starts: the key of the states never leaves its own. */
export function withoutStateKeys(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const names: readonly string[] = stateKeyVariables;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !names.includes(name)));
}
