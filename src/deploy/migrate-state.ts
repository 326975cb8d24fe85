/** Moves a state from the backend of the last deploy to the one in the code. */
import { readOnly } from "../api/auth/connect";
import { defined } from "../defined";
import { LakeformError } from "../errors";
import { States } from "../state/open";
import type { SynthesizedStack } from "../terraform/stack";
import { pushState, stateBytes, stateFromFile } from "../terraform/state";
import { headOfState, type StateHead } from "../terraform/state-file";
import { parseState } from "../terraform/state-format";
import { isInWorkspace } from "../terraform/workspace-states";
import {
  backendName,
  deployedElsewhere,
  forgetInitialized,
  initializedElsewhere,
  stateIn,
} from "./other-backend";
import { describeRemoval, withLock } from "./lock";
import { RecordStore } from "./record";
import { readDeployedState, unusableStateError } from "./removed-state";
import type { RemovedStack } from "./removed-stacks";
import type { DeployTarget } from "./target";

export interface Migrated extends StateHead {
  /** The previous location: the name of a backend or of a renamed stack, or a file. */
  readonly from: string;
  /** The name of the new backend. */
  readonly to: string;
}

export interface MigrateOptions {
  /** The user, for the lock. */
  readonly by: string;
  /** The id of a lock to break. */
  readonly breakLock?: string;
  readonly note: (text: string) => void;
}

/**
 * Copies the state from the previous backend, or from a file, to the backend in the code. Holds the
 * stack's lock, because a deploy with the previous backend would write what the copy does not have.
 * @param file a file with the state, if it is not in a known backend
 * @throws LakeformError NO_OLD_STATE, SAME_BACKEND, STATE_NOT_COPIED, OTHER_STATE, LOCKED,
 * TERRAFORM_FAILED
 */
export async function migrateState(
  target: DeployTarget,
  options: MigrateOptions,
  file?: string,
): Promise<Migrated> {
  const { stack, client, terraform } = target;
  const store = new RecordStore(client, stack.metadata.recordFolder);
  return whileLocked(store, options, async () =>
    writeState(
      target,
      file === undefined
        ? await newestState(target)
        : { from: file, state: await stateFromFile(terraform, stack, file) },
    ),
  );
}

/**
 * Moves the objects of a renamed stack: its state becomes that of the stack in the code, and its
 * deployment record is removed. Its own state stays as a backup. Continues an interrupted migration.
 * @throws LakeformError REMOVED_WITHOUT_STATE, OTHER_STATE, LOCKED
 */
export async function takeOverState(
  target: DeployTarget,
  removed: RemovedStack,
  options: MigrateOptions,
): Promise<Migrated> {
  const { stack } = target;
  const { name, metadata } = removed.target.stack;
  const store = new RecordStore(removed.target.client, metadata.recordFolder);
  return whileLocked(store, options, async () => {
    const deployedState = await readDeployedState(removed);
    if ("unusable" in deployedState)
      throw await unusableStateError(removed, deployedState.unusable);
    const present = await stateIn(target, stack);
    const presentHead = present && headOfState(present, stack.name);
    const deployedHead = headOfState(deployedState.bytes, name);
    // An interrupted migration has copied the state, but not removed the record.
    if (
      presentHead?.lineage === deployedHead.lineage &&
      presentHead.serial >= deployedHead.serial
    ) {
      await store.forget();
      forgetInitialized(target.terraform);
      return { ...presentHead, from: name, to: backendName(stack) };
    }
    if (
      present !== undefined &&
      parseState(present.toString("utf8"), stack.name).resources.length > 0
    )
      throw new LakeformError(
        "OTHER_STATE",
        `${stack.name} has a state of its own, which the state of ${name} would replace`,
        {
          value: `a state with serial ${headOfState(present, stack.name).serial}`,
          allowed: "a stack that is not deployed yet",
          fix: `destroy ${stack.name} first, or destroy ${name} instead: objects that both have stay (lakeform destroy ${name})`,
        },
      );
    const migrated = await writeState(target, { from: name, state: deployedState.bytes });
    await store.forget();
    return migrated;
  });
}

