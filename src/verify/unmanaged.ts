/** Things in the workspace that look like ours and belong to no state. */
import { isNotFound } from "../api/errors";
import type { KindReader, Remote } from "../resources/kind";
import { str } from "../resources/wire";
import { messageOf } from "./access";
import type { Access } from "./access";
import { nameIn } from "./check";
import type { Expected, FindReader } from "./expected";
import { ownedKey } from "./expected";
import type { VerifyTarget } from "./input";
import type { IgnoreRules } from "./ignore";
import type { NotChecked, ReadFailure, UnmanagedObject } from "./model";
import { plural, type Shower } from "./show";
import type { DesiredObject } from "./values";
import { asList } from "./equal";
import { isDesiredObject, shallow } from "./values";

/** Kinds with tags: these carry the stamp, and are listed whole. */
export const stampedKinds = ["databricks_job", "databricks_cluster", "databricks_instance_pool", "databricks_sql_endpoint"] as const;
/** Kinds of which the workspace allows two of one name. */
const namedKinds = new Set<string>([...stampedKinds, "databricks_cluster_policy"]);

export interface UnmanagedContext {
  readonly host: string;
  readonly rules: IgnoreRules;
  readonly shower: Shower;
  readonly owned: ReadonlySet<string>;
  readonly targets: readonly VerifyTarget[];
  readonly scope: "ours" | "all";
}

/** Sees every object of the listed kinds go by. */
export class UnmanagedFinder {
  readonly found: UnmanagedObject[] = [];
  readonly failures: ReadFailure[] = [];
  readonly notChecked: NotChecked[] = [];
  readonly #names: ReadonlyMap<string, Expected>;
  readonly #stamps: ReadonlyMap<string, VerifyTarget>;
  readonly #seen = new Set<string>();

