import type { Rename, ResourceChange } from "../model";
import { isList, isObject, object, text } from "../plan/json";
import type { PlanChange } from "../plan/plan";

/**
 * A destroy or create that may be part of a rename; with values only for objects without a name.
 */
export interface Candidate {
  readonly action: "create" | "delete";
  readonly address: string;
  readonly type: string;
  readonly name?: string;
  readonly values?: readonly string[];
}

export function candidate(plan: PlanChange, change: ResourceChange): Candidate {
  const action = change.action === "create" ? "create" : "delete";
  const attributes = action === "create" ? plan.after : plan.before;
  const name = naturalName(attributes);
  return {
    action,
    address: plan.address,
    type: plan.type,
    ...(name === undefined ? { values: leaves(attributes) } : { name }),
  };
}

/**
 * Finds constructs whose id changed: Terraform plans to destroy and create the same object.
 * Compares the objects' names or, for objects without a name, their values.
 */
export function findRenames(candidates: readonly Candidate[]): Rename[] {
  const free = new Set(candidates.filter(({ action }) => action === "create"));
  const out: Rename[] = [];
  for (const old of candidates
    .filter(({ action }) => action === "delete")
    .sort((a, b) => (a.address < b.address ? -1 : 1))) {
    const found = [...free].find(
      (made) =>
        made.type === old.type &&
        (old.name === undefined
          ? alike(old.values ?? [], made.values ?? [])
          : made.name === old.name),
    );
    if (found === undefined) continue;
    free.delete(found);
    out.push({
      type: old.type,
      from: old.address,
      to: found.address,
      because:
        old.name === undefined ? "nearly all of its fields are equal" : `both are ${old.name}`,
      moved: `moved {\n  from = ${old.address}\n  to   = ${found.address}\n}`,
    });
  }
  return out;
}

function naturalName(attributes: unknown): string | undefined {
  const of = object(attributes);
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
    const value = text(of[key]);
    return value === undefined || value === "" ? [] : [value];
  });
  return parts.length === 0 ? undefined : parts.join("/");
}

/**
 * Whether all values are equal, or at least 90% of them. Requires at least three values, because
 * two empty objects are not the same object.
 */
function alike(before: readonly string[], after: readonly string[]): boolean {
  const known = new Set(after);
  const old = before.filter((leaf) => !leaf.startsWith("id="));
  const common = old.filter((leaf) => known.has(leaf)).length;
  const all = Math.max(old.length, known.size);
  return common > 0 && (common === all || (common >= 3 && common / all >= 0.9));
}

function leaves(value: unknown, path = ""): string[] {
  if (isList(value)) return value.flatMap((inner) => leaves(inner, path));
  if (isObject(value))
    return Object.entries(value).flatMap(([key, inner]) => leaves(inner, `${path}.${key}`));
  return value === null || value === undefined ? [] : [`${path.slice(1)}=${JSON.stringify(value)}`];
}
