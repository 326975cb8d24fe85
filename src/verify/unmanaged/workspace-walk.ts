/**
 * Finds, for `--unmanaged all`, the objects in the workspace tree, in DBFS and in Unity Catalog
 * that are not in any state of the verified stacks.
 */
import { traitsOf, typesWith } from "../../resources";
import { catalog } from "../../resources/kinds/catalog";
import { dbfsFile } from "../../resources/kinds/dbfs-file";
import { file } from "../../resources/kinds/file";
import { ucSchema } from "../../resources/kinds/uc-schema";
import { volume } from "../../resources/kinds/volume";
import { byToken, listOf } from "../../api/transport/paging";
import { ApiError, isNotFound } from "../../api/transport/errors";
import type { KindReader, Remote } from "../../resources/kind";
import { optionalText, type Json } from "../../resources/shape/json";
import { encodePath } from "../../resources/shape/paths";
import type { Access } from "../remote/shared-reads";
import { asList } from "../fields/equal";
import { isDesiredObject, plain, shallow } from "../expressions/values";
import type { Expected, FindReader } from "../desired/expected";
import type { VerifyTarget } from "../target";
import type { NotChecked } from "../model";
import { ownedKey, withoutWorkspace, type Owned } from "../deployed/ownership";
import { treeItems } from "../remote/tree";
import { kindsNotListed } from "./kinds-not-listed";
import type { UnmanagedFinder } from "./unmanaged";

export interface WalkOptions {
  readonly finder: UnmanagedFinder;
  readonly findReader: FindReader;
  readonly owned: Owned;
  readonly expected: readonly Expected[];
  readonly targets: readonly VerifyTarget[];
  /** Maximum number of folders listed in each tree. The others are reported as not checked. */
  readonly maxFolders: number;
  readonly signal?: AbortSignal;
}

/** How many objects of a kind are listed by name; the others are counted. */
const maxListedPerKind = 1000;
/** Folders of DBFS that belong to the platform or are mounts of other storage. */
const skippedFolders = new Set([
  "/databricks-datasets",
  "/databricks-results",
  "/mnt",
  "/Volumes",
  "/Workspace",
]);
const systemCatalogs = new Set(["system", "samples", "__databricks_internal"]);

/**
 * Reports every unmanaged object to the finder.
 * @returns the folders and kinds that were not listed, with the reason
 */
export async function walkWorkspace(
  api: Access,
  options: WalkOptions,
): Promise<readonly NotChecked[]> {
  const walk = new Walk(api, options);
  for (const type of typesWith("unmanagedTitle"))
    await walk.attempt(traitsOf(type).unmanagedTitle ?? type, () => walk.reportWithContents(type));
  await walk.attempt("the workspace tree", () => walk.walkTree());
  await walk.attempt("DBFS", () => walk.walkDbfs());
  await walk.attempt("Unity Catalog", () => walk.walkCatalogs());
  return walk.notChecked();
}

