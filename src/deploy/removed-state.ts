/** The state of a stack that the code no longer has. */
import { parseState, type State } from "../terraform/state-format";
import { LakeformError } from "../errors";
import { stateIn } from "./other-backend";
import { originOf, type RemovedStack } from "./removed-stacks";

/** Returns the state of the last deploy or a later one; or the reason why it cannot be used. */
export async function readDeployedState({
  target,
  record,
  otherBackend,
}: RemovedStack): Promise<
  { readonly state: State; readonly bytes: Buffer } | { readonly unusable: string }
> {
  if (otherBackend !== undefined)
    return {
      unusable: `it was deployed with the backend ${otherBackend}, which its environment no longer has in the code`,
    };
  const { stack } = target;
  let state: State | undefined;
  let bytes: Buffer | undefined;
  try {
    bytes = await stateIn(target, stack);
    state = bytes && parseState(bytes.toString("utf8"), `the state of ${stack.name}`);
  } catch (error) {
    if (!(error instanceof LakeformError)) throw error;
    return { unusable: `its state cannot be read (${error.message.split("\n")[0] ?? ""})` };
  }
  if (state === undefined || bytes === undefined)
    return { unusable: "there is no state on this machine or in its backend" };
  const recordedState = record.state;
  if (recordedState !== undefined && state.lineage !== recordedState.lineage)
    return {
      unusable: `the state has lineage ${state.lineage}, but ${recordedState.lineage} was deployed`,
    };
  if (recordedState !== undefined && state.serial < recordedState.serial)
    return {
      unusable: `the state has serial ${state.serial}, older than the deployed one (${recordedState.serial})`,
    };
  return { state, bytes };
}

/** Returns the error for a removed stack whose state cannot be used. */
export async function unusableStateError(
  removed: RemovedStack,
  reason: string,
): Promise<LakeformError> {
  const { name, metadata } = removed.target.stack;
  const path = metadata.recordFolder;
  return new LakeformError(
    "REMOVED_WITHOUT_STATE",
    `${name} is not in the code, and its state cannot be used`,
    {
      value: `${reason}; ${await originOf(removed)}`,
      fix: `run the command where the stack was deployed, or copy its state to this machine; if the state is lost, destroy the objects that are found by their names in the record: lakeform destroy ${name} --by-record. If its objects can stay and no longer be reported, remove only its record: lakeform api POST /api/2.0/workspace/delete --json '${JSON.stringify({ path, recursive: true })}'`,
      exitCode: 2,
    },
  );
}
