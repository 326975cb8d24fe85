import type { Rename, ResourceChange } from "../model";
import { isList, isObject, object, text } from "../plan/json";
import type { PlanChange } from "../plan/plan";

/**
 * An object that is deleted or created, which may be one half of a rename. Has values only if it
 * has no name.
 */
export interface Candidate {
  readonly action: "create" | "delete";
  readonly address: string;
  readonly type: string;
  readonly name?: string;
  readonly values?: readonly string[];
}

export function toRenameCandidate(entry: PlanChange, change: ResourceChange): Candidate {
  const action = change.action === "create" ? "create" : "delete";
  const attributes = action === "create" ? entry.after : entry.before;
  const name = naturalName(attributes);
  return {
    action,
    address: entry.address,
    type: entry.type,
    ...(name === undefined ? { values: leaves(attributes) } : { name }),
  };
}

/**
 * Finds constructs whose id changed: Terraform plans to destroy and create the same object.
 * Compares the objects' names or, for objects without a name, their values.
 */
export function findRenames(candidates: readonly Candidate[]): Rename[] {
  const unmatched = new Set(candidates.filter(({ action }) => action === "create"));
  const renames: Rename[] = [];
  for (const destroyed of candidates
    .filter(({ action }) => action === "delete")
    .sort((a, b) => (a.address < b.address ? -1 : 1))) {
    const created = [...unmatched].find(
      (created) =>
        created.type === destroyed.type &&
        (destroyed.name === undefined
          ? areAlike(destroyed.values ?? [], created.values ?? [])
          : created.name === destroyed.name),
    );
    if (created === undefined) continue;
    unmatched.delete(created);
    renames.push({
      type: destroyed.type,
      from: destroyed.address,
      to: created.address,
      because:
        destroyed.name === undefined
          ? "nearly all of its fields are equal"
          : `both are ${destroyed.name}`,
      moved: `moved {\n  from = ${destroyed.address}\n  to   = ${created.address}\n}`,
    });
  }
  return renames;
}

function naturalName(attributes: unknown): string | undefined {
  const values = object(attributes);
  const parts = [
    "catalog_name",
    "schema_name",
    "scope",
    "name",
    "cluster_name",
    "instance_pool_name",
    "path",
    "key",
    "principal",
  ].flatMap((key) => {
    const value = text(values[key]);
    return value === undefined || value === "" ? [] : [value];
  });
  return parts.length === 0 ? undefined : parts.join("/");
}

/**
 * True if all values except `id` are equal, or at least three values, which are 90% of all. Two
 * objects without values are not alike.
 */
function areAlike(before: readonly string[], after: readonly string[]): boolean {
  const newLeaves = new Set(after);
  const previousLeaves = before.filter((leaf) => !leaf.startsWith("id="));
  const common = previousLeaves.filter((leaf) => newLeaves.has(leaf)).length;
  const total = Math.max(previousLeaves.length, newLeaves.size);
  return common > 0 && (common === total || (common >= 3 && common / total >= 0.9));
}

function leaves(value: unknown, path = ""): string[] {
  if (isList(value)) return value.flatMap((inner) => leaves(inner, path));
  if (isObject(value))
    return Object.entries(value).flatMap(([key, inner]) => leaves(inner, `${path}.${key}`));
  return value === null || value === undefined ? [] : [`${path.slice(1)}=${JSON.stringify(value)}`];
}
