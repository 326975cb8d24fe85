import { traitsOf } from "../../resources";
import type { Flag, ResourceChange } from "../model";

/**
 * Flags changes that affect when a resource runs automatically. This includes new resources,
 * because a new scheduled job causes costs.
 */
export function listScheduleChanges(change: ResourceChange): Flag["items"][number][] {
  const { startBlocks } = traitsOf(change.type);
  if (startBlocks === undefined) return [];
  return change.fields.flatMap((field) => {
    const startBlock = startBlocks.find(
      (name) => field.field === name || field.field.startsWith(`${name}.`),
    );
    if (startBlock === undefined) return [];
    return [
      { path: change.path, address: change.address, text: describeChange(startBlock, field) },
    ];
  });
}

function describeChange(startBlock: string, field: ResourceChange["fields"][number]): string {
  if (field.field.endsWith(".pause_status"))
    return field.after === "PAUSED"
      ? `${startBlock} is switched off`
      : `${startBlock} is switched on`;
  if (field.field === startBlock && field.kind === "added")
    return isPaused(field.after)
      ? `${startBlock} is added, paused`
      : `${startBlock} is added: the job will start automatically`;
  if (field.field === startBlock && field.kind === "removed")
    return `${startBlock} is removed: the job will no longer start automatically`;
  return `${field.path} ${JSON.stringify(field.before ?? null)} -> ${JSON.stringify(field.after ?? null)}`;
}

const isPaused = (block: unknown): boolean => JSON.stringify(block ?? null).includes('"PAUSED"');
