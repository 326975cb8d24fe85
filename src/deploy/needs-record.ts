import { streamState } from "../terraform/state";
import { isStateReadable, recordDifference } from "./empty-plan";
import type { Prepared } from "./plan-stack";

/**
 * Whether a new record is needed, because the last deploy did not succeed, or because the code, the
 * tools or the state differ from the recorded ones. A state that only Terraform can read is not
 * compared.
 */
export async function needsRecord({ target, record, unfinished }: Prepared): Promise<boolean> {
  if (unfinished !== undefined || recordDifference(target, record) !== undefined) return true;
  if (!isStateReadable(target)) return false;
  const state = await streamState(target.terraform, target.stack);
  return (
    state !== undefined &&
    (record?.state?.lineage !== state.lineage || record.state.serial !== state.serial)
  );
}
