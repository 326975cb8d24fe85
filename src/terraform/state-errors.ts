/** Converts Terraform's errors about the state for users of lakeform. */
import { LakeformError } from "../errors";
import type { Diagnostic } from "./json-lines";
import type { TerraformContext } from "./run";
import type { SynthesizedStack } from "./stack";
import { isInWorkspace } from "./workspace-states";

const lockRefused = "Error acquiring the state lock";

/**
 * Returns the reason why Terraform did not get the lock of the state; undefined if it got the lock,
 * or if nothing more is known than in Terraform's own message.
 */
export function lockErrorOf(
  errors: readonly Diagnostic[],
  context: Pick<TerraformContext, "states">,
  stack: SynthesizedStack,
): LakeformError | undefined {
  const error = errors.find(({ summary }) => summary === lockRefused);
  if (error === undefined) return undefined;
  return context.states?.lockRefused(stack) ?? heldLockError(stack, error.detail);
}

/**
 * Returns an error with the holder of the lock; undefined if the message names no lock, because the
 * backend did not respond.
 */
function heldLockError(stack: SynthesizedStack, detail: string): LakeformError | undefined {
  const lockField = (field: string): string | undefined =>
    new RegExp(`^[│ ]*${field}: *(.*)$`, "m").exec(detail)?.[1];
  // With the http backend, "Lock Info" is the request, and only the id of the lock is reported.
  const idOfHttpLock = /already locked:[\s│]*ID=(\S+)/.exec(detail)?.[1];
  const id = idOfHttpLock ?? lockField("ID");
  if (id === undefined || id === "") return undefined;
  const [operation = "unknown", who = "unknown", created = "unknown"] = [
    lockField("Operation"),
    lockField("Who"),
    lockField("Created"),
  ];
  return new LakeformError(
    "STATE_LOCKED",
    `another Terraform process holds the lock of the state of ${stack.name}`,
    {
      value: idOfHttpLock === undefined ? `${operation} by ${who} since ${created}` : `lock ${id}`,
      fix: `wait for it; if no process is running: terraform -chdir=${stack.directory} force-unlock ${id}`,
    },
  );
}

/**
 * Runs a Terraform command that locks the state.
 * @throws LakeformError STATE_LOCKED with the holder, and the errors of `run`
 */
export async function withLockErrors<T>(
  stack: SynthesizedStack,
  run: () => Promise<T>,
): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof LakeformError) || !error.message.includes(lockRefused)) throw error;
    throw heldLockError(stack, error.message) ?? error;
  }
}

/**
 * Replaces Terraform's advice: the next command writes a state that Terraform could not write, and
 * `force-unlock` does not work for states in the workspace.
 */
export function withStateAdvice(diagnostic: Diagnostic, stack: SynthesizedStack): Diagnostic {
  if (diagnostic.detail.includes("the raw state data is printed above"))
    return { ...diagnostic, detail: "Terraform could write the state to no file." };
  const [cause = ""] = diagnostic.detail.split("\n\n");
  if (diagnostic.summary === "Failed to persist state to backend")
    return {
      ...diagnostic,
      detail: `Terraform has saved the state in ${stack.directory}/errored.tfstate\nwhat to do: run the command again on this machine; it first writes this state to ${isInWorkspace(stack) ? "the workspace" : "the backend"}`,
    };
  if (diagnostic.summary === "Error releasing the state lock" && isInWorkspace(stack))
    return {
      ...diagnostic,
      detail: `${cause}\nwhat to do: the next command on this machine takes over the lock; from another machine: lakeform state list ${stack.name}, then lakeform state unlock`,
    };
  return diagnostic;
}
