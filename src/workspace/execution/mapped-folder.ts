import fs from "node:fs";
import path from "node:path";
import type { BlobRef } from "../blobs";
import { volumeTree, type VolumeFiles } from "../catalog/volume-files";
import { unityCatalog } from "../catalog/securables";
import { WorkspaceError } from "../errors";
import { DbfsTree } from "../files/dbfs-tree";
import { workspaceTree, type WorkspaceTree } from "../objects/tree";
import type { Principal } from "../principal-records";
import type { WorkspaceApp } from "../routes";

/** An entry at a path of the store: a folder, or a file with its bytes. */
interface StoredItem {
  readonly blob?: BlobRef;
}

/** The state of a file when the folder and the store were last equal. */
interface SyncedState {
  /** The hash of a file; absent for a folder. */
  readonly sha256?: string;
  /** The result of `stampOf`; "" for a folder. */
  readonly stamp: string;
}

/** The collections that determine which files a user may read and what they contain. */
const COLLECTIONS = [
  "dbfs",
  "volume_files",
  "uc_volumes",
  "uc_grants",
  "workspace_objects",
  "acls",
  "groups",
];

/**
 * A local folder with the parts of DBFS (`dbfs/`), volumes (`Volumes/`) and workspace files
 * (`Workspace/`) that a user may read, so that tasks can use ordinary file operations. `pull`
 * updates it from the store; `push` stores what tasks have written. If a file was changed in both,
 * the task's version wins.
 */
export class MappedFolder {
  private readonly syncedStates = new Map<string, SyncedState>();
  private syncedVersion: string | undefined;
  private queue: Promise<unknown> = Promise.resolve();
  private readonly dbfs: DbfsTree;
  private readonly volumes: VolumeFiles;
  private readonly objects: WorkspaceTree;

  constructor(
    private readonly app: WorkspaceApp,
    readonly folder: string,
    private readonly caller: () => Principal,
  ) {
    this.dbfs = new DbfsTree(app);
    this.volumes = volumeTree(app);
    this.objects = workspaceTree(app);
    fs.rmSync(folder, { recursive: true, force: true });
    for (const name of ["dbfs", "Volumes", "Workspace"])
      fs.mkdirSync(path.join(folder, name), { recursive: true, mode: 0o700 });
  }

  /** Updates the folder from the store. */
  pull(): Promise<void> {
    return this.enqueue(() => this.updateFolder());
  }

  /**
   * Stores what tasks have written. @returns a sentence for each change that could not be stored
   */
  push(): Promise<string[]> {
    return this.enqueue(() => this.storeChanges());
  }

  private enqueue<T>(task: () => Promise<T>): Promise<T> {
    const result = this.queue.then(task);
    this.queue = result.catch(() => undefined);
    return result;
  }

  private async updateFolder(): Promise<void> {
    const version = `${this.caller().name} ${COLLECTIONS.map((name) => this.app.store.version(name)).join(" ")}`;
    if (version === this.syncedVersion) return;
    const items = this.readableItems();
    for (const [entryPath, { blob }] of items) {
      const file = path.join(this.folder, entryPath);
      const syncedState = this.syncedStates.get(entryPath);
      if (blob === undefined) {
        if (syncedState === undefined || syncedState.sha256 !== undefined) {
          if (syncedState?.sha256 !== undefined) fs.rmSync(file, { force: true });
          fs.mkdirSync(file, { recursive: true });
        }
        this.syncedStates.set(entryPath, { stamp: "" });
      } else if (syncedState?.sha256 !== blob.sha256) {
        // A task has changed the file since, and the change has not been pushed yet.
        if (syncedState !== undefined ? stampOf(file) !== syncedState.stamp : stampOf(file) !== "")
          continue;
        await this.write(file, blob);
        this.syncedStates.set(entryPath, { sha256: blob.sha256, stamp: stampOf(file) });
      }
    }
    // Folders come before their contents, so the reverse order empties a folder before its removal.
    for (const entryPath of [...this.syncedStates.keys()].reverse()) {
      if (items.has(entryPath)) continue;
      const { sha256, stamp } = this.syncedStates.get(entryPath) ?? { stamp: "" };
      const file = path.join(this.folder, entryPath);
      if (sha256 === undefined) removeEmpty(file);
      else if (stampOf(file) === stamp) fs.rmSync(file, { force: true });
      this.syncedStates.delete(entryPath);
    }
    this.syncedVersion = version;
  }

