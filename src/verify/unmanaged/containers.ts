/**
 * Finds unmanaged objects inside the containers that a stack created: secrets, access entries,
 * files, folders, schemas, volumes.
 */
import { traitsOf } from "../../resources";
import { isNotFound } from "../../api/transport/errors";
import { whoAmI } from "../../api/families/me";
import type { KindReader, Remote } from "../../resources/kind";
import { textOrEmpty } from "../../resources/shape/attributes";
import { parentOf } from "../../resources/shape/paths";
import { notReadReason } from "../compare/comparison";
import { maxReadIndividually } from "../remote/whole-lists";
import { forEachConcurrently, type Access } from "../remote/shared-reads";
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
  /** List containers without objects of the stacks even if there are many of them. */
  readonly deep: boolean;
}

/**
 * Lists each scope, folder, catalog, schema and volume of the stacks.
 * @returns what was not checked, with the reason
 */
export async function checkContainers(
  api: Access,
  options: ContainerOptions,
): Promise<readonly NotChecked[]> {
  const containers = new Containers(api, options);
  const existing = options.expected.filter(
    (resource) => resource.id !== undefined && resource.settled === undefined,
  );
  const searchedContainers = containers.selectSearched(existing);
  await forEachConcurrently(searchedContainers, options.concurrency, (resource) =>
    containers.checkContainer(resource),
  );
  return containers.notChecked();
}

const folderType = "DIRECTORY";
/** The schemas that the platform creates with each catalog. */
const builtInSchemas = new Set(["default", "information_schema"]);

class Containers {
  readonly #notChecked: NotChecked[] = [];
  readonly #volumes: string[] = [];
  readonly #unsupportedPaths = new Map<string, string[]>();
  /** Containers that were not listed. */
  readonly #skipped: NotChecked[] = [];

  constructor(
    private readonly api: Access,
    private readonly options: ContainerOptions,
  ) {}

