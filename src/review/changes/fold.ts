import type { ChangeGroup, FieldChange, ResourceChange } from "../model";
import { canonical, sha256 } from "../plan/json";

/** Most dangerous first: what must not be missed is at the top, and survives when a comment is too long. */
const order: Readonly<Record<ResourceChange["action"], number>> = {
  delete: 0,
  replace: 1,
  forget: 2,
  update: 3,
  create: 4,
  import: 5,
  move: 6,
  read: 7,
};

/** Deterministic: by danger, then construct path, then address. */
export function sortChanges(changes: readonly ResourceChange[]): ResourceChange[] {
  return [...changes].sort((a, b) => order[a.action] - order[b.action] || compare(a.path, b.path) || compare(a.address, b.address));
}

/** Folds changes that are the same in everything but the object's own name. @param changes sorted */
export function fold(changes: readonly ResourceChange[]): ChangeGroup[] {
  const groups = new Map<string, { action: ResourceChange["action"]; type: string; members: number[] }>();
  changes.forEach((change, index) => {
    const signature = sha256(
      canonical([change.action, change.type, change.reason, change.forcedBy, change.fields.map((field) => nameless(field, change))]),
    );
    const group = groups.get(signature);
    // A destroy tells only its name, and each name matters: never folded.
    if (group === undefined || change.action === "delete")
      groups.set(group === undefined ? signature : `${signature}${index}`, { action: change.action, type: change.type, members: [index] });
    else group.members.push(index);
  });
  return [...groups.values()];
}

const names = new Set(["name", "cluster_name", "instance_pool_name", "path", "key"]);
function nameless(field: FieldChange, change: ResourceChange): unknown {
  const { path, kind, before, after } = field;
  return change.action === "create" && names.has(path) && after === change.title ? [path, kind] : [path, kind, before, after];
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
