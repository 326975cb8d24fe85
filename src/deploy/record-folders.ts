/** The folders of the deployment records in a workspace. */
import type { ReadClient } from "../api/client";
import { ApiError, isNotFound } from "../api/transport/errors";
import { listOf } from "../api/transport/paging";

/** The names in a folder; empty for a missing folder; `unread` if it cannot be listed. */
export type Names = { readonly names: ReadonlySet<string> } | { readonly unread: string };

export const parentOf = (folder: string): string => folder.slice(0, folder.lastIndexOf("/"));
export const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/** Lists each folder once. */
export class RecordFolders {
  readonly #lists = new Map<string, Promise<Names>>();

  constructor(private readonly client: ReadClient) {}

  /**
   * Determines which of these folders do not exist. Makes one call for all folders with the same
   * parent; checking each record folder would take two calls for a stack without a record.
   * @returns only folders that certainly do not exist, and none whose parent cannot be listed
   */
  async missing(folders: readonly string[]): Promise<ReadonlySet<string>> {
    const parents = new Map<string, string[]>();
    for (const folder of folders) {
      const parent = parentOf(folder);
      parents.set(parent, [...(parents.get(parent) ?? []), folder]);
    }
    const missing = new Set<string>();
    for (const [parent, inside] of parents) {
      if (inside.length < 2 && !this.#lists.has(parent)) continue;
      const children = await this.inside(parent);
      if ("names" in children)
        for (const folder of inside) if (!children.names.has(nameOf(folder))) missing.add(folder);
    }
    return missing;
  }

  inside(folder: string): Promise<Names> {
    const known = this.#lists.get(folder) ?? this.#list(folder);
    this.#lists.set(folder, known);
    return known;
  }

  async #list(folder: string): Promise<Names> {
    try {
      const objects = await listOf(this.client, "/api/2.0/workspace/list", "objects", {
        query: { path: folder },
      });
      return { names: new Set(objects.map(({ path }) => nameOf(String(path)))) };
    } catch (error) {
      if (isNotFound(error)) return { names: new Set() };
      if (error instanceof ApiError) return { unread: error.message };
      throw error;
    }
  }
}
