/** The folders of the deployment records in a workspace. */
import type { ReadClient } from "../api/client";
import { ApiError, isNotFound } from "../api/transport/errors";
import { listOf } from "../api/transport/paging";

/** The names in a folder, none for a missing folder; or the problem, if it cannot be listed. */
export type Names = { readonly names: ReadonlySet<string> } | { readonly problem: string };

export const parentOf = (folder: string): string => folder.slice(0, folder.lastIndexOf("/"));
export const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/** Lists the folders of records. Each folder is listed at most once. */
export class RecordFolders {
  readonly #lists = new Map<string, Promise<Names>>();

  constructor(private readonly client: ReadClient) {}

  /**
   * Returns those of the folders that do not exist. One call lists all folders with the same parent;
   * reading the record of a stack that has none would take two calls. Leaves out folders whose
   * parent cannot be listed, and does not list a parent for a single folder.
   */
  async findMissing(folders: readonly string[]): Promise<ReadonlySet<string>> {
    const parents = new Map<string, string[]>();
    for (const folder of folders) {
      const parent = parentOf(folder);
      parents.set(parent, [...(parents.get(parent) ?? []), folder]);
    }
    const missing = new Set<string>();
    for (const [parent, siblings] of parents) {
      if (siblings.length < 2 && !this.#lists.has(parent)) continue;
      const children = await this.namesIn(parent);
      if ("names" in children)
        for (const folder of siblings) if (!children.names.has(nameOf(folder))) missing.add(folder);
    }
    return missing;
  }

  /** Returns the names of the files and folders in a folder. */
  namesIn(folder: string): Promise<Names> {
    const list = this.#lists.get(folder) ?? this.#list(folder);
    this.#lists.set(folder, list);
    return list;
  }

  async #list(folder: string): Promise<Names> {
    try {
      const objects = await listOf(this.client, "/api/2.0/workspace/list", "objects", {
        query: { path: folder },
      });
      return { names: new Set(objects.map(({ path }) => nameOf(String(path)))) };
    } catch (error) {
      if (isNotFound(error)) return { names: new Set() };
      if (error instanceof ApiError) return { problem: error.message };
      throw error;
    }
  }
}
