/**
 * Objects inside a container that a stack created, that are not in any state: secrets, access
 * entries, files, folders, schemas, volumes.
 */
import { traitsOf } from "../../resources";
import { isNotFound } from "../../api/transport/errors";
import { whoAmI } from "../../api/families/me";
import type { KindReader, Remote } from "../../resources/kind";
import { parentOf, str } from "../../resources/shape/json";
import { forEachAtOnce, type Access } from "../remote/shared-reads";
import type { Expected, FindReader } from "../desired/expected";
import type { NotChecked } from "../model";
import { withoutWorkspace, type Owned } from "../deployed/ownership";
import { plural } from "../plural";
import { treeItems } from "../remote/tree";
import type { UnmanagedFinder } from "./unmanaged";

export interface ContainerOptions {
  readonly finder: UnmanagedFinder;
  readonly owned: Owned;
  readonly expected: readonly Expected[];
  readonly findReader: FindReader;
  readonly concurrency: number;
}

/**
 * Lists each scope, folder, catalog, schema and volume of the stacks.
 * @returns the ones that could not be listed
 */
export async function checkContainers(
  api: Access,
  options: ContainerOptions,
): Promise<readonly NotChecked[]> {
  const containers = new Containers(api, options);
  const there = options.expected.filter(
    (resource) => resource.id !== undefined && resource.settled === undefined,
  );
  await forEachAtOnce(there, options.concurrency, (resource) => containers.look(resource));
  return containers.notChecked();
}

const folderType = "DIRECTORY";
/** The platform makes them with each catalog. */
const bornSchemas = new Set(["default", "information_schema"]);

class Containers {
  readonly #left: NotChecked[] = [];
  readonly #volumes: string[] = [];
  readonly #others = new Map<string, string[]>();

  constructor(
    private readonly api: Access,
    private readonly options: ContainerOptions,
  ) {}