  /**
   * Writes a file by replacing it, so that a task that has the old one open can continue to read
   * it.
   */
  private async write(file: string, blob: BlobRef): Promise<void> {
    const temporary = path.join(this.folder, `.new-${process.pid}`);
    const content = this.app.blobs.stream(blob);
    if (Buffer.isBuffer(content)) fs.writeFileSync(temporary, content);
    else await fs.promises.writeFile(temporary, content);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.renameSync(temporary, file);
  }

  /** Returns everything that the user may read, folders before their contents. */
  private readableItems(): Map<string, StoredItem> {
    const caller = this.caller();
    const items = new Map<string, StoredItem>();
    const add = (entryPath: string, blob: BlobRef | undefined): void =>
      void items.set(entryPath, blob === undefined ? {} : { blob });
    for (const { path: storePath, node } of this.dbfs.tree.descendants("/"))
      add(`dbfs${storePath}`, node.is_dir ? undefined : node.blob);
    const catalog = unityCatalog(this.app);
    for (const { id, full_name: name } of catalog.collection("volume").values()) {
      if (!catalog.allows(caller, "volume", name, "READ_VOLUME")) continue;
      const [catalogName = "", schema = "", volume = ""] = name.split(".");
      const root = `Volumes/${catalogName}/${schema}/${volume}`;
      for (const folder of [`Volumes/${catalogName}`, `Volumes/${catalogName}/${schema}`, root])
        add(folder, undefined);
      for (const { path: storePath, node } of this.volumes.tree.descendants(`/${id}`))
        add(`${root}${storePath.slice(id.length + 1)}`, node.blob);
    }
    for (const { path: storePath, node } of this.objects.tree.descendants("/")) {
      if (node.object_type === "NOTEBOOK" || node.object_type === "LIBRARY") continue;
      if (this.objects.hasPermission(caller, storePath, "CAN_READ"))
        add(`Workspace${storePath}`, node.object_type === "FILE" ? node.blob : undefined);
    }
    return items;
  }

  private async storeChanges(): Promise<string[]> {
    const problems: string[] = [];
    const stamps = new Map<string, string>();
    collectStamps(this.folder, "", stamps, problems);
    const changes: {
      readonly entryPath: string;
      readonly blob?: BlobRef;
      readonly remove?: boolean;
    }[] = [];
    for (const [entryPath, stamp] of stamps) {
      const syncedState = this.syncedStates.get(entryPath);
      if (
        syncedState !== undefined &&
        (stamp === "" ? syncedState.sha256 === undefined : syncedState.stamp === stamp)
      )
        continue;
      if (stamp === "") {
        if (entryPath.includes("/")) changes.push({ entryPath });
        continue;
      }
      const blob = await this.app.blobs.putStream(
        fs.createReadStream(path.join(this.folder, entryPath)),
      );
      if (syncedState?.sha256 === blob.sha256)
        this.syncedStates.set(entryPath, { sha256: blob.sha256, stamp });
      else changes.push({ entryPath, blob });
    }
    for (const entryPath of this.syncedStates.keys())
      if (!stamps.has(entryPath)) changes.push({ entryPath, remove: true });
    if (changes.length === 0) return problems;
    this.syncedVersion = undefined;
    // Each file is stored separately: a failure is reported and does not affect the others. Folders
    // are created before their contents; removals come last, contents before their folders.
    for (const { entryPath, blob, remove } of changes.sort(
      (left, right) =>
        Number(left.remove ?? false) - Number(right.remove ?? false) ||
        (left.remove === true ? -1 : 1) * left.entryPath.localeCompare(right.entryPath),
    )) {
      try {
        const write = this.app.store.write(() =>
          remove === true ? this.remove(entryPath) : this.put(entryPath, blob),
        );
        await (blob === undefined ? write : this.app.blobs.settle(blob, write));
        if (remove === true) this.syncedStates.delete(entryPath);
        else
          this.syncedStates.set(
            entryPath,
            blob === undefined
              ? { stamp: "" }
              : { sha256: blob.sha256, stamp: stamps.get(entryPath) ?? "" },
          );
      } catch (error) {
        if (!(error instanceof WorkspaceError)) throw error;
        problems.push(
          `/${entryPath} ${remove === true ? "was removed by the task, but stays in the workspace" : "is not stored in the workspace"}: ${error.message}`,
        );
        this.syncedStates.delete(entryPath);
        // Drop the change, so that it is reported only once and not again for the next task.
        if (remove !== true)
          fs.rmSync(path.join(this.folder, entryPath), { recursive: true, force: true });
      }
    }
    return problems;
  }

