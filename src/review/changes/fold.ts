import type { ChangeGroup, FieldChange, ResourceChange } from "../model";
import { canonical, sha256 } from "../plan/json";

/** Ranks actions by danger: a shortened comment must still contain the most dangerous ones. */
const dangerRanks: Readonly<Record<ResourceChange["action"], number>> = {
  delete: 0,
  replace: 1,
  forget: 2,
  update: 3,
  create: 4,
  import: 5,
  move: 6,
  read: 7,
};

/** Sorts changes by danger, then construct path, then address. */
export function sortChanges(changes: readonly ResourceChange[]): ResourceChange[] {
  return [...changes].sort(
    (a, b) =>
      dangerRanks[a.action] - dangerRanks[b.action] ||
      compare(a.path, b.path) ||
      compare(a.address, b.address),
  );
}

/**
 * Groups equal changes to different objects. The names of created objects may differ.
 * @param changes must be sorted
 */
export function groupChanges(changes: readonly ResourceChange[]): ChangeGroup[] {
  const groups = new Map<string, number[]>();
  changes.forEach((change, index) => {
    const { action, type, reason, forcedBy, computed, imported, movedFrom } = change;
    const fields = change.fields.map((field) =>
      isOwnName(field, change) ? [field.path, field.kind] : field,
    );
    const signature = sha256(
      canonical([action, type, reason, forcedBy, computed, imported, movedFrom, fields]),
    );
    const members = groups.get(signature);
    // Deletes and moves are never grouped, because the reviewer must see each of them. The
    // signature of a move is unique.
    if (members === undefined || action === "delete")
      groups.set(members === undefined ? signature : `${signature}${index}`, [index]);
    else members.push(index);
  });
  return [...groups.values()].flatMap((members): ChangeGroup[] => {
    const first = changes[members[0] ?? 0];
    if (first === undefined) return [];
    const differing = first.fields
      .filter(({ path }) => valuesOf(changes, members, path).size > 1)
      .map(({ path }) => path);
    return [
      {
        action: first.action,
        type: first.type,
        members,
        ...(differing.length > 0 && { differing }),
      },
    ];
  });
}

/** Returns the distinct values of a field in a group of changes. */
export function valuesOf(
  changes: readonly ResourceChange[],
  members: readonly number[],
  path: string,
): ReadonlySet<string> {
  return new Set(
    members.map((index) =>
      canonical(changes[index]?.fields.find((field) => field.path === path)?.after ?? null),
    ),
  );
}

const nameFields = new Set(["name", "cluster_name", "instance_pool_name", "path", "key"]);
const isOwnName = ({ path, after }: FieldChange, change: ResourceChange): boolean =>
  change.action === "create" && nameFields.has(path) && after === change.title;

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