  notChecked(): readonly NotChecked[] {
    const others = [...this.#others].map(([objectType, paths]) => ({
      what: `${objectType} in folders created by the stack`,
      reason: "lakeform does not support it",
      count: paths.length,
      examples: paths.slice(0, 3),
    }));
    if (this.#volumes.length === 0) return [...this.#left, ...others];
    const what = "other files in the volumes created by the stack";
    const reason =
      "assumed to be data: only folders with files of the stack are searched (--unmanaged all lists the others)";
    return [
      ...this.#left,
      ...others,
      { what, reason, count: this.#volumes.length, examples: this.#volumes.slice(0, 3) },
    ];
  }

  async look(resource: Expected): Promise<void> {
    const id = resource.id ?? "";
    const { treeType, contains = [] } = traitsOf(resource.type);
    if (treeType === folderType) return this.#folder(resource, id);
    for (const type of contains) await this.#contained(type, resource, id);
  }

  async #contained(type: string, resource: Expected, id: string): Promise<void> {
    const traits = traitsOf(type);
    if (traits.content !== undefined) return this.#files(type, resource, id);
    // The creator of the container gets a permission on it.
    if (traits.rights === true) {
      await this.#list(type, resource, id, (extra) => this.#creator(extra, resource));
      return this.#unmanageable(type, resource, id);
    }
    return this.#list(type, resource, id, async (extra) => {
      const born =
        traits.holds === "schema"
          ? extra.filter((remote) => bornSchemas.has(str(remote.attributes, "name").toLowerCase()))
          : [];
      // Created by the platform for us, so its content is in our catalog.
      if (born.some((remote) => isDefault(remote)))
        for (const inside of traits.contains ?? [])
          await this.#list(inside, resource, `${id}.default`);
      return born;
    });
  }

  /** @param excused objects that may exist although they are not in any state */
  async #list(
    type: string,
    owner: Expected,
    within: string,
    excused: (
      extra: readonly Remote[],
    ) => readonly Remote[] | Promise<readonly Remote[]> = () => [],
  ): Promise<void> {
    const reader = this.options.findReader(type);
    if (reader?.list === undefined) return;
    const found = reader.list(this.api, within);
    await this.#attempt(owner, plural(reader.title), async () => {
      const extra: Remote[] = [];
      for await (const remote of found)
        if (!this.options.owned.hasRemote(type, remote)) extra.push(remote);
      if (extra.length === 0) return;
      await this.options.owned.withOthers();
      const strange = extra.filter((remote) => !this.options.owned.hasRemote(type, remote));
      const allowed = await excused(strange);
      for (const remote of strange)
        if (!allowed.includes(remote)) this.#report(owner, reader, remote);
    });
  }

  /** Parent folders of our objects are ours too, even if another user created them. */
  async #folder(owner: Expected, folder: string): Promise<void> {
    await this.#attempt(owner, "objects", async () => {
      const strange = (items: Awaited<ReturnType<typeof treeItems>>): typeof items =>
        items.filter(
          ({ kind, remote }) => kind === undefined || !this.options.owned.hasRemote(kind, remote),
        );
      let items = strange(await treeItems(this.api, folder));
      if (items.length === 0) return;
      await this.options.owned.withOthers();
      items = strange(items);
      for (const { path, kind, objectType, remote } of items) {
        const reader = kind === undefined ? undefined : this.options.findReader(kind);
        if (reader === undefined)
          this.#others.set(objectType, [...(this.#others.get(objectType) ?? []), path]);
        else if (traitsOf(kind ?? "").treeType !== folderType) this.#report(owner, reader, remote);
        else if (this.options.owned.hasBelow(path)) await this.#folder(owner, path);
        else if (!this.#holdsRecords(owner, path)) this.#report(owner, reader, remote);
      }
    });
  }

  #holdsRecords({ target }: Expected, folder: string): boolean {
    return withoutWorkspace(`${target.metadata?.recordFolder ?? ""}/`).startsWith(
      `${withoutWorkspace(folder)}/`,
    );
  }

  /** A volume holds data, so only objects next to one of our files count. */
  async #files(type: string, owner: Expected, id: string): Promise<void> {
    this.#volumes.push(owner.path);
    const root = `/Volumes/${id.replaceAll(".", "/")}/`.toLowerCase();
    const ours = this.options.expected.flatMap((resource) =>
      resource.type === type && resource.id !== undefined ? [resource.id] : [],
    );
    const folders = new Set(
      ours.filter((path) => path.toLowerCase().startsWith(root)).map(parentOf),
    );
    for (const folder of folders) await this.#list(type, owner, folder);
  }

  #report(owner: Expected, reader: KindReader, remote: Remote): void {
    const reason = `is in ${owner.reader?.title ?? ""} ${owner.path}, which this stack manages, and is not in any state`;
    this.options.finder.report(owner.target, reader, remote, reason);
  }

  async #attempt(owner: Expected, subject: string, work: () => Promise<void>): Promise<void> {
    const title = `other objects in ${owner.reader?.title ?? owner.type} ${owner.id ?? ""} (${subject})`;
    if (this.api.gone !== undefined) {
      this.options.finder.fail(
        owner.target,
        title,
        `the workspace does not respond (${this.api.gone})`,
      );
      return;
    }
    try {
      await work();
    } catch (error) {
      // Deleted: it has its own entry, and there is nothing in it.
      if (!isNotFound(error)) this.options.finder.fail(owner.target, title, error);
    }
  }

  /**
   * The creator of a scope may manage it. If no principal may, that right was removed, and the code
   * does not show whose it was.
   */
  async #unmanageable(type: string, scope: Expected, id: string): Promise<void> {
    const reader = this.options.findReader(type);
    if (reader?.list === undefined) return;
    const found = reader.list(this.api, id);
    await this.#attempt(scope, plural(reader.title), async () => {
      for await (const { attributes } of found) if (attributes.permission === "MANAGE") return;
      this.#left.push({
        what: `who may manage secret scope ${scope.path}`,
        reason:
          "no principal has MANAGE: the right of the creator was removed, and no databricks_secret_acl sets it",
        count: 1,
        examples: [scope.path],
      });
    });
  }

  /**
   * The creator of a scope gets MANAGE on it. The creator may differ from the last deployer: a
   * single unknown principal is taken for the creator, and this is reported.
   */
  async #creator(extra: readonly Remote[], scope: Expected): Promise<readonly Remote[]> {
    const managers = extra.filter(({ attributes }) => attributes.permission === "MANAGE");
    const known = [scope.target.record?.deployedBy, (await whoAmI(this.api)).userName];
    const certain = managers.filter(({ attributes }) =>
      known.includes(str(attributes, "principal")),
    );
    if (certain.length > 0 || managers.length !== 1) return certain;
    this.#left.push({
      what: `MANAGE of ${str(managers[0]?.attributes ?? {}, "principal")} on secret scope ${scope.path}`,
      reason: "assumed to be the permission of the scope's creator: the creator is unknown",
      count: 1,
      examples: [scope.path],
    });
    return managers;
  }
}

const isDefault = ({ attributes }: Remote): boolean =>
  str(attributes, "name").toLowerCase() === "default";