const whileLocked = (
  store: RecordStore,
  { by, breakLock, note }: MigrateOptions,
  work: () => Promise<Migrated>,
): Promise<Migrated> =>
  withLock(
    store,
    by,
    {
      ...defined({ breakLock }),
      onStale: (lock) => note(describeRemoval(lock, breakLock)),
      onLeft: note,
    },
    work,
  );

async function writeState(
  { stack, client, terraform }: DeployTarget,
  { from, state }: { readonly from: string; readonly state: Buffer },
): Promise<Migrated> {
  const to = backendName(stack);
  const head = headOfState(state, from);
  if (isInWorkspace(stack)) {
    const store = new States(terraform.env, () => undefined).add(stack, client);
    await store.lock.during("lakeform state migrate", (lock) =>
      store.write(state, { lock, note: `migrated from ${from}` }),
    );
  } else {
    const backend = { ...terraform, states: undefined };
    await pushState(backend, stack, state);
    const copied = await stateBytes(backend, stack);
    const copiedHead = copied && headOfState(copied, to);
    if (copiedHead?.lineage !== head.lineage || copiedHead.serial < head.serial)
      throw notCopied(stack, head, copiedHead);
  }
  forgetInitialized(terraform);
  return { ...head, from, to };
}

/**
 * The newest state in the two possible backends: that of the deployment record, and that of the
 * last `init` in this folder.
 */
async function newestState(
  target: DeployTarget,
): Promise<{ readonly from: string; readonly state: Buffer }> {
  const initialized = initializedElsewhere(target);
  const recordedStack = await deployedStack(target, initialized !== undefined);
  let newest:
    { readonly from: string; readonly state: Buffer; readonly serial: number } | undefined;
  for (const stack of [initialized, recordedStack]) {
    const state = stack && (await stateIn(target, stack));
    if (stack === undefined || state === undefined) continue;
    const { serial } = headOfState(state, backendName(stack));
    if (newest === undefined || serial > newest.serial)
      newest = { from: backendName(stack), state, serial };
  }
  if (newest !== undefined) return newest;
  const names = [initialized, recordedStack].flatMap((stack) =>
    stack === undefined ? [] : [backendName(stack)],
  );
  throw noOldState(target, `there is no state in ${[...new Set(names)].join(" and ")}`);
}

function notCopied(
  { name }: SynthesizedStack,
  { serial, lineage }: StateHead,
  copiedHead: StateHead | undefined,
): LakeformError {
  return new LakeformError(
    "STATE_NOT_COPIED",
    `the backend of ${name} does not return the state that was written to it`,
    {
      value:
        copiedHead === undefined
          ? "no state"
          : `serial ${copiedHead.serial}, lineage ${copiedHead.lineage}`,
      allowed: `serial ${serial} or newer, lineage ${lineage}`,
      fix: "check the backend; the old state is unchanged",
    },
  );
}

/**
 * The deployed stack, from its record; undefined if another backend is known, and the record is
 * unusable or has the backend in the code.
 * @throws LakeformError NO_OLD_STATE, SAME_BACKEND
 */
async function deployedStack(
  target: DeployTarget,
  anotherIsKnown: boolean,
): Promise<SynthesizedStack | undefined> {
  const { stack, client } = target;
  const trusted = await new RecordStore(
    readOnly(client),
    stack.metadata.recordFolder,
  ).readTrusted();
  if (!("record" in trusted)) {
    if (anotherIsKnown) return undefined;
    throw noOldState(target, trusted.missing);
  }
  const oldStack = deployedElsewhere(stack, trusted.record);
  if (oldStack !== undefined || anotherIsKnown) return oldStack;
  throw new LakeformError(
    "SAME_BACKEND",
    `${stack.name} was deployed with the backend in the code: there is nothing to migrate`,
    {
      value: backendName(stack),
      fix: "change the backend in the code first; a state from a file: --from FILE",
    },
  );
}

function noOldState({ stack }: DeployTarget, value: string): LakeformError {
  return new LakeformError(
    "NO_OLD_STATE",
    `the previous location of the state of ${stack.name} is unknown`,
    {
      value,
      fix: `lakeform state migrate ${stack.name} --from FILE, with the state in a file (terraform state pull > FILE)`,
    },
  );
}