  notChecked(): readonly NotChecked[] {
    const unsupported = [...this.#unsupportedPaths].map(([objectType, paths]) => ({
      what: `${objectType} in folders created by the stack`,
      reason: "lakeform does not support it",
      count: paths.length,
      examples: paths.slice(0, 3),
    }));
    const notChecked = [...this.#notChecked, ...unsupported, ...this.#skipped];
    if (this.#volumes.length === 0) return notChecked;
    const what = "other files in the volumes created by the stack";
    const reason =
      "assumed to be data: only folders with files of the stack are searched (--unmanaged all lists the others)";
    return [
      ...notChecked,
      { what, reason, count: this.#volumes.length, examples: this.#volumes.slice(0, 3) },
    ];
  }

  /**
   * Selects the containers to search. If the stack has objects in a container, its list is usually
   * read for them anyway. If many containers of a type have no such object, they are searched only
   * with `deep`.
   */
  selectSearched(resources: readonly Expected[]): readonly Expected[] {
    const emptyByType = new Map<string, Expected[]>();
    if (!this.options.deep)
      for (const resource of resources)
        if (this.#isEmpty(resource))
          emptyByType.set(resource.type, [...(emptyByType.get(resource.type) ?? []), resource]);
    const skipped = new Set<Expected>();
    for (const emptyContainers of emptyByType.values()) {
      if (emptyContainers.length <= maxReadIndividually) continue;
      for (const resource of emptyContainers) skipped.add(resource);
      const paths = emptyContainers.map(({ path }) => path);
      this.#skipped.push({
        what: `other objects in each ${emptyContainers[0]?.reader?.title ?? ""} in which the stack has none`,
        reason: notReadReason,
        count: emptyContainers.length,
        examples: paths.sort().slice(0, 3),
      });
    }
    return resources.filter((resource) => !skipped.has(resource));
  }

  /** True for a container without objects of the stacks. A volume never counts as empty. */
  #isEmpty({ type, id = "" }: Expected): boolean {
    const { owned } = this.options;
    const { treeType, contains = [] } = traitsOf(type);
    if (treeType === folderType) return !owned.hasBelow(id);
    return (
      contains.length > 0 &&
      contains.every(
        (containedType) =>
          traitsOf(containedType).content === undefined && !owned.hasWithin(containedType, id),
      )
    );
  }

  async checkContainer(resource: Expected): Promise<void> {
    const id = resource.id ?? "";
    const { treeType, contains = [] } = traitsOf(resource.type);
    if (treeType === folderType) return this.#checkFolder(resource, id);
    for (const type of contains) await this.#checkContained(type, resource, id);
  }

  async #checkContained(type: string, resource: Expected, id: string): Promise<void> {
    const traits = traitsOf(type);
    if (traits.content !== undefined) return this.#checkFiles(type, resource, id);
    // The creator of the container gets a permission on it.
    if (traits.grantsPermissions === true) {
      await this.#checkList(type, resource, id, (extra) =>
        this.#creatorPermissions(extra, resource),
      );
      return this.#reportMissingManager(type, resource, id);
    }
    return this.#checkList(type, resource, id, async (extra) => {
      const builtIn =
        traits.lostOnDestroy === "schema"
          ? extra.filter((remote) =>
              builtInSchemas.has(textOrEmpty(remote.attributes, "name").toLowerCase()),
            )
          : [];
      // The platform creates the schema `default` in the stack's catalog: search it, too.
      if (builtIn.some((remote) => isDefault(remote)))
        for (const containedType of traits.contains ?? [])
          await this.#checkList(containedType, resource, `${id}.default`);
      return builtIn;
    });
  }

  /** @param findAllowed objects that may exist although they are not in any state */
  async #checkList(
    type: string,
    owner: Expected,
    containerId: string,
    findAllowed: (
      extra: readonly Remote[],
    ) => readonly Remote[] | Promise<readonly Remote[]> = () => [],
  ): Promise<void> {
    const reader = this.options.findReader(type);
    if (reader?.list === undefined) return;
    const objects = reader.list(this.api, containerId);
    await this.#attempt(owner, plural(reader.title), async () => {
      const extra: Remote[] = [];
      for await (const remote of objects)
        if (!this.options.owned.hasRemote(type, remote)) extra.push(remote);
      if (extra.length === 0) return;
      await this.options.owned.addOtherStacks();
      const withoutOtherStacks = extra.filter(
        (remote) => !this.options.owned.hasRemote(type, remote),
      );
      const allowed = await findAllowed(withoutOtherStacks);
      for (const remote of withoutOtherStacks)
        if (!allowed.includes(remote)) this.#report(owner, reader, remote);
    });
  }

  /** Parent folders of the stacks' objects are not reported, even if another user created them. */
  async #checkFolder(owner: Expected, folder: string): Promise<void> {
    await this.#attempt(owner, "objects", async () => {
      const withoutOtherStacks = (items: Awaited<ReturnType<typeof treeItems>>): typeof items =>
        items.filter(
          ({ resourceType, remote }) =>
            resourceType === undefined || !this.options.owned.hasRemote(resourceType, remote),
        );
      let items = withoutOtherStacks(await treeItems(this.api, folder));
      if (items.length === 0) return;
      await this.options.owned.addOtherStacks();
      items = withoutOtherStacks(items);
      for (const { path, resourceType, objectType, remote } of items) {
        const reader =
          resourceType === undefined ? undefined : this.options.findReader(resourceType);
        if (reader === undefined)
          this.#unsupportedPaths.set(objectType, [
            ...(this.#unsupportedPaths.get(objectType) ?? []),
            path,
          ]);
        else if (traitsOf(resourceType ?? "").treeType !== folderType)
          this.#report(owner, reader, remote);
        else if (this.options.owned.hasBelow(path)) await this.#checkFolder(owner, path);
        else if (!this.#containsRecords(owner, path)) this.#report(owner, reader, remote);
      }
    });
  }

  #containsRecords({ target }: Expected, folder: string): boolean {
    return withoutWorkspace(`${target.metadata?.recordFolder ?? ""}/`).startsWith(
      `${withoutWorkspace(folder)}/`,
    );
  }

  /** A volume holds data, so only folders that contain a file of the stack are searched. */
  async #checkFiles(type: string, owner: Expected, id: string): Promise<void> {
    this.#volumes.push(owner.path);
    const root = `/Volumes/${id.replaceAll(".", "/")}/`.toLowerCase();
    const filePaths = this.options.expected.flatMap((resource) =>
      resource.type === type && resource.id !== undefined ? [resource.id] : [],
    );
    const folders = new Set(
      filePaths.filter((path) => path.toLowerCase().startsWith(root)).map(parentOf),
    );
    for (const folder of folders) await this.#checkList(type, owner, folder);
  }

  #report(owner: Expected, reader: KindReader, remote: Remote): void {
    const reason = `is in ${owner.reader?.title ?? ""} ${owner.path}, which this stack manages, and is not in any state`;
    this.options.finder.report(owner.target, reader, remote, reason);
  }

  async #attempt(owner: Expected, subject: string, work: () => Promise<void>): Promise<void> {
    const title = `other objects in ${owner.reader?.title ?? owner.type} ${owner.id ?? ""} (${subject})`;
    if (this.api.unreachableReason !== undefined) {
      this.options.finder.fail(
        owner.target,
        title,
        `the workspace does not respond (${this.api.unreachableReason})`,
      );
      return;
    }
    try {
      await work();
    } catch (error) {
      // The container was deleted: verify reports it, and it contains nothing.
      if (!isNotFound(error)) this.options.finder.fail(owner.target, title, error);
    }
  }

  /**
   * The creator of a scope gets MANAGE on it. If no principal has MANAGE, it was removed, and the
   * code does not show who had it.
   */
  async #reportMissingManager(type: string, scope: Expected, id: string): Promise<void> {
    const reader = this.options.findReader(type);
    if (reader?.list === undefined) return;
    const entries = reader.list(this.api, id);
    await this.#attempt(scope, plural(reader.title), async () => {
      for await (const { attributes } of entries) if (attributes.permission === "MANAGE") return;
      this.#notChecked.push({
        what: `who may manage secret scope ${scope.path}`,
        reason:
          "no principal has MANAGE: the creator's permission was removed, and no databricks_secret_acl sets it",
        count: 1,
        examples: [scope.path],
      });
    });
  }

  /**
   * Returns the permissions of a scope's creator, who gets MANAGE on it. The creator may differ
   * from the last deployer: a single unknown principal is assumed to be the creator, and this is
   * reported.
   */
  async #creatorPermissions(extra: readonly Remote[], scope: Expected): Promise<readonly Remote[]> {
    const managers = extra.filter(({ attributes }) => attributes.permission === "MANAGE");
    const likelyCreators = [scope.target.record?.deployedBy, (await whoAmI(this.api)).userName];
    const creators = managers.filter(({ attributes }) =>
      likelyCreators.includes(textOrEmpty(attributes, "principal")),
    );
    if (creators.length > 0 || managers.length !== 1) return creators;
    this.#notChecked.push({
      what: `MANAGE of ${textOrEmpty(managers[0]?.attributes ?? {}, "principal")} on secret scope ${scope.path}`,
      reason: "assumed to be the permission of the scope's creator: the creator is unknown",
      count: 1,
      examples: [scope.path],
    });
    return managers;
  }
}

const isDefault = ({ attributes }: Remote): boolean =>
  textOrEmpty(attributes, "name").toLowerCase() === "default";
