/** The objects that are in a state. All other objects are unmanaged. */
import { traitsOf } from "../../resources";
import type { Remote } from "../../resources/kind";
import type { DesiredObject } from "../expressions/values";

export function ownedKey(type: string, id: string): string {
  return `${type}\0${id}`;
}

/**
 * Like {@link ownedKey}, but includes the container if ids are unique only within it. For example,
 * a library's id is unique only within its cluster.
 */
export function ownedKeyOf(type: string, id: string, attributes: DesiredObject): string {
  const { idContainer } = traitsOf(type);
  const containerId = idContainer === undefined ? undefined : attributes[idContainer];
  return ownedKey(type, typeof containerId === "string" ? `${containerId}|||${id}` : id);
}

/**
 * The ids in the states of the verified stacks. Those of other stacks are loaded only if an object
 * belongs to none of the verified stacks.
 */
export class Owned {
  readonly #keys: Set<string>;
  #others: Promise<unknown> | undefined;

  constructor(
    keys: Iterable<string>,
    private readonly loadOthers: () => Promise<Iterable<string>> = () => Promise.resolve([]),
  ) {
    this.#keys = new Set(keys);
  }

  has(key: string): boolean {
    return this.#keys.has(key);
  }

  hasRemote(type: string, remote: Pick<Remote, "id" | "attributes">): boolean {
    const ids = remote.id.startsWith("/") ? [remote.id, otherSpelling(remote.id)] : [remote.id];
    return ids.some((id) => this.#keys.has(ownedKeyOf(type, id, remote.attributes)));
  }

  /** True if the folder contains an owned object. */
  hasBelow(folder: string): boolean {
    const prefix = `${withoutWorkspace(folder)}/`;
    for (const key of this.#keys)
      if (withoutWorkspace(key.slice(key.indexOf("\0") + 1)).startsWith(prefix)) return true;
    return false;
  }

  /** True if a scope, catalog or schema contains an owned object of this type. */
  hasWithin(type: string, container: string): boolean {
    const start = ownedKey(type, container).toLowerCase();
    // The ids start with the container: `catalog.schema`, `scope|||key`.
    for (const key of this.#keys)
      if (key.length > start.length && key.toLowerCase().startsWith(start))
        if (/^(\.|\|\|\|)/.test(key.slice(start.length))) return true;
    return false;
  }

  /** Adds the other stacks' objects, which then count as owned, too. */
  async addOtherStacks(): Promise<void> {
    this.#others ??= this.loadOthers().then((keys) => {
      for (const key of keys) this.#keys.add(key);
    });
    await this.#others;
  }
}

export function withoutWorkspace(path: string): string {
  return path.startsWith("/Workspace/") ? path.slice("/Workspace".length) : path;
}

/** Returns the path with or without `/Workspace`: both forms refer to the same object. */
function otherSpelling(id: string): string {
  return id.startsWith("/Workspace/") ? withoutWorkspace(id) : `/Workspace${id}`;
}
