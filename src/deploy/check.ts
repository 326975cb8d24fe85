import { readOnly } from "../api/connect";
import { LakeformError } from "../errors";
import { selectedWorkspace } from "../terraform/selected-workspace";
import { streamState } from "../terraform/state";
import { verifyTargets, type VerifyOptions } from "../verify/verify";
import type { VerifyTarget } from "../verify/input";
import type { VerifyReport } from "../verify/model";
import { otherStacks } from "./other-stacks";
import { RecordStore } from "./record";
import type { DeployEvents, DeployTarget } from "./target";

export interface CheckOptions extends Omit<VerifyOptions, "targets" | "api"> {
  readonly events: Pick<DeployEvents, "step">;
}

/**
 * Verifies stacks of one workspace with all that is known of them: state, deployment record, and the values of secrets that are in the environment.
 * @throws LakeformError SEVERAL_WORKSPACES, BROKEN_STATE
 */
export async function checkStacks(targets: readonly DeployTarget[], options: CheckOptions): Promise<VerifyReport> {
  const [first] = targets;
  const hosts = new Set(targets.map((target) => target.client.host));
  if (first === undefined || hosts.size > 1) {
    throw new LakeformError("SEVERAL_WORKSPACES", "one workspace at a time", {
      value: [...hosts].join(", "),
      fix: "name stacks of one environment",
    });
  }
  const { events, ...rest } = options;
  events.step(`verifying ${targets.map((target) => target.stack.name).join(", ")}`);
  const prepared: VerifyTarget[] = [];
  for (const target of targets) prepared.push(await toVerify(target));
  return verifyTargets({ others: () => otherStacks(targets), ...rest, targets: prepared, api: readOnly(first.client) });
}

/** As {@link checkStacks}, for stacks of any number of workspaces: one report for each. */
export async function checkWorkspaces(targets: readonly DeployTarget[], options: CheckOptions): Promise<VerifyReport[]> {
  const byHost = new Map<string, DeployTarget[]>();
  for (const target of targets) byHost.set(target.client.host, [...(byHost.get(target.client.host) ?? []), target]);
  const reports: VerifyReport[] = [];
  for (const group of byHost.values()) reports.push(await checkStacks(group, options));
  return reports;
}

/** A stack as the verifier wants it. */
export async function toVerify(target: DeployTarget): Promise<VerifyTarget> {
  const { name, directory, json, metadata } = target.stack;
  const found = await new RecordStore(readOnly(target.client), metadata.recordFolder).readTrusted();
  return {
    name,
    directory,
    metadata,
    desired: { stack: json },
    state: async () => await streamState(target.terraform, target.stack),
    ...("record" in found ? { record: found.record } : { recordMissing: found.missing }),
    workspace: selectedWorkspace(target.terraform),
    variable: (variable) => target.terraform.variables[variable],
  };
}
