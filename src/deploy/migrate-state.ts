/** A state goes from the backend that a stack was deployed with to the one that the code says. */
import fs from "node:fs";
import path from "node:path";
import { readOnly } from "../api/auth/connect";
import { LakeformError } from "../errors";
import { States } from "../state/open";
import { dataFolderOf } from "../terraform/initialize";
import type { StackJson, SynthesizedStack } from "../terraform/stack";
import { headOfState, pushState, stateBytes, type StateHead } from "../terraform/state";
import { isInWorkspace } from "../terraform/workspace-states";
import { RecordStore } from "./record";
import type { DeployTarget } from "./target";

export interface Migrated extends StateHead {
  readonly from: string;
  readonly to: string;
}

/**
 * @param file the state, when neither a backend nor a record knows it
 * @throws LakeformError NO_OLD_STATE, SAME_BACKEND, OTHER_STATE, TERRAFORM_FAILED
 */
export async function migrateState(target: DeployTarget, file?: string): Promise<Migrated> {
  const { stack, client, terraform } = target;
  const states = new States(terraform.env, () => undefined);
  const from = file === undefined ? await deployedStack(target) : undefined;
  const [old, to] = [from === undefined ? String(file) : backendName(from), backendName(stack)];
  let state: Buffer | undefined;
  if (from === undefined) state = fs.readFileSync(String(file));
  else if (isInWorkspace(from)) state = await states.add(from, readOnly(client)).read();
  else state = await stateBytes({ ...terraform, states: undefined }, from);
  if (state === undefined) throw noOldState(target, `there is no state in ${old}`);
  const head = headOfState(state, old);
  if (isInWorkspace(stack)) {
    const written = state;
    const store = states.add(stack, client);
    await store.withLock("lakeform state migrate", (lock) => store.write(written, { lock, note: `migrated from ${old}` }));
  } else {
    const backend = { ...terraform, states: undefined };
    await pushState(backend, stack, state);
    const copied = await stateBytes(backend, stack);
    const there = copied && headOfState(copied, to);
    if (there?.lineage !== head.lineage || there.serial < head.serial) throw notCopied(stack, head, there);
  }
  // What Terraform noted of the old backend here: it would want to migrate by itself.
  for (const name of ["terraform.tfstate", "lakeform-init"]) fs.rmSync(path.join(dataFolderOf(terraform), name), { force: true });
  return { ...head, from: old, to };
}

function notCopied({ name }: SynthesizedStack, { serial, lineage }: StateHead, there: StateHead | undefined): LakeformError {
  return new LakeformError("STATE_NOT_COPIED", `the backend of ${name} does not return the state that was written to it`, {
    value: there === undefined ? "no state" : `serial ${there.serial}, lineage ${there.lineage}`,
    allowed: `serial ${serial} or newer, lineage ${lineage}`,
    fix: "check the backend; the old state is where it was",
  });
}

/** The stack as its record says that it was deployed. */
async function deployedStack(target: DeployTarget): Promise<SynthesizedStack> {
  const { stack, client } = target;
  const found = await new RecordStore(readOnly(client), stack.metadata.recordFolder).readTrusted();
  if (!("record" in found)) throw noOldState(target, found.missing);
  const json = found.record.synthesized as StackJson;
  const old = { ...stack, json, metadata: json["//"]?.lakeform ?? stack.metadata };
  if (backendName(old) !== backendName(stack) || JSON.stringify(json.terraform?.backend) !== JSON.stringify(stack.json.terraform?.backend))
    return old;
  throw new LakeformError("SAME_BACKEND", `${stack.name} was deployed with the backend that the code says: there is nothing to migrate`, {
    value: backendName(stack),
    fix: "change the backend in the code first; a state from a file: --from FILE",
  });
}

function noOldState({ stack }: DeployTarget, value: string): LakeformError {
  return new LakeformError("NO_OLD_STATE", `it is not known where the state of ${stack.name} was before`, {
    value,
    fix: `lakeform state migrate ${stack.name} --from FILE, with the state in a file (terraform state pull > FILE)`,
  });
}

function backendName(stack: SynthesizedStack): string {
  return isInWorkspace(stack) ? "workspace" : (Object.keys(stack.json.terraform?.backend ?? { local: {} })[0] ?? "local");
}
