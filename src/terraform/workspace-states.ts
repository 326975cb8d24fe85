import type { LakeformError } from "../errors";
import type { SynthesizedStack } from "./stack";

/** States stored in the workspace itself (src/state). */
export interface WorkspaceStates {
  /**
   * With these variables Terraform's `http` backend reaches the states; the user name in the
   * configuration selects one.
   */
  readonly environment: Readonly<Record<string, string>>;
  read(stack: SynthesizedStack): Promise<Buffer | undefined>;
  /**
   * Who can read the secrets in a state apart from the deployer and admins; undefined if unknown.
   */
  readers(stack: SynthesizedStack): Promise<readonly string[] | undefined>;
  /**
   * Why Terraform did not get the lock. Terraform's message describes the lock that it requested,
   * not the one that is held.
   */
  locked(stack: SynthesizedStack): LakeformError | undefined;
  /** Whether a Terraform process holds the lock of the state. */
  isHeld(stack: SynthesizedStack): Promise<boolean>;
  /**
   * Saves a state that Terraform left in a file next to the configuration, because the workspace
   * was unreachable or lakeform was killed.
   * @returns a message for the user; undefined if there is no such file
   */
  takeOver(stack: SynthesizedStack): Promise<string | undefined>;
}

/** True if the backend is `{ kind: "workspace" }`. */
export const isInWorkspace = ({ metadata }: Pick<SynthesizedStack, "metadata">): boolean =>
  metadata.profileSettings?.["backend"] === "workspace";

/** The current encryption key of the states, and the previous one. */
export const stateKeyVariables = ["LAKEFORM_STATE_KEY", "LAKEFORM_STATE_KEY_OLD"] as const;

/**
 * The environment of processes that lakeform starts: the state key stays in lakeform's own process.
 */
export function withoutStateKeys(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const names: readonly string[] = stateKeyVariables;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !names.includes(name)));
}
