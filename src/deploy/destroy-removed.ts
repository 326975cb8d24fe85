/** Prepares the destroy of a stack that is deployed but no longer in the code. */
import fs from "node:fs";
import path from "node:path";
import { listExamples } from "../list-examples";
import { LakeformError } from "../errors";
import { missingAbilities } from "../terraform/engine";
import type { StackJson } from "../terraform/stack";
import { indexState, type StateEntry } from "../verify/deployed/state-index";
import { ownedKeyOf } from "../verify/deployed/ownership";
import { isObject } from "../verify/expressions/values";
import { otherStacks } from "./other-stacks";
import { stateOfRecord } from "./recorded-state";
import { readDeployedState, unusableStateError } from "./removed-state";
import { originOf, type RemovedStack } from "./removed-stacks";
import type { DeployEvents, DeployTarget } from "./target";

/**
 * Writes the configuration with which Terraform removes the stack's objects. Objects that are now in
 * the state of another stack of the environment remain: Terraform only forgets them.
 * @param byRecord finds the objects by their names in the deployment record, if the state is lost
 * @returns the target, and a function that removes the configuration after the destroy
 * @throws LakeformError REMOVED_WITHOUT_STATE, PREVENT_DESTROY, OBJECTS_SHARED, NOT_SEARCHED (with
 * `byRecord`)
 */
export async function prepareRemoval(
  removedStack: RemovedStack,
  {
    byRecord = false,
    events,
  }: { readonly byRecord?: boolean; readonly events: Pick<DeployEvents, "note"> },
): Promise<{ readonly target: DeployTarget; readonly clean: () => void }> {
  const removed = byRecord ? await withRecordedState(removedStack, events) : removedStack;
  const { target, record } = removed;
  const { name } = target.stack;
  const deployedState = await readDeployedState(removed);
  if ("unusable" in deployedState) throw await unusableStateError(removed, deployedState.unusable);
  events.note(`${name} is not in the code: destroying what was ${await originOf(removed)}`);
  const entries = [...indexState(deployedState.state).values()].filter(
    ({ mode }) => mode === "managed",
  );
  rejectProtected(name, entries, record.synthesized as StackJson);
  const shared = await findShared(target, entries);
  if (shared.length > 0)
    events.note(
      `objects that stay, because they are in the state of another stack (${shared.length}): ${listExamples(shared.map(({ address }) => address))}`,
    );
  const forgotten = forgetBlocks(target, shared);
  const json = { ...target.stack.json, ...(forgotten.length > 0 && { removed: forgotten }) };
  const stack = { ...target.stack, json };
  return { target: { ...target, stack }, clean: writeConfiguration(stack.directory, json) };
}

/** The file in the stack's folder for a state that was made from the record. */
const recordedStateFile = "removed.tfstate";

/** Returns the stack with a state that was made from its record, because its own state is lost. */
async function withRecordedState(
  removed: RemovedStack,
  events: Pick<DeployEvents, "note">,
): Promise<RemovedStack> {
  const { target } = removed;
  const { name, directory, json, metadata } = target.stack;
  const { state, notFound } = await stateOfRecord(removed);
  if (notFound.length > 0)
    events.note(
      `${notFound.length} of the recorded objects of ${name} were not found by name, and stay if they exist: ${listExamples(notFound, 5)}`,
    );
  fs.mkdirSync(directory, { recursive: true });
  fs.writeFileSync(
    path.join(directory, recordedStateFile),
    `${JSON.stringify(state, undefined, 2)}\n`,
    { mode: 0o600 },
  );
  const stack = {
    ...target.stack,
    json: {
      ...json,
      terraform: { ...json.terraform, backend: { local: { path: recordedStateFile } } },
    },
    metadata: { ...metadata, profileSettings: { ...metadata.profileSettings, backend: "local" } },
  };
  return { target: { ...target, stack }, record: removed.record };
}

/**
 * Rejects objects that the recorded code protects. Terraform reads `prevent_destroy` only from the
 * configuration, which no longer contains these objects.
 * @throws LakeformError PREVENT_DESTROY
 */
