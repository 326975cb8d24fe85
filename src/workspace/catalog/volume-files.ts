import type { BlobRef } from "../blobs";
import { invalid, WorkspaceError } from "../errors";
import { eventsOf } from "../events";
import type { Principal } from "../principal-records";
import type { WorkspaceApp } from "../routes";
import { lineage, normalPath, parentOf, Tree } from "../tree";
import { unityCatalog, type UnityCatalog } from "./securables";

export interface VolumeNode {
  readonly is_directory: boolean;
  readonly last_modified: number;
  readonly blob?: BlobRef;
  readonly content_type?: string;
}

/** The target of a volume path: the path within the tree, and the volume's full name. */
export interface Located {
  /** `/<volume id>/a/b`: a renamed volume keeps its files. */
  readonly key: string;
  readonly volume: string;
  /** The path as spelled in the request; responses repeat it. */
  readonly shown: string;
}

/** The files of all volumes. */
export class VolumeFiles {
  readonly tree: Tree<VolumeNode>;
  private readonly uc: UnityCatalog;

  constructor(private readonly app: WorkspaceApp) {
    this.tree = new Tree(app.store.collection<VolumeNode>("volume_files"));
    this.uc = unityCatalog(app);
  }

  /**
   * Resolves `/Volumes/catalog/schema/volume/…`. @throws 400 for any other path, 404 for an unknown
   * volume
   */
  locate(address: string): Located {
    const shown = normalPath(address.startsWith("/") ? address : `/${address}`);
    const [, root, catalog, schema, volume, ...rest] = shown.split("/");
    if (root !== "Volumes" || catalog === undefined || schema === undefined || volume === undefined)
      throw invalid(
        `Invalid path: ${shown.slice(0, 300)}; a path must begin with /Volumes/<catalog>/<schema>/<volume>`,
      );
    const found = this.uc.find("volume", `${catalog}.${schema}.${volume}`);
    if (found === undefined)
      throw new WorkspaceError(
        "NOT_FOUND",
        `Volume '${catalog}.${schema}.${volume}' does not exist.`,
      );
    return { key: ["", found.id, ...rest].join("/"), volume: found.full_name, shown };
  }

  /** @throws 403 unless the caller has the privilege on the volume */
  require(caller: Principal, volume: string, privilege: "READ_VOLUME" | "WRITE_VOLUME"): void {
    this.uc.require(caller, "volume", volume, privilege);
  }

  /** Returns the node at a path. The root of a volume always exists as a directory. */
  get(located: Located): VolumeNode | undefined {
    return isRoot(located) ? { is_directory: true, last_modified: 0 } : this.tree.get(located.key);
  }

  /**
   * Stores a file and creates its parent folders, as an object store does. Call only inside
   * `store.write`.
   */
  put(located: Located, blob: BlobRef, contentType: string, overwrite: boolean): void {
    const old = this.get(located);
    if (old?.is_directory === true)
      throw new WorkspaceError("ALREADY_EXISTS", `A directory exists at ${located.shown}.`);
    if (old !== undefined && !overwrite)
      throw new WorkspaceError("ALREADY_EXISTS", "The file being created already exists.");
    this.mkdirs({ ...located, key: parentOf(located.key) });
    if (old?.blob !== undefined) this.app.blobs.release(old.blob);
    this.app.blobs.adopt(blob);
    this.tree.put(located.key, {
      is_directory: false,
      last_modified: this.app.clock.now(),
      blob,
      content_type: contentType,
    });
    // Overwriting a file does not count as an arrival (docs "Trigger jobs when new files arrive").
    if (old === undefined) this.arrived(located);
  }

  private arrived({ shown, volume }: Located): void {
    const events = eventsOf(this.app);
    events.emit("file", shown);
    const location = this.uc.find("volume", volume)?.settings.storage_location;
    if (typeof location === "string")
      events.emit("file", [location.replace(/\/+$/, ""), ...shown.split("/").slice(5)].join("/"));
  }

  /** Creates a directory and its parents. Call only inside `store.write`. */
  mkdirs(located: Located): void {
    for (const key of lineage(located.key).slice(1)) {
      const existing = this.tree.get(key);
      if (existing === undefined)
        this.tree.put(key, { is_directory: true, last_modified: this.app.clock.now() });
      else if (!existing.is_directory)
        throw new WorkspaceError(
          "ALREADY_EXISTS",
          `A file exists on the path to ${located.shown}.`,
        );
    }
  }

  /** Removes one node. Call only inside `store.write`. */
  remove(key: string, node: VolumeNode): void {
    if (node.blob !== undefined) this.app.blobs.release(node.blob);
    this.tree.remove(key);
  }

  /** Removes the files of a deleted volume. Call only inside `store.write`. */
  dropVolume(id: string): void {
    for (const { path, node } of this.tree.descendants(`/${id}`)) this.remove(path, node);
  }
}

export const isRoot = ({ key }: Located): boolean => key.lastIndexOf("/") === 0;

/** Creates the instance that all API families share. */
export function volumeTree(app: WorkspaceApp): VolumeFiles {
  const found = app.services.get("volume-files") as VolumeFiles | undefined;
  if (found !== undefined) return found;
  const result = new VolumeFiles(app);
  app.services.set("volume-files", result);
  return result;
}