  /** Stores a file or folder. Call only inside `store.write`. */
  private put(entryPath: string, blob: BlobRef | undefined): void {
    const [root, storePath] = splitRoot(entryPath);
    if (root === "dbfs") {
      if (blob === undefined) this.dbfs.mkdirs(storePath);
      else this.dbfs.store(storePath, blob, true);
    } else if (root === "Volumes") {
      const volumePath = this.volumes.locate(`/${entryPath}`);
      this.volumes.requirePrivilege(this.caller(), volumePath.volume, "WRITE_VOLUME");
      if (blob === undefined) this.volumes.mkdirs(volumePath);
      else this.volumes.put(volumePath, blob, "application/octet-stream", true);
    } else if (blob === undefined) this.objects.mkdirs(this.caller(), storePath);
    else this.objects.write(this.caller(), storePath, { object_type: "FILE", blob }, true);
  }

  /**
   * Removes a file or folder, unless it has been changed in the store since. Call only inside
   * `store.write`.
   */
  private remove(entryPath: string): void {
    const [root, storePath] = splitRoot(entryPath);
    const { sha256 } = this.syncedStates.get(entryPath) ?? {};
    if (root === "dbfs") {
      const node = this.dbfs.tree.get(storePath);
      if (node !== undefined && node.blob?.sha256 === sha256) this.dbfs.remove(storePath, node);
    } else if (root === "Volumes") {
      // The path of a volume, schema or catalog, which a file operation cannot remove.
      if (entryPath.split("/").length <= 4) return;
      const volumePath = this.volumes.locate(`/${entryPath}`);
      const node = this.volumes.get(volumePath);
      if (node === undefined || node.blob?.sha256 !== sha256) return;
      this.volumes.requirePrivilege(this.caller(), volumePath.volume, "WRITE_VOLUME");
      this.volumes.remove(volumePath.key, node);
    } else {
      const object = this.objects.get(storePath);
      if (object !== undefined && object.blob?.sha256 === sha256)
        this.objects.delete(this.caller(), storePath, true);
    }
  }
}

const splitRoot = (entryPath: string): [string, string] => {
  const slash = entryPath.indexOf("/");
  return slash === -1 ? [entryPath, "/"] : [entryPath.slice(0, slash), entryPath.slice(slash)];
};

/** Returns a value that changes when the file is replaced or modified; "" if it does not exist. */
function stampOf(file: string): string {
  const stats = fs.lstatSync(file, { throwIfNoEntry: false, bigint: true });
  return stats === undefined ? "" : `${stats.ino} ${stats.size} ${stats.mtimeNs} ${stats.ctimeNs}`;
}

function removeEmpty(folder: string): void {
  try {
    fs.rmdirSync(folder);
  } catch {
    // The folder is not empty: a task has created something in it.
  }
}

/**
 * Collects files with their stamps, and folders with "", in the three root folders. Removes entries of
 * other types, such as symbolic links, and adds a problem for each.
 */
function collectStamps(
  root: string,
  entryPath: string,
  stamps: Map<string, string>,
  problems: string[],
): void {
  for (const entry of fs.readdirSync(path.join(root, entryPath), { withFileTypes: true })) {
    const childPath = entryPath === "" ? entry.name : `${entryPath}/${entry.name}`;
    if (entry.isDirectory()) {
      stamps.set(childPath, "");
      collectStamps(root, childPath, stamps, problems);
    } else if (!entry.isFile()) {
      fs.rmSync(path.join(root, childPath), { force: true });
      problems.push(
        `/${childPath} is not stored in the workspace: it is neither a file nor a folder`,
      );
    } else if (entryPath !== "") stamps.set(childPath, stampOf(path.join(root, childPath)));
  }
}
