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
import { otherStacks } from "./other-stacks";
import { missingFolders, RecordStore } from "./record";
import type { DeployEvents, DeployTarget } from "./target";
import { usedStacks, type KnownStacks } from "./used-stacks";

export interface CheckOptions extends Omit<VerifyOptions, "targets" | "api"> {
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
  const { events, records, inherited, ...rest } = options;
  events.step(`verifying ${targets.map((target) => target.stack.name).join(", ")}`);
  const api = readOnly(first.client);
  const missing = await missingFolders(api, targets.map(({ stack }) => stack.metadata.recordFolder)); // prettier-ignore
  const known: KnownStacks = new Map();
  const prepared: VerifyTarget[] = [];
  for (const [at, target] of targets.entries()) {
    const { name } = target.stack;
    const passedOn = inherited?.get(name);
    const verified = {
      ...(await toVerify(target, missing, records?.get(name))),
      used: await usedStacks(target, known),
      ...defined({ inherited: passedOn }),
    };
    const state = (): ReturnType<typeof streamState> => {
      events.progress?.(`reading the state of ${name} (${at + 1} of ${targets.length})`);
      return streamState(target.terraform, target.stack);
    };
    prepared.push({ ...verified, state });
  }
  const progress = (done: number, total: number): void =>
    events.progress?.(`verified ${done} of ${total}`);
  return verifyFully({
    ...defined({ secrets: first.terraform.secrets }),
    others: () => otherStacks(targets),
    progress,
    ...rest,
    targets: prepared,
    api,
  });
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
  const found: Verification[] = [];
  for (const group of byHost.values()) found.push(await checkStacks(group, options));
  return found;
}

/** The verification of the workspace that the stack is in. */
export const verificationOf = (
  name: string,
  verified: readonly Verification[],
): Verification | undefined =>
  verified.find(({ raw }) => raw.stacks.some((stack) => stack.name === name));

/**
 * Converts a stack to the verifier's input, without its state.
 * @param missing record folders that do not exist
 */
async function toVerify(
  { stack, client, terraform }: DeployTarget,
  missing: ReadonlySet<string>,
  record: DeploymentRecord | undefined,
): Promise<VerifyTarget> {
  const { name, directory, json, metadata } = stack;
  const store = new RecordStore(readOnly(client), metadata.recordFolder);
  const found =
    record !== undefined
      ? { record }
      : missing.has(store.folder)
        ? store.none
        : await store.readTrusted();
  return {
    name,
    directory,
    metadata,
    desired: { stack: json },
    ...("record" in found ? { record: found.record } : { recordMissing: found.missing }),
    workspace: selectedWorkspace(terraform),
    variable: (variable) => terraform.variables[variable],
  };
}
