/**
 * Finds other stacks of the same project and environment, because their objects are not unmanaged.
 */
import fs from "node:fs";
import path from "node:path";
import type { StackMetadata } from "../terraform/metadata";
import { readStackFolder } from "../terraform/stack";
import { streamState } from "../terraform/state";
import { ownedKeyOf } from "../verify/deployed/ownership";
import { indexState } from "../verify/deployed/state-index";
import type { OtherStacks } from "../verify/options";
import type { DeployTarget } from "./target";

/**
 * Reads the states of the other stacks in the synth output, from any backend. An unreadable state
 * is reported, not thrown.
 */
export async function otherStacks(targets: readonly DeployTarget[]): Promise<OtherStacks> {
  const ownerKey = ({ project, environment }: StackMetadata): string =>
    JSON.stringify([project, environment]);
  const selectedOwners = new Set(targets.map(({ stack }) => ownerKey(stack.metadata)));
  const visitedFolders = new Set(targets.map(({ stack }) => path.resolve(stack.directory)));
  const ownedIds: string[] = [];
  const failures: { stack: string; reason: string }[] = [];
  for (const target of targets) {
    const folder = path.dirname(path.resolve(target.stack.directory));
    for (const name of fs.readdirSync(folder)) {
      const directory = path.join(folder, name);
      if (visitedFolders.has(directory)) continue;
      visitedFolders.add(directory);
      try {
        const stack = readStackFolder(directory);
        if (stack === undefined || !selectedOwners.has(ownerKey(stack.metadata))) continue;
        for (const { mode, type, id, attributes } of indexState(
          await streamState({ ...target.terraform, directory }, stack),
        ).values())
          if (mode === "managed" && id !== undefined)
            ownedIds.push(ownedKeyOf(type, id, attributes));
      } catch (error) {
        failures.push({
          stack: name,
          reason: error instanceof Error ? error.message : String(error),
        });
      }
    }
  }
  return { owned: ownedIds, failed: failures };
}
