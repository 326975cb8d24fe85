import { changeTime } from "../clock";
import type { BlobRef } from "../blobs";
import { invalid, WorkspaceError } from "../errors";
import { eventsOf } from "../events";
import type { Principal } from "../principal-records";
import type { WorkspaceApp } from "../routes";
import { ancestorsAndSelf, normalPath, parentOf, Tree } from "../tree";
import { unityCatalog, type UnityCatalog } from "./securables";

export interface VolumeNode {
  readonly is_directory: boolean;
  readonly last_modified: number;
  readonly blob?: BlobRef;
  readonly content_type?: string;
}

/** The target of a volume path: the path within the tree, and the volume's full name. */
export interface VolumePath {
  /** `/<volume id>/a/b`: a renamed volume keeps its files. */
  readonly key: string;
  readonly volume: string;
  /** The path as spelled in the request; responses repeat it. */
  readonly spelledPath: string;
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
  locate(address: string): VolumePath {
    const spelledPath = normalPath(address.startsWith("/") ? address : `/${address}`);
    const [, root, catalog, schema, volume, ...subPath] = spelledPath.split("/");
    if (root !== "Volumes" || catalog === undefined || schema === undefined || volume === undefined)
      throw invalid(
        `Invalid path: ${spelledPath.slice(0, 300)}; a path must begin with /Volumes/<catalog>/<schema>/<volume>`,
      );
    const record = this.uc.find("volume", `${catalog}.${schema}.${volume}`);
    if (record === undefined)
      throw new WorkspaceError(
        "NOT_FOUND",
        `Volume '${catalog}.${schema}.${volume}' does not exist.`,
      );
    return { key: ["", record.id, ...subPath].join("/"), volume: record.full_name, spelledPath };
  }

  /** @throws 403 unless the caller has the privilege on the volume */
  requirePrivilege(
    caller: Principal,
    volume: string,
    privilege: "READ_VOLUME" | "WRITE_VOLUME",
  ): void {
    this.uc.requirePrivilege(caller, "volume", volume, privilege);
  }

  /** Returns the node at a path. The root of a volume always exists as a directory. */
  get(volumePath: VolumePath): VolumeNode | undefined {
    return isRoot(volumePath)
      ? { is_directory: true, last_modified: 0 }
      : this.tree.get(volumePath.key);
  }

  /**
   * Stores a file and creates its parent folders, as an object store does. Call only inside
   * `store.write`.
   */
  put(volumePath: VolumePath, blob: BlobRef, contentType: string, overwrite: boolean): void {
    const previous = this.get(volumePath);
    if (previous?.is_directory === true)
      throw new WorkspaceError(
        "ALREADY_EXISTS",
        `A directory exists at ${volumePath.spelledPath}.`,
      );
    if (previous !== undefined && !overwrite)
      throw new WorkspaceError("ALREADY_EXISTS", "The file being created already exists.");
    this.mkdirs({ ...volumePath, key: parentOf(volumePath.key) });
    if (previous?.blob !== undefined) this.app.blobs.release(previous.blob);
    this.app.blobs.adopt(blob);
    this.tree.put(volumePath.key, {
      is_directory: false,
      last_modified: changeTime(this.app.clock, previous?.last_modified),
      blob,
      content_type: contentType,
    });
    // Overwriting a file does not count as an arrival (docs "Trigger jobs when new files arrive").
    if (previous === undefined) this.emitArrival(volumePath);
  }

  private emitArrival({ spelledPath, volume }: VolumePath): void {
    const events = eventsOf(this.app);
    events.emit("file", spelledPath);
    const location = this.uc.find("volume", volume)?.settings.storage_location;
    if (typeof location === "string")
      events.emit(
        "file",
        // The same file by its URL: the path in the volume starts after /Volumes/<c>/<s>/<v>.
        [location.replace(/\/+$/, ""), ...spelledPath.split("/").slice(5)].join("/"),
      );
  }

  /** Creates a directory and its parents. Call only inside `store.write`. */
  mkdirs(volumePath: VolumePath): void {
    // The first element is the volume itself, which has no node.
    for (const key of ancestorsAndSelf(volumePath.key).slice(1)) {
      const existing = this.tree.get(key);
      if (existing === undefined)
        this.tree.put(key, { is_directory: true, last_modified: this.app.clock.now() });
      else if (!existing.is_directory)
        throw new WorkspaceError(
          "ALREADY_EXISTS",
          `A file exists on the path to ${volumePath.spelledPath}.`,
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

export const isRoot = ({ key }: VolumePath): boolean => key.lastIndexOf("/") === 0;

/** Returns the instance that all API families share; the first call creates it. */
export function volumeTree(app: WorkspaceApp): VolumeFiles {
  const existing = app.services.get("volume-files") as VolumeFiles | undefined;
  if (existing !== undefined) return existing;
  const files = new VolumeFiles(app);
  app.services.set("volume-files", files);
  return files;
}
