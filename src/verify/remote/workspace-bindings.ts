/**
 * An isolated securable (a catalog, an external location, a credential) may be used by its own
 * workspace and by those that a `databricks_workspace_binding` names: any other binding is drift.
 * If a named binding differs, it is reported once, at the `databricks_workspace_binding`.
 */
import type { Remote } from "../../resources/kind";
import { isIsolated, readWrite } from "../../resources/families/workspace-bindings";
import { ownedKey, type Owned } from "../deployed/ownership";
import type { Expected } from "../desired/expected";
import { Unresolved, type Desired, type DesiredObject } from "../expressions/values";

const field = "workspace_bindings";
const subject = "workspace bindings";

/** The bindings of a securable in the code, and as deployed. */
export interface Declared {
  readonly desired: readonly DesiredObject[];
  readonly deployed: readonly DesiredObject[];
}

/** Objects by type and name: `catalog|main`. */
export type DeclaredBindings = ReadonlyMap<string, Declared>;

/** Collects the bindings in the code and as deployed, by securable. */
export function declaredBindings(expected: readonly Expected[]): DeclaredBindings {
  const bindings = new Map<string, { desired: DesiredObject[]; deployed: DesiredObject[] }>();
  for (const resource of expected) {
    if (resource.type !== "databricks_workspace_binding") continue;
    for (const side of ["desired", "deployed"] as const) {
      const binding = bindingOf({ ...resource[side] }, resource.state);
      if (resource[side] === undefined || binding === undefined) continue;
      const lists = bindings.get(binding.key) ?? { desired: [], deployed: [] };
      lists[side].push(binding.block);
      bindings.set(binding.key, lists);
    }
  }
  return bindings;
}

const keyOf = (type: string, name: string): string =>
  `${type.replaceAll("-", "_")}|${name}`.toLowerCase();

function bindingOf(
  side: DesiredObject,
  state: DesiredObject = {},
): { key: string; block: DesiredObject } | undefined {
  const valueOf = (name: string): Desired | undefined =>
    side[name] === undefined || side[name] instanceof Unresolved
      ? (state[name] ?? side[name])
      : side[name];
  const [name, type] = [
    valueOf("securable_name") ?? valueOf("catalog_name"),
    valueOf("securable_type") ?? "catalog",
  ];
  if (typeof name !== "string" || typeof type !== "string") return undefined;
  const workspace = valueOf("workspace_id");
  const block = {
    workspace_id:
      typeof workspace === "number" || typeof workspace === "string"
        ? String(workspace)
        : (workspace ?? null),
    binding_type: valueOf("binding_type") ?? readWrite,
  };
  return { key: keyOf(type, name), block };
}

export interface WithBindings {
  readonly expected: Expected;
  readonly remote: Remote;
  /** Fields that were not compared, with the reason. */
  readonly excludedFields: ReadonlyMap<string, string>;
}

/**
 * Adds the field `workspace_bindings` to both sides of a securable, to be compared like other
 * fields.
 */
export async function withBindings(
  resource: Expected,
  remote: Remote,
  declaredBindings: DeclaredBindings,
  owned: Owned,
): Promise<WithBindings> {
  const { bindings } = remote;
  const unchanged = (excludedFields: Record<string, string> = {}): WithBindings => ({
    expected: resource,
    remote,
    excludedFields: new Map(Object.entries(excludedFields)),
  });
  if (bindings === undefined || resource.desired === undefined) return unchanged();
  if ("unread" in bindings) return unchanged({ [subject]: bindings.unread });
  if (!isIsolated(resource.desired.isolation_mode))
    return unchanged(
      bindings.found.length === 0
        ? {}
        : {
            [subject]:
              "the workspace has bindings, but they have no effect because the code does not isolate the object (isolation_mode)",
          },
    );
  const { type } = bindings;
  const declared = declaredBindings.get(keyOf(type, remote.id));
  const ownBinding = { workspace_id: bindings.workspace, binding_type: readWrite };
  const expectedIds = new Set(
    [...(declared?.desired ?? []), ...(declared?.deployed ?? [])].map(
      ({ workspace_id }) => workspace_id,
    ),
  );
  const undeclared = bindings.found.filter(
    ({ workspace_id }) =>
      workspace_id !== ownBinding.workspace_id && !expectedIds.has(workspace_id),
  );
  if (undeclared.length > 0) await owned.addOtherStacks();
  for (const { workspace_id } of undeclared)
    if (owned.has(ownedKey("databricks_workspace_binding", `${workspace_id}|${type}|${remote.id}`)))
      expectedIds.add(workspace_id);
  const expectedOf = (side: readonly DesiredObject[] = []): Desired[] => [
    ...(expectedIds.has(ownBinding.workspace_id) ? [] : [ownBinding]),
    ...bindings.found
      .filter(({ workspace_id }) => expectedIds.has(workspace_id))
      .map((binding) => ({ ...binding })),
    // A binding with an unresolved workspace stays unresolved in the comparison.
    ...side.filter(({ workspace_id }) => workspace_id instanceof Unresolved),
  ];
  const deployedFields: DesiredObject = isIsolated(resource.deployed?.isolation_mode)
    ? { [field]: expectedOf(declared?.deployed) }
    : {};
  return {
    expected: {
      ...resource,
      desired: { ...resource.desired, [field]: expectedOf(declared?.desired) },
      deployed: resource.deployed && { ...resource.deployed, ...deployedFields },
      state: resource.state && { ...resource.state, ...deployedFields },
    },
    remote: {
      ...remote,
      attributes: {
        ...remote.attributes,
        [field]: bindings.found.map((binding) => ({ ...binding })),
      },
    },
    excludedFields: new Map(),
  };
}
