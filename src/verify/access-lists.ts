/** Access lists of objects that no databricks_permissions resource describes: what was granted on them by hand. */
import { isNotFound } from "../api/errors";
import { permissionObjects } from "../resources/permission-objects";
import { directEntries } from "../resources/permissions";
import { apiCommand, blocks, number, object, workspacePath } from "../resources/wire";
import { forEachAtOnce, type Access } from "./access";
import { notAskedReason } from "./compare";
import type { Expected } from "./expected";
import type { IgnoreRules } from "./ignore";
import type { NotChecked, Status, UnmanagedObject } from "./model";
import type { Shower } from "./show";
import { plain, shallow } from "./values";

/** Kinds with an access list of their own: the word of REST, and whether the id is a path, of which REST wants the number. */
const listed: Readonly<Record<string, { readonly request: string; readonly byPath?: true }>> = {
  databricks_job: { request: "jobs" },
  databricks_cluster: { request: "clusters" },
  databricks_cluster_policy: { request: "cluster-policies" },
  databricks_instance_pool: { request: "instance-pools" },
  databricks_sql_endpoint: { request: "sql/warehouses" },
  databricks_notebook: { request: "notebooks", byPath: true },
  databricks_directory: { request: "directories", byPath: true },
  databricks_workspace_file: { request: "files", byPath: true },
  databricks_repo: { request: "repos" },
};

/** Their grants are asked for only where the code has grants for them. */
const securables: Readonly<Record<string, string>> = {
  databricks_catalog: "catalog",
  databricks_schema: "schema",
  databricks_volume: "volume",
  databricks_metastore: "metastore",
};

type Entry = Readonly<Record<string, string>>;

export interface AccessListOptions {
  readonly rules: IgnoreRules;
  readonly shower: Shower;
  /** State ids as `type\0id`: a databricks_permissions resource of the stack compares its list itself. */
  readonly owned: ReadonlySet<string>;
  readonly scope: "ours" | "all" | "none";
  readonly deep: boolean;
  readonly concurrency: number;
  readonly statusOf: (one: Expected) => Status | undefined;
  readonly fail: (one: Expected, what: string, error: unknown) => void;
}

export interface AccessListFindings {
  readonly found: readonly UnmanagedObject[];
  readonly notChecked: readonly NotChecked[];
}

/** One call an object, two where the id is a path: only with `deep`. What is not asked is told. */
export async function accessLists(api: Access, expected: readonly Expected[], on: AccessListOptions): Promise<AccessListFindings> {
  const lists = new AccessLists(api, expected, on);
  const there = expected.filter((one) => one.id !== undefined && isThere(on.statusOf(one)));
  const withList = there.filter((one) => listed[one.type] !== undefined && !lists.isCompared(one));
  const grants = there.filter((one) => securables[one.type] !== undefined && !lists.hasGrants(one));
  const silent = [...counted(grants, "grants on", "asked only where the code has a databricks_grants for the object")];
  if (!on.deep) return { found: [], notChecked: [...counted(withList, "access list of", notAskedReason), ...silent] };
  if (on.scope === "none")
    return { found: [], notChecked: [...counted(withList, "access list of", "not asked: --unmanaged none"), ...silent] };
  await forEachAtOnce(withList, on.concurrency, (one) => lists.look(one));
  return { found: lists.found, notChecked: [...lists.notChecked, ...silent] };
}

/** What is gone has no list, and what could not be read is an error already. */
function isThere(status: Status | undefined): boolean {
  return status !== "missing" && status !== "error";
}

function counted(items: readonly Expected[], words: string, reason: string): readonly NotChecked[] {
  return [...new Set(items.map(({ type }) => type))].map((type) => {
    const addresses = items.filter((one) => one.type === type).map(({ address }) => address);
    return { what: `${words} ${type}`, reason, count: addresses.length, examples: addresses.slice(0, 3) };
  });
}

class AccessLists {
  readonly found: UnmanagedObject[] = [];
  readonly notChecked: NotChecked[] = [];
  /** Entries of databricks_permissions resources that are not deployed yet, by object. */
  readonly #coming = new Map<string, readonly Entry[]>();
  readonly #granted = new Set<string>();
  readonly #compared = new Set<string>();

  constructor(
    private readonly api: Access,
    expected: readonly Expected[],
    private readonly on: AccessListOptions,
  ) {
    for (const one of expected) {
      if (one.type === "databricks_grants" || one.type === "databricks_grant") this.#granted.add((one.id ?? "").toLowerCase());
      if (one.type !== "databricks_permissions") continue;
      const attributes = shallow(one.state, one.desired);
      for (const { request, field, pathField } of permissionObjects) {
        const [id, path] = [attributes[field], pathField === undefined ? undefined : attributes[pathField]];
        const key = typeof path === "string" && path !== "" ? `path:${workspacePath(path)}` : typeof id === "string" && id !== "" ? `/${request}/${id}` : undefined; // prettier-ignore
        if (key === undefined) continue;
        if (one.id !== undefined) this.#compared.add(key);
        else this.#coming.set(key, one.desired === undefined ? [] : (blocks(plain(one.desired), "access_control") as readonly Entry[]));
      }
    }
  }

