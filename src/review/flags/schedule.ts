import { traitsOf } from "../../resources";
import type { Flag, ResourceChange } from "../model";

/**
 * Changes to when a resource runs automatically. This includes new resources, because a new
 * scheduled job causes costs.
 */
export function scheduleChanges(change: ResourceChange): Flag["items"][number][] {
  const { starters } = traitsOf(change.type);
  if (starters === undefined) return [];
  return change.fields.flatMap((field) => {
    const starter = starters.find(
      (name) => field.field === name || field.field.startsWith(`${name}.`),
    );
    if (starter === undefined) return [];
    return [{ path: change.path, address: change.address, text: describeChange(starter, field) }];
  });
}

function describeChange(starter: string, field: ResourceChange["fields"][number]): string {
  if (field.field.endsWith(".pause_status"))
    return field.after === "PAUSED" ? `${starter} is switched off` : `${starter} is switched on`;
  if (field.field === starter && field.kind === "added")
    return isPaused(field.after)
      ? `${starter} is added, paused`
      : `${starter} is added: the job will start automatically`;
  if (field.field === starter && field.kind === "removed")
    return `${starter} is removed: the job will no longer start automatically`;
  return `${field.path} ${JSON.stringify(field.before ?? null)} -> ${JSON.stringify(field.after ?? null)}`;
}

const isPaused = (block: unknown): boolean => JSON.stringify(block ?? null).includes('"PAUSED"');