function rejectProtected(
  name: string,
  entries: readonly StateEntry[],
  { resource = {} }: StackJson,
): void {
  const isProtected = ({ type, name: resourceName }: StateEntry): boolean => {
    const { lifecycle } = resource[type]?.[resourceName] ?? {};
    const blocks: readonly unknown[] = Array.isArray(lifecycle) ? lifecycle : [lifecycle];
    return blocks.some((block) => isObject(block) && String(block["prevent_destroy"]) === "true");
  };
  const addresses = entries.filter(isProtected).map(({ address }) => address);
  if (addresses.length === 0) return;
  throw new LakeformError(
    "PREVENT_DESTROY",
    `the last deployed code of ${name} protects objects with prevent_destroy`,
    {
      value: addresses.join(", "),
      fix: `to destroy them: put the stack back into the code without prevent_destroy, deploy it, then destroy it; to keep them: move them to another stack, or remove them from the state`,
    },
  );
}

/**
 * Returns the objects that are also in the state of a stack in the code.
 * @throws LakeformError OBJECTS_SHARED if one of these states cannot be read
 */
async function findShared(
  target: DeployTarget,
  entries: readonly StateEntry[],
): Promise<readonly StateEntry[]> {
  const { owned, failed } = await otherStacks([target]);
  const [problem] = failed;
  if (problem !== undefined)
    throw new LakeformError(
      "OBJECTS_SHARED",
      `it cannot be determined whether another stack uses the objects of ${target.stack.name}`,
      { value: `${problem.stack}: ${problem.reason}`, fix: "fix this first, then try again" },
    );
  const ownedKeys = new Set(owned);
  return entries.filter(
    ({ type, id, attributes }) =>
      id !== undefined && ownedKeys.has(ownedKeyOf(type, id, attributes)),
  );
}

/**
 * Returns the `removed` blocks with which Terraform forgets the shared objects.
 * @throws LakeformError OBJECTS_SHARED if the engine has no such blocks, or if an object is in a
 * module or was created with `count` or `for_each`: a block cannot address one of these
 */
function forgetBlocks(
  { terraform, stack }: DeployTarget,
  shared: readonly StateEntry[],
): readonly object[] {
  if (shared.length === 0) return [];
  const isInstanceOrInModule = ({ index, module }: StateEntry): boolean =>
    index !== undefined || module !== undefined;
  const canForget = !missingAbilities(terraform.engine).some((ability) =>
    ability.startsWith("removed "),
  );
  if (canForget && !shared.some(isInstanceOrInModule))
    return shared.map(({ address }) => ({ from: address, lifecycle: [{ destroy: false }] }));
  throw new LakeformError(
    "OBJECTS_SHARED",
    `other stacks have objects of ${stack.name} in their state, and a destroy would remove them`,
    {
      value: shared.map(({ address }) => address).join(", "),
      fix: `remove them from the state of ${stack.name} first (terraform state rm)`,
    },
  );
}

/**
 * The entries that Terraform and lakeform write to the folder, except `errored.tfstate`, which the
 * next destroy takes over.
 */
const ownEntries = /^(cdk\.tf\.json|removed\.tfstate.*|\.terraform.*|\.lakeform-.*)$/;

/** @returns a function that removes the written files, and the folder if nothing else is in it */
function writeConfiguration(directory: string, json: StackJson): () => void {
  fs.mkdirSync(directory, { recursive: true });
  fs.writeFileSync(path.join(directory, "cdk.tf.json"), JSON.stringify(json, undefined, 2));
  return () => {
    const entries = fs.readdirSync(directory);
    const otherEntries = entries.filter((entry) => !ownEntries.test(entry));
    for (const entry of entries)
      if (otherEntries.length === 0 || entry === "cdk.tf.json")
        fs.rmSync(path.join(directory, entry), { recursive: true, force: true });
    if (otherEntries.length === 0) fs.rmSync(directory, { recursive: true, force: true });
  };
}
