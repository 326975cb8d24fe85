/**
 * Adds the versions of the objects, from the verification after the deploy, to the record. The next
 * verification does not read objects that still have the recorded version.
 */
import { LakeformError } from "../errors";
import type { DeploymentRecord } from "../verify/deployed/record";
import type { Verification } from "../verify/model";
import type { Preparation } from "./prepare";
import { RecordStore } from "./record";
import type { DeployTarget } from "./target";
import type { StillValid } from "./untouched";
import type { Warn } from "./warnings";

/**
 * Writes the versions to the records. A failure is only a warning.
 * @param records the records that this deploy has written, by stack
 * @param options.validResults results of the verification before the deploy that are still valid
 */
export async function recordVersions(
  targets: readonly DeployTarget[],
  { stacks }: Pick<Preparation, "stacks">,
  verification: Verification,
  records: ReadonlyMap<string, DeploymentRecord>,
  { validResults, warn }: { readonly validResults: StillValid | undefined; readonly warn: Warn },
): Promise<void> {
  for (const { stack, client } of targets) {
    const record = records.get(stack.name);
    if (record === undefined) continue;
    const previousRecord = stacks.find(({ target }) => target.stack.name === stack.name)?.record;
    const isStillValid = (address: string): boolean =>
      validResults?.(stack.name, address) !== undefined &&
      previousRecord?.content[address]?.sha256 === record.content[address]?.sha256;
    const versions = {
      ...Object.fromEntries(
        Object.entries(previousRecord?.verified ?? {}).filter(([address]) => isStillValid(address)),
      ),
      ...verification.versions(stack.name),
    };
    if (Object.keys(versions).length === 0) continue;
    try {
      const store = new RecordStore(client, stack.metadata.recordFolder);
      await store.rewrite({ ...record, verified: versions });
    } catch (error) {
      if (!(error instanceof LakeformError)) throw error;
      warn(
        `could not add the versions of the objects to the record of ${stack.name} (${error.message}): the next verification reads every object`,
      );
    }
  }
}
