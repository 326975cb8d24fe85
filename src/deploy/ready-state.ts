import { LakeformError } from "../errors";
import { endOrphans } from "../terraform/running";
import {
  findDamagedState,
  isBeingWritten,
  restoreState,
  type DamagedState,
} from "../terraform/state-repair";
import { selectedWorkspace } from "../terraform/selected-workspace";
import { pushState, stateBytes } from "../terraform/state";
import { localStateFile } from "../terraform/state-file";
import { parseState } from "../terraform/state-format";
import { isInWorkspace } from "../terraform/workspace-states";
import { erroredStateHead, hasErroredState, takeOverErroredState } from "../state/errored-state";
import { takeOverLocalState } from "../state/local-state";
import type { DeploymentRecord } from "../verify/deployed/record";
import type { VerifyReport } from "../verify/model";
import type { ReportRedactor } from "../verify/redactor";
import { notDeployedReason } from "./known-state";
import { describeLock, isOurs, lockHolder } from "./lock";
import { leaveOldBackend } from "./other-backend";
import { readStateAddresses, findMissingAddresses } from "./partial-state";
import { RecordStore } from "./record";
import type { DeployEvents, DeployTarget } from "./target";
import { listExamples } from "../list-examples";

/**
 * Prepares the state before anything reads it. Waits for a Terraform process that a killed lakeform
 * left running, takes over a state that Terraform could not write, and restores a state that the
 * kill truncated, if that is safe. Before the next create, the provider looks up objects in the
 * notes of the killed command.
 * @throws LakeformError DEPLOY_UNDER_WAY, STATE_LOCKED, BROKEN_STATE, BACKEND_CHANGED
 */
export async function makeStateReady(
  target: DeployTarget,
  store: RecordStore,
  events: Pick<DeployEvents, "note">,
): Promise<void> {
  const { terraform, stack } = target;
  await endOrphans(stack.directory, events.note);
  const takenOver = await terraform.states?.takeOver(stack);
  if (takenOver !== undefined) events.note(takenOver);
  await leaveOldBackend(target);
  const damaged = findDamagedState(terraform, stack);
  if (damaged !== undefined) await restoreDamaged(damaged, target, store, events);
  const file = localStateFile(stack, selectedWorkspace(terraform));
  if (!hasErroredState(stack, terraform) || isInWorkspace(stack)) return;
  await refuseWhileDeploying(target, store);
  events.note(
    await (file === undefined
      ? takeOverRemoteState(target)
      : takeOverLocalState(stack, terraform, file)),
  );
}

/** Writes `errored.tfstate`, the state that Terraform could not save, to its remote backend. */
async function takeOverRemoteState({ terraform, stack }: DeployTarget): Promise<string> {
  const bytes = await stateBytes(terraform, stack);
  return takeOverErroredState(stack, terraform, {
    description: "the one in the backend",
    current: bytes && parseState(bytes.toString("utf8"), "the backend"),
    write: (state) => pushState(terraform, stack, state),
  });
}

async function restoreDamaged(
  damaged: DamagedState,
  target: DeployTarget,
  store: RecordStore,
  events: Pick<DeployEvents, "note">,
): Promise<void> {
  const { terraform, stack } = target;
  await refuseWhileDeploying(target, store);
  if (await isBeingWritten(damaged))
    throw deployRunning(stack.name, "a Terraform process on this machine");
  const trusted = await store.readTrusted();
  const reason = hasNewerState(damaged, target)
    ? undefined
    : unsafeReason(
        damaged,
        "record" in trusted ? trusted.record : undefined,
        terraform.mirror !== undefined,
      );
  if (reason !== undefined) throw brokenState(damaged, reason);
  restoreState(damaged);
  const { previous, file, backup } = damaged;
  events.note(
    `the state of ${stack.name} was truncated by a killed command or a full disk: ` +
      (previous === undefined
        ? "started empty"
        : `restored from ${backup} (serial ${previous.serial})`) +
      `; the truncated state is kept in ${file}.torn`,
  );
}

/** Whether `errored.tfstate` has a newer state than the backup: what was lost is then in it. */
function hasNewerState({ previous }: DamagedState, { stack, terraform }: DeployTarget): boolean {
  const errored = erroredStateHead(stack, terraform);
  if (errored === undefined || previous === undefined) return errored !== undefined;
  return errored.lineage === previous.lineage && errored.serial > previous.serial;
}

/** @throws LakeformError DEPLOY_UNDER_WAY if another process has the stack's lock */
async function refuseWhileDeploying(target: DeployTarget, store: RecordStore): Promise<void> {
  const holder = await lockHolder(store);
  if (holder !== undefined && !isOurs(holder))
    throw deployRunning(target.stack.name, describeLock(holder));
}

