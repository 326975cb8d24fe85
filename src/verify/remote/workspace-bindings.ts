/**
 * An isolated catalog may be used by its own workspace and by those that a `databricks_workspace_binding` names: any other binding is
 * drift.
 */
import type { Remote } from "../../resources/kind";
import { readWrite } from "../../resources/families/workspace-bindings";
import { ownedKey, type Owned } from "../deployed/ownership";
import type { Expected } from "../desired/expected";
import { Unresolved, type Desired, type DesiredObject } from "../expressions/values";

const field = "workspace_bindings";
const why = "workspace bindings";

/** What the code says of the bindings of a catalog, and what was deployed of it. */
export interface Declared {
  readonly desired: readonly DesiredObject[];
  readonly deployed: readonly DesiredObject[];
}

/** By the catalog's name in lower case. */
export type DeclaredBindings = ReadonlyMap<string, Declared>;

export function declaredBindings(expected: readonly Expected[]): DeclaredBindings {
  const found = new Map<string, { desired: DesiredObject[]; deployed: DesiredObject[] }>();
  for (const one of expected) {
    if (one.type !== "databricks_workspace_binding") continue;
    for (const side of ["desired", "deployed"] as const) {
      const binding = bindingOf({ ...one[side] }, one.state);
      if (one[side] === undefined || binding === undefined) continue;
      const lists = found.get(binding.catalog) ?? { desired: [], deployed: [] };
      lists[side].push(binding.block);
      found.set(binding.catalog, lists);
    }
  }
  return found;
}

function bindingOf(side: DesiredObject, state: DesiredObject = {}): { catalog: string; block: DesiredObject } | undefined {
  const known = (name: string): Desired | undefined =>
    side[name] === undefined || side[name] instanceof Unresolved ? (state[name] ?? side[name]) : side[name];
  const [catalog, type] = [known("securable_name") ?? known("catalog_name"), known("securable_type") ?? "catalog"];
  if (typeof catalog !== "string" || type !== "catalog") return undefined;
  const workspace = known("workspace_id");
  const block = {
    workspace_id: typeof workspace === "number" || typeof workspace === "string" ? String(workspace) : (workspace ?? null),
    binding_type: known("binding_type") ?? readWrite,
  };
  return { catalog: catalog.toLowerCase(), block };
}

export interface WithBindings {
  readonly expected: Expected;
  readonly remote: Remote;
  /** What was not compared, with the reason. */
  readonly leftOut: ReadonlyMap<string, string>;
}

/** Both sides of a catalog with the field `workspace_bindings`, which is compared as any other. */
export async function withBindings(one: Expected, remote: Remote, declared: DeclaredBindings, owned: Owned): Promise<WithBindings> {
  const { bindings } = remote;
  const none = (leftOut: Record<string, string> = {}): WithBindings => ({
    expected: one,
    remote,
    leftOut: new Map(Object.entries(leftOut)),
  });
  if (bindings === undefined || one.desired === undefined) return none();
  if ("unread" in bindings) return none({ [why]: bindings.unread });
  if (one.desired.isolation_mode !== "ISOLATED")
    return none(
      bindings.found.length === 0
        ? {}
        : { [why]: "there are some, and the code does not say isolation_mode = ISOLATED, without which they have no effect" },
    );
  const { desired: now = [], deployed: then = [] } = declared.get(remote.id.toLowerCase()) ?? {};
  const own = { workspace_id: bindings.workspace, binding_type: readWrite };
  const and = (blocks: readonly DesiredObject[]): Desired[] =>
    blocks.some(({ workspace_id }) => workspace_id === own.workspace_id) ? [...blocks] : [own, ...blocks];
  const named = new Set([own.workspace_id, ...now.map(({ workspace_id }) => workspace_id)]);
  const strange = bindings.found.filter(({ workspace_id }) => !named.has(workspace_id));
  if (strange.length > 0) await owned.withOthers();
  const ofOthers = strange
    .filter(({ workspace_id }) => owned.has(ownedKey("databricks_workspace_binding", `${workspace_id}|catalog|${remote.id}`)))
    .map((binding): DesiredObject => ({ ...binding }));
  const before: DesiredObject = one.deployed?.isolation_mode === "ISOLATED" ? { [field]: and([...then, ...ofOthers]) } : {};
  return {
    expected: {
      ...one,
      desired: { ...one.desired, [field]: and([...now, ...ofOthers]) },
      deployed: one.deployed && { ...one.deployed, ...before },
      state: one.state && { ...one.state, ...before },
    },
    remote: { ...remote, attributes: { ...remote.attributes, [field]: bindings.found.map((binding) => ({ ...binding })) } },
    leftOut: new Map(),
  };
}
