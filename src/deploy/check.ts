import path from "node:path";
import { readOnly } from "../api/auth/connect";
import { defined } from "../defined";
import { LakeformError } from "../errors";
import { selectedWorkspace } from "../terraform/selected-workspace";
import { streamState } from "../terraform/state";
import type { VerifyOptions } from "../verify/options";
import { verifyFully } from "../verify/verify";
import type { VerifyTarget } from "../verify/target";
import type { Verification } from "../verify/model";
import type { DeploymentRecord, InheritedValues } from "../verify/deployed/record";
import { localInputs } from "./local-inputs";
import { otherStacks } from "./other-stacks";
import { RecordFolders } from "./record-folders";
import { RecordStore } from "./record";
import { originOf, findRemovedStacks, type RemovedStack as Removed } from "./removed-stacks";
import { readDeployedState } from "./removed-state";
import type { DeployEvents, DeployTarget } from "./target";
import type { RemovedStack } from "../verify/unmanaged/removed-stacks";
import { usedStacks, type KnownStacks } from "./used-stacks";

export interface CheckOptions extends Omit<VerifyOptions, "targets" | "api" | "removed"> {
  /** Environments whose stacks are all verified: their removed stacks are searched, too. */
  readonly environments?: readonly string[];
  readonly events: Pick<DeployEvents, "step" | "progress">;
  /** Records of the latest deploy, by stack, so that they are not read again. */
  readonly records?: ReadonlyMap<string, DeploymentRecord>;
  /**
   * Values that list elements took over from neighbouring elements in the latest apply, by stack.
   */
  readonly inherited?: ReadonlyMap<string, InheritedValues>;
}

/**
 * Verifies stacks of one workspace, using the state, the deployment record, and the secrets in the
 * environment.
 * @throws LakeformError SEVERAL_WORKSPACES, BROKEN_STATE
 */
export async function checkStacks(
  targets: readonly DeployTarget[],
  options: CheckOptions,
): Promise<Verification> {
  const [first] = targets;
  const hosts = new Set(targets.map((target) => target.client.host));
  if (first === undefined || hosts.size > 1) {
    throw new LakeformError(
      "SEVERAL_WORKSPACES",
      "the selected stacks belong to several workspaces",
      {
        value: [...hosts].join(", "),
        fix: "name stacks of one environment",
      },
    );
  }
  const { events, records, inherited, environments = [], ...rest } = options;
  events.step(`verifying ${targets.map((target) => target.stack.name).join(", ")}`);
  const api = readOnly(first.client);
  const folders = new RecordFolders(api);
  const { stacks: removedStacks, unknown } = await findRemovedStacks(
    targets,
    environments,
    new Map([[api.host, folders]]),
  );
  const removedToCheck = {
    stacks: await Promise.all(
      removedStacks.map((removedStack) => toRemovedTarget(removedStack, options)),
    ),
    unknown,
  };
  const targetsWithoutRecord = targets.filter(({ stack }) => records?.has(stack.name) !== true);
  const missingRecordFolders = await folders.findMissing(
    targetsWithoutRecord.map(({ stack }) => stack.metadata.recordFolder),
  );
  const knownStacks: KnownStacks = new Map();
  const verifyTargets: VerifyTarget[] = [];
  for (const [index, target] of targets.entries()) {
    const { name } = target.stack;
    const inheritedValues = inherited?.get(name);
    const verifyInput = {
      ...(await toVerifyTarget(target, missingRecordFolders, records?.get(name))),
      used: await usedStacks(target, knownStacks),
      ...defined({ inherited: inheritedValues }),
    };
    const state = (): ReturnType<typeof streamState> => {
      events.progress?.(`reading the state of ${name} (${index + 1} of ${targets.length})`);
      return streamState(target.terraform, target.stack);
    };
    verifyTargets.push({ ...verifyInput, state });
  }
  const progress = (count: number, total: number): void =>
    events.progress?.(`verified ${count} of ${total}`);
  const folder = first.project && path.join(first.project.privateFolder, "verified");
  return verifyFully({
    ...defined({ secrets: first.terraform.secrets }),
    ...(folder && { memory: { folder, localInputs: () => localInputs(targets) } }),
    others: () => otherStacks(targets),
    progress,
    ...rest,
    targets: verifyTargets,
    api,
    removed: removedToCheck,
  });
}

/** Converts a removed stack to the verifier's input, with its state if that can be used. */
async function toRemovedTarget(
  removedStack: Removed,
  { byName }: Pick<CheckOptions, "byName">,
): Promise<RemovedStack> {
  const { record, target } = removedStack;
  const { name, directory, metadata } = target.stack;
  const verifyInput = { name, directory, metadata, desired: { stack: record.synthesized }, record };
  const origin = await originOf(removedStack);
  const deployedState =
    byName === true
      ? { unusable: "--by-name ignores the state" }
      : await readDeployedState(removedStack);
  return "state" in deployedState
    ? { target: { ...verifyInput, state: () => Promise.resolve(deployedState.state) }, origin }
    : { target: verifyInput, origin, withoutState: deployedState.unusable };
}

/**
 * Like {@link checkStacks}, for stacks of any number of workspaces: one verification per workspace.
 */
export async function checkWorkspaces(
  targets: readonly DeployTarget[],
  options: CheckOptions,
): Promise<Verification[]> {
  const byHost = new Map<string, DeployTarget[]>();
  for (const target of targets)
    byHost.set(target.client.host, [...(byHost.get(target.client.host) ?? []), target]);
  const verifications: Verification[] = [];
  for (const group of byHost.values()) verifications.push(await checkStacks(group, options));
  return verifications;
}

/** Returns the verification of the workspace that contains the stack. */
export const verificationOf = (
  name: string,
  verifications: readonly Verification[],
): Verification | undefined =>
  verifications.find(({ raw }) => raw.stacks.some((stack) => stack.name === name));

/**
 * Converts a stack to the verifier's input, without its state.
 * @param missingRecordFolders record folders that do not exist
 */
async function toVerifyTarget(
  { stack, client, terraform }: DeployTarget,
  missingRecordFolders: ReadonlySet<string>,
  record: DeploymentRecord | undefined,
): Promise<VerifyTarget> {
  const { name, directory, json, metadata } = stack;
  const store = new RecordStore(readOnly(client), metadata.recordFolder);
  const lastRecord =
    record !== undefined
      ? { record }
      : missingRecordFolders.has(store.folder)
        ? store.none
        : await store.readTrusted();
  return {
    name,
    directory,
    metadata,
    desired: { stack: json },
    ...("record" in lastRecord
      ? { record: lastRecord.record }
      : { recordMissing: lastRecord.missing }),
    workspace: selectedWorkspace(terraform),
    variable: (variable) => terraform.variables[variable],
  };
}