interface RedactedReport {
  readonly report: VerifyReport;
  readonly redactor: Pick<ReportRedactor, "message">;
}

/**
 * Verifies, and adds to the report if another process deploys one of the stacks at the same time,
 * or if the local state is not the deployed one, because this may cause the differences.
 * @throws LakeformError DEPLOY_UNDER_WAY for a state that is being written
 */
export async function verifyNotingDeploys(
  targets: readonly DeployTarget[],
  verify: () => Promise<RedactedReport>,
): Promise<VerifyReport> {
  const stores = targets.map((target) => ({
    target,
    store: new RecordStore(target.client, target.stack.metadata.recordFolder),
  }));
  let verified: RedactedReport;
  try {
    verified = await verify();
  } catch (error) {
    for (const { target, store } of stores) await refuseIfDeployRuns(error, target, store);
    throw error;
  }
  let { report } = verified;
  if (report.exitCode === 0) return report;
  for (const { target, store } of stores) {
    const { name } = target.stack;
    const holder = await lockHolder(store);
    const reason = await incompleteReason(target, store);
    const notes = [
      holder !== undefined &&
        `a deploy is running (${describeLock(holder)}): differences may come from it; verify again after it`,
      reason !== undefined &&
        `the local state of ${name} differs from the deployed one (${reason}): pending and unmanaged resources may be deployed`,
    ].filter((note) => note !== false);
    if (notes.length > 0) report = withNotes(report, name, notes, verified.redactor);
  }
  return report;
}

/** Adds notes to a stack, and warns against the removal of its unmanaged objects. */
function withNotes(
  report: VerifyReport,
  stack: string,
  notes: readonly string[],
  redactor: RedactedReport["redactor"],
): VerifyReport {
  const shownNotes = notes.map((note) => redactor.message(note));
  return {
    ...report,
    stacks: report.stacks.map((summary) =>
      summary.name === stack ? { ...summary, weaker: [...summary.weaker, ...shownNotes] } : summary,
    ),
    unmanaged: report.unmanaged.map((object) =>
      object.stack === stack
        ? {
            ...object,
            reason: redactor.message(
              `${object.reason}; it may be deployed: read the note of ${stack} before you remove it`,
            ),
          }
        : object,
    ),
  };
}

/**
 * Returns the reason why the state may lack deployed resources; undefined if it is complete, or if
 * nothing indicates this.
 */
async function incompleteReason(
  target: DeployTarget,
  store: RecordStore,
): Promise<string | undefined> {
  const trusted = await store.readTrusted();
  if (!("record" in trusted)) return undefined;
  const reason = await notDeployedReason(target, trusted.record);
  if (reason !== undefined || (await store.readAttempt())?.outcome !== "succeeded") return reason;
  const missingAddresses = findMissingAddresses(trusted.record, await readStateAddresses(target));
  return missingAddresses.length === 0 ? undefined : `it lacks ${listExamples(missingAddresses)}`;
}

/**
 * Reports a running deploy instead of an error in the state that this deploy has half written.
 * @throws LakeformError DEPLOY_UNDER_WAY
 */
export async function refuseIfDeployRuns(
  error: unknown,
  target: DeployTarget,
  store: RecordStore,
): Promise<void> {
  if (error instanceof LakeformError && ["STATE_NOT_DEPLOYED", "BROKEN_STATE"].includes(error.code))
    await refuseWhileDeploying(target, store);
}

function deployRunning(stack: string, holder: string): LakeformError {
  return new LakeformError(
    "DEPLOY_UNDER_WAY",
    `a deploy of ${stack} is running and writing the state`,
    {
      value: holder,
      fix: "wait for it, then try again",
    },
  );
}

/**
 * Returns the reason why the backup of a damaged state must not be restored, if there is one.
 * @param hasNotes whether the embedded provider notes each create, so that nothing is created twice
 */
function unsafeReason(
  { previous }: DamagedState,
  record: DeploymentRecord | undefined,
  hasNotes: boolean,
): string | undefined {
  if (record?.state === undefined)
    return previous !== undefined || hasNotes ? undefined : "there is no backup";
  if (previous === undefined) return "there is no backup";
  if (previous.lineage !== record.state.lineage)
    return "the backup belongs to a different state than the deployed one";
  if (previous.serial < record.state.serial)
    return `the backup has serial ${previous.serial}, but the deployed state has serial ${record.state.serial}`;
  return undefined;
}

function brokenState({ file, backup, previous }: DamagedState, reason: string): LakeformError {
  const acceptLoss = previous === undefined ? "" : `, or accept the loss: cp ${backup} ${file}`;
  return new LakeformError("BROKEN_STATE", `the Terraform state was truncated, and ${reason}`, {
    value: file,
    fix: `restore it from your own backup${acceptLoss}; do not delete it: Terraform would create everything again`,
  });
}