  constructor(
    private readonly on: UnmanagedContext,
    expected: readonly Expected[],
  ) {
    const names = new Map<string, Expected>();
    for (const one of expected) {
      const key = namedKinds.has(one.type) ? one.reader?.identity.naturalKey(shallow(one.state, one.desired)) : undefined;
      if (key !== undefined) names.set(ownedKey(one.type, key), one);
    }
    this.#names = names;
    this.#stamps = new Map(
      on.targets.flatMap((target) => (target.metadata === undefined ? [] : [[target.metadata.stamp, target] as const])),
    );
  }

  /** An object of a kind that is listed whole, and that no resource claims. */
  see(reader: KindReader, remote: Remote): void {
    if (this.on.owned.has(ownedKey(reader.type, remote.id))) return;
    const stamp = stampOf(remote.attributes);
    const stamped = stamp === undefined ? undefined : this.#stamps.get(stamp);
    const key = reader.identity.naturalKey(remote.attributes);
    const twin = key === undefined ? undefined : this.#names.get(ownedKey(reader.type, key));
    if (stamped !== undefined) this.report(stamped, reader, remote, `carries the stamp ${stamp ?? ""} and belongs to no state`);
    else if (twin !== undefined && twin.id !== remote.id && stamp === undefined) {
      const ours = twin.id === undefined ? "which is not deployed yet" : `which has the id ${twin.id}`;
      this.report(twin.target, reader, remote, `has the name of ${twin.path}, ${ours}, and belongs to no state`);
    } else if (this.on.scope === "all") this.report(undefined, reader, remote, "belongs to no state of the stacks that were verified");
  }

  report(target: VerifyTarget | undefined, reader: KindReader, remote: Remote, reason: string): void {
    const key = ownedKey(reader.type, remote.id);
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    const name = nameIn(reader.identity.naturalKey(remote.attributes) ?? `id:${remote.id}`);
    const link = reader.identity.link?.(this.on.host, remote.id, remote.attributes);
    const rule = this.on.rules.find({ path: name, kind: reader.type, fields: [] });
    this.found.push({
      status: rule === undefined ? "unmanaged" : "ignored",
      stack: target?.name ?? "",
      kind: reader.type,
      title: reader.title,
      name: this.on.shower.text(name),
      id: remote.id,
      ...(link === undefined ? {} : { link }),
      reason: this.on.shower.text(reason),
      removal: reader.removal(remote),
      ...(rule === undefined ? {} : { rule }),
    });
  }

  fail(target: VerifyTarget | undefined, what: string, error: unknown): void {
    this.failures.push({ stack: target?.name ?? "", what, reason: this.on.shower.text(messageOf(error)) });
  }

  /** Secrets and access entries in scopes that a stack made, objects in folders that a stack made. */
  async containers(api: Access, expected: readonly Expected[], findReader: FindReader): Promise<void> {
    for (const one of expected) {
      if (one.id === undefined || one.byName || api.gone !== undefined) continue;
      if (one.type === "databricks_secret_scope") {
        await this.#within(api, findReader("databricks_secret"), one, () => []);
        await this.#within(api, findReader("databricks_secret_acl"), one, (extra) => this.#creator(api, extra, one));
      }
      if (one.type === "databricks_directory") {
        for (const type of ["databricks_notebook", "databricks_workspace_file", "databricks_directory"]) {
          await this.#within(api, findReader(type), one, (extra) => extra.filter((remote) => onTheWay(remote, expected, one.target)));
        }
      }
    }
  }

  /** @param excused of what belongs to no state, what has a right to be there */
  async #within(
    api: Access,
    reader: KindReader | undefined,
    owner: Expected,
    excused: (extra: readonly Remote[]) => readonly Remote[] | Promise<readonly Remote[]>,
  ): Promise<void> {
    if (reader?.list === undefined || owner.id === undefined) return;
    try {
      const extra: Remote[] = [];
      for await (const remote of reader.list(api, owner.id)) {
        const owned = [remote.id, otherSpelling(remote.id)].some((id) => this.on.owned.has(ownedKey(reader.type, id)));
        if (!owned) extra.push(remote);
      }
      const allowed = extra.length === 0 ? [] : await excused(extra);
      const reason = `is in ${owner.reader?.title ?? ""} ${owner.path}, which this stack manages, and belongs to no state`;
      for (const remote of extra) if (!allowed.includes(remote)) this.report(owner.target, reader, remote, reason);
    } catch (error) {
      // Gone: its own line says so, and nothing else is in it.
      if (isNotFound(error)) return;
      this.fail(owner.target, `what else is in ${owner.reader?.title ?? owner.type} ${owner.id} (${plural(reader.title)})`, error);
    }
  }

  /** Whoever makes a scope gets MANAGE on it. That may have been somebody else than who deployed last: a single unknown one is taken for the creator, and said. */
  async #creator(api: Access, extra: readonly Remote[], scope: Expected): Promise<readonly Remote[]> {
    const managers = extra.filter(({ attributes }) => attributes.permission === "MANAGE");
    const known = [scope.target.record?.deployedBy, await caller(api)];
    const certain = managers.filter(({ attributes }) => known.includes(str(attributes, "principal")));
    if (certain.length > 0 || managers.length !== 1) return certain;
    this.notChecked.push({
      what: `MANAGE of ${str(managers[0]?.attributes ?? {}, "principal")} on secret scope ${scope.path}`,
      reason: "taken for the right that a scope's creator gets: nothing says who made the scope",
      count: 1,
      examples: [scope.path],
    });
    return managers;
  }
}

/** A folder that Terraform made on the way to one of our objects, or the folder of the deployment record. */
function onTheWay(remote: Remote, expected: readonly Expected[], target: VerifyTarget): boolean {
  const folder = `${withoutWorkspace(remote.id)}/`;
  const below = expected.some(({ id }) => id !== undefined && withoutWorkspace(id).startsWith(folder));
  return below || withoutWorkspace(`${target.metadata?.recordFolder ?? ""}/`).startsWith(folder);
}

async function caller(api: Access): Promise<string | undefined> {
  const me = await api.get("/api/2.0/preview/scim/v2/Me");
  const name = (me as { userName?: unknown } | null)?.userName;
  return typeof name === "string" ? name : undefined;
}

export function withoutWorkspace(path: string): string {
  return path.startsWith("/Workspace/") ? path.slice("/Workspace".length) : path;
}

/** `/Workspace/Shared/x` and `/Shared/x` are the same object. */
export function otherSpelling(id: string): string {
  return id.startsWith("/Workspace/") ? withoutWorkspace(id) : `/Workspace${id}`;
}

/** The tag `lakeform`, wherever the kind keeps its tags. */
export function stampOf(attributes: DesiredObject): string | undefined {
  for (const field of ["tags", "custom_tags"]) {
    for (const tags of asList(attributes[field])) {
      if (!isDesiredObject(tags)) continue;
      if (typeof tags.lakeform === "string") return tags.lakeform;
      for (const pair of asList(tags.custom_tags))
        if (isDesiredObject(pair) && pair.key === "lakeform" && typeof pair.value === "string") return pair.value;
    }
  }
  return undefined;
}