  /** A deployed databricks_permissions says what the whole list is to be. */
  isCompared(one: Expected): boolean {
    return this.#keys(one).some((key) => this.#compared.has(key) || this.on.owned.has(`databricks_permissions\0${key}`));
  }

  hasGrants(one: Expected): boolean {
    const name = `${securables[one.type] ?? ""}/${one.id ?? ""}`.toLowerCase();
    return [...this.#granted].some((id) => id === name || id.startsWith(`${name}/`));
  }

  /** What the object can be called in a databricks_permissions. */
  #keys(one: Expected): readonly string[] {
    const { request, byPath } = listed[one.type] ?? { request: "" };
    if (byPath !== true) return [`/${request}/${one.id ?? ""}`];
    const number = one.state?.object_id;
    return [`path:${workspacePath(one.id ?? "")}`, ...(typeof number === "number" ? [`/${request}/${number}`] : [])];
  }

  async look(one: Expected): Promise<void> {
    const { path, title } = { path: one.path, title: one.reader?.title ?? one.type };
    if (this.api.gone !== undefined) {
      this.on.fail(one, `the access list of ${title} ${path}`, `the workspace does not answer (${this.api.gone})`);
      return;
    }
    try {
      const id = await this.#restId(one);
      if (id === undefined) return;
      const direct = directEntries(object(await this.api.get(`/api/2.0/permissions${id}`)));
      const told = this.#keys(one).flatMap((key) => this.#coming.get(key) ?? []);
      const extra = direct.filter((entry) => entry.permission_level !== "IS_OWNER" && !told.some((other) => isSame(entry, other)));
      const excused = await this.#creator(one, extra, direct);
      this.#report(
        one,
        id,
        direct,
        extra.filter((entry) => !excused.includes(entry)),
      );
    } catch (error) {
      this.on.fail(one, `the access list of ${title} ${path}`, error);
    }
  }

  /** Undefined: gone since it was read. A file that was made anew has another number than the state says. */
  async #restId(one: Expected): Promise<string | undefined> {
    const { request, byPath } = listed[one.type] ?? { request: "" };
    if (byPath !== true) return `/${request}/${one.id ?? ""}`;
    try {
      const status = object(await this.api.get("/api/2.0/workspace/get-status", { query: { path: one.id ?? "" } }));
      return `/${request}/${number(status.object_id) ?? ""}`;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /**
   * Where there is no owner, whoever makes an object gets its highest level. That may have been somebody else than who deployed last: a single unknown one
   * is taken for the creator, and said.
   */
  async #creator(one: Expected, extra: readonly Entry[], direct: readonly Entry[]): Promise<readonly Entry[]> {
    if (direct.some(({ permission_level }) => permission_level === "IS_OWNER")) return [];
    const makers = extra.filter((entry) => entry.permission_level === "CAN_MANAGE" && entry.group_name === undefined);
    if (makers.length === 0) return [];
    const me = object(await this.api.get("/api/2.0/preview/scim/v2/Me")).userName;
    const certain = makers.filter((entry) => [one.target.record?.deployedBy, me].includes(principalOf(entry)));
    const [maker] = makers;
    if (certain.length > 0 || makers.length > 1 || maker === undefined) return certain;
    this.notChecked.push({
      what: `CAN_MANAGE of ${this.on.shower.text(principalOf(maker))} on ${one.reader?.title ?? one.type} ${one.path}`,
      reason: "taken for the right that an object's creator gets: nothing says who made it",
      count: 1,
      examples: [one.address],
    });
    return makers;
  }

  #report(one: Expected, id: string, direct: readonly Entry[], extra: readonly Entry[]): void {
    const judged = extra.map((entry) => ({
      entry,
      rule: this.on.rules.find({
        path: one.path,
        kind: "databricks_permissions",
        fields: [`access_control[${principalOf(entry)}]`, "access_control"],
      }),
    }));
    const going = judged.filter(({ rule }) => rule === undefined).map(({ entry }) => entry);
    // REST replaces the whole list: the command names what stays, so that it does not matter which of several commands is run.
    const stays = direct.filter((entry) => !going.includes(entry));
    for (const { entry, rule } of judged) {
      const who = principalOf(entry);
      this.found.push({
        status: rule === undefined ? "unmanaged" : "ignored",
        stack: one.target.name,
        kind: "databricks_permissions",
        title: "grant",
        name: this.on.shower.text(`${one.path}: ${who} ${entry.permission_level ?? ""}`),
        id,
        reason: this.on.shower.text(
          `granted to ${who} on ${one.reader?.title ?? one.type} ${one.path}, and no databricks_permissions says so`,
        ),
        removal: this.on.shower.text(apiCommand("PUT", `/api/2.0/permissions${id}`, { access_control_list: stays })),
        ...(rule === undefined ? {} : { rule }),
      });
    }
  }
}

function principalOf(entry: Entry): string {
  return entry.user_name ?? entry.group_name ?? entry.service_principal_name ?? "";
}

function isSame(a: Entry, b: Entry): boolean {
  return principalOf(a) === principalOf(b) && a.permission_level === b.permission_level;
}