class Walk {
  readonly #counts = new Map<string, number>();
  readonly #notChecked: NotChecked[] = kindsNotListed.map(({ what, reason }) =>
    notListed(what, reason),
  );
  /** Folders that contain a managed object: removing the folder would remove the object. */
  readonly #foldersWithManaged = new Set<string>();
  readonly #records: ReadonlySet<string>;

  constructor(
    private readonly api: Access,
    private readonly options: WalkOptions,
  ) {
    this.#records = new Set(
      options.targets.flatMap(({ metadata }) =>
        metadata === undefined ? [] : [withoutWorkspace(metadata.recordFolder)],
      ),
    );
    for (const path of [...options.expected.flatMap(pathsOf), ...this.#records]) {
      const steps = withoutWorkspace(path).split("/");
      for (let end = steps.length - 1; end > 1; end -= 1)
        this.#foldersWithManaged.add(steps.slice(0, end).join("/"));
    }
  }

  async attempt(subject: string, work: () => Promise<unknown>): Promise<void> {
    try {
      if (this.api.unreachableReason !== undefined)
        throw new Error(`the workspace does not respond (${this.api.unreachableReason})`);
      await work();
    } catch (error) {
      if (error instanceof ApiError && error.errorCode === "METASTORE_DOES_NOT_EXIST")
        this.#notChecked.push(notListed(subject, error.workspaceMessage));
      else this.options.finder.fail(undefined, subject, error);
    }
  }

  notChecked(): readonly NotChecked[] {
    const truncated = [...this.#counts].filter(([, count]) => count > maxListedPerKind);
    return [
      ...this.#notChecked,
      ...truncated.map(([type, count]) =>
        notListed(
          `unmanaged ${type}`,
          `found ${count}; only the first ${maxListedPerKind} are listed`,
          count - maxListedPerKind,
        ),
      ),
    ];
  }

  /**
   * Reports the unmanaged objects of a kind, in one container if the kind needs one.
   * @returns the ids of all objects, owned or not
   */
  async reportUnmanaged(
    type: string,
    container?: string,
    isIncluded: (id: string) => boolean = () => true,
  ): Promise<readonly string[]> {
    const reader = this.options.findReader(type);
    const ids: string[] = [];
    if (reader?.list === undefined) return ids;
    for await (const remote of reader.list(this.api, container, this.options.signal)) {
      if (!isIncluded(remote.id)) continue;
      ids.push(remote.id);
      this.#check(reader, remote);
    }
    return ids;
  }

  /**
   * Reports the unmanaged objects of a kind, and the contents of those that no stack owns. The
   * contents of owned objects are reported by `checkContainers` (containers.ts).
   */
  async reportWithContents(type: string): Promise<void> {
    const { contains = [] } = traitsOf(type);
    for (const id of await this.reportUnmanaged(type))
      for (const containedType of contains)
        if (!(await this.#isOwned(type, id))) await this.reportUnmanaged(containedType, id);
  }

  async #isOwned(type: string, id: string): Promise<boolean> {
    const key = ownedKey(type, id);
    if (!this.options.owned.has(key)) await this.options.owned.addOtherStacks();
    return this.options.owned.has(key);
  }

  /**
   * True if the object is an entry of a block of an owned object (a library of a cluster): the code
   * of that object has the entry, or is not available because it belongs to another stack.
   */
  #isPartOfOwned(reader: KindReader, { attributes }: Remote): boolean {
    return typesWith("separateEntries").some((type) => {
      const { separateEntries: entries } = traitsOf(type);
      const id = entries?.type === reader.type ? attributes[entries.container] : undefined;
      if (
        entries === undefined ||
        typeof id !== "string" ||
        !this.options.owned.has(ownedKey(type, id))
      )
        return false;
      const owner = this.options.expected.find(
        (resource) => resource.type === type && resource.id === id,
      )?.desired;
      const key = reader.identity.naturalKey(attributes);
      return (
        owner === undefined ||
        asList(owner[entries.field]).some(
          (entry) =>
            !isDesiredObject(entry) ||
            reader.identity.naturalKey({ ...plain(entry), [entries.container]: id }) === key,
        )
      );
    });
  }

  async walkTree(): Promise<void> {
    const unsupported = new Map<string, string[]>();
    await this.#walkFolders("the workspace tree", "/", async (folder) => {
      const subfolders: string[] = [];
      for (const { path, resourceType, objectType } of await treeItems(this.api, folder)) {
        if (this.#records.has(withoutWorkspace(path)) || path === "/Workspace") continue;
        if (objectType === "DIRECTORY") subfolders.push(path);
        if (resourceType === undefined)
          unsupported.set(objectType, [...(unsupported.get(objectType) ?? []), path]);
        // Git folders have their own list, and their content comes from Git.
        else if (objectType !== "REPO") this.#checkPath(resourceType, path);
      }
      return subfolders;
    });
    for (const [objectType, paths] of unsupported)
      this.#notChecked.push(
        notListed(
          `${objectType} in the workspace tree`,
          "lakeform does not support it",
          paths.length,
          paths,
        ),
      );
  }

  async walkDbfs(): Promise<void> {
    const skippedPaths: string[] = [];
    await this.#walkFolders("DBFS", "/", async (folder) => {
      const subfolders: string[] = [];
      for (const item of await listOf(this.api, "/api/2.0/dbfs/list", "files", {
        query: { path: folder },
      })) {
        const path = optionalText(item.path) ?? "";
        if (item.is_dir !== true) this.#checkPath(dbfsFile.type, path);
        else if (skippedFolders.has(path)) skippedPaths.push(path);
        else subfolders.push(path);
      }
      return subfolders;
    });
    if (skippedPaths.length > 0)
      this.#notChecked.push(
        notListed(
          "folders of DBFS",
          "owned by the platform, or mounts of other storage",
          skippedPaths.length,
          skippedPaths,
        ),
      );
  }

  async walkCatalogs(): Promise<void> {
    for (const catalogName of await this.reportUnmanaged(
      catalog.type,
      undefined,
      (id) => !systemCatalogs.has(id),
    )) {
      for (const schema of await this.reportUnmanaged(
        ucSchema.type,
        catalogName,
        (id) => !id.endsWith(".information_schema"),
      )) {
        for (const name of await this.reportUnmanaged(volume.type, schema))
          await this.#walkVolume(name);
      }
    }
  }

  #walkVolume(name: string): Promise<void> {
    return this.#walkFolders(
      `volume ${name}`,
      `/Volumes/${name.replaceAll(".", "/")}`,
      async (folder) => {
        const subfolders: string[] = [];
        const pages = { path: `/api/2.0/fs/directories${encodePath(folder)}`, items: "contents" };
        for await (const item of byToken<Json>(this.api, pages)) {
          const path = optionalText(item.path) ?? "";
          if (item.is_directory === true) subfolders.push(path.replace(/\/$/, ""));
          else this.#checkPath(file.type, path);
        }
        return subfolders;
      },
    );
  }

  /** Walks breadth first, so that the limit cuts off deep levels and not whole branches. */
  async #walkFolders(
    subject: string,
    topFolder: string,
    listFolder: (folder: string) => Promise<readonly string[]>,
  ): Promise<void> {
    const queue = [topFolder];
    for (let index = 0; index < queue.length; index += 1) {
      if (index >= this.options.maxFolders || this.options.signal?.aborted === true) {
        const remaining = queue.slice(index);
        const why =
          this.options.signal?.aborted === true
            ? "interrupted"
            : `at most ${this.options.maxFolders} are listed (--max-folders)`;
        this.#notChecked.push(
          notListed(`folders of ${subject}, and their contents`, why, remaining.length, remaining),
        );
        return;
      }
      try {
        queue.push(...(await listFolder(queue[index] ?? topFolder)));
      } catch (error) {
        // The folder was deleted after its parent was listed. The top folder always exists.
        if (index === 0 || !isNotFound(error)) throw error;
      }
    }
  }

  #checkPath(type: string, path: string): void {
    const reader = this.options.findReader(type);
    if (reader === undefined) return;
    const isFolder = traitsOf(type).treeType === "DIRECTORY";
    if (
      isFolder &&
      (this.#foldersWithManaged.has(withoutWorkspace(path)) || isPlatformFolder(path))
    )
      return;
    this.#check(reader, { id: path, attributes: { path } });
  }

  #check(reader: KindReader, remote: Remote): void {
    // The platform creates the schema `default` with each catalog, so it is not reported. Its
    // content is.
    if (reader.type === ucSchema.type && remote.id.endsWith(".default")) return;
    if (this.options.owned.hasRemote(reader.type, remote) || this.#isPartOfOwned(reader, remote))
      return;
    const count = (this.#counts.get(reader.type) ?? 0) + 1;
    this.#counts.set(reader.type, count);
    if (count <= maxListedPerKind)
      this.options.finder.report(
        undefined,
        reader,
        remote,
        "not in any state of the verified stacks",
      );
  }
}

/**
 * Returns the paths of an object in the tree: its id if that is a path, and a path in its
 * `parent_path` (dashboards, queries). The file name `.` makes `parent_path` count as a folder.
 */
function pathsOf({ id, state, desired }: Expected): readonly string[] {
  const { parent_path } = shallow(state, desired);
  return [id, typeof parent_path === "string" ? `${parent_path}/.` : undefined].filter(
    (path) => path?.startsWith("/") === true,
  ) as string[];
}

/** True for the folders that the platform creates: at the top, `/Users/<name>`, `/Repos/<name>`. */
function isPlatformFolder(path: string): boolean {
  return /^\/[^/]+$|^\/(Users|Repos)\/[^/]+$/.test(withoutWorkspace(path));
}

function notListed(
  subject: string,
  reason: string,
  count = 1,
  examples: readonly string[] = [],
): NotChecked {
  return { what: subject, reason, count, examples: examples.slice(0, 3) };
}
