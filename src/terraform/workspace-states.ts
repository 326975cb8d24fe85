import type { LakeformError } from "../errors";
import type { SynthesizedStack } from "./stack";

/** The states stored in the workspace itself (implemented in src/state). */
export interface WorkspaceStates {
  /**
   * Variables with which Terraform's `http` backend reaches the states; the user name in the
   * configuration selects the state.
   */
  readonly environment: Readonly<Record<string, string>>;
  read(stack: SynthesizedStack): Promise<Buffer | undefined>;
  /**
   * Returns who can read the secrets in a state, besides the deployer and admins; undefined if
   * unknown.
   */
  readers(stack: SynthesizedStack): Promise<readonly string[] | undefined>;
  /**
   * Returns why Terraform did not get the lock: another process holds it, or the workspace did not
   * respond. Terraform's own message describes the lock that it requested, not the one that is held.
   */
  lockRefused(stack: SynthesizedStack): LakeformError | undefined;
  /** Whether a Terraform process holds the lock of the state. */
  isHeld(stack: SynthesizedStack): Promise<boolean>;
  /**
   * Saves a state that Terraform left in a file next to the configuration because the workspace was
   * unreachable or lakeform was killed.
   * @returns a message for the user; undefined if there is no such file
   */
  takeOver(stack: SynthesizedStack): Promise<string | undefined>;
}

/** Whether the backend is `{ kind: "workspace" }`. */
export const isInWorkspace = ({ metadata }: Pick<SynthesizedStack, "metadata">): boolean =>
  metadata.profileSettings?.["backend"] === "workspace";

/** Variables with the current encryption key of the states, and the previous one. */
export const stateKeyVariables = ["LAKEFORM_STATE_KEY", "LAKEFORM_STATE_KEY_OLD"] as const;

/**
 * Returns the environment for processes that lakeform starts: the state keys stay in lakeform's own
 * process.
 */
export function withoutStateKeys(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const names: readonly string[] = stateKeyVariables;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !names.includes(name)));
}
