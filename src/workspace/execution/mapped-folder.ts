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
interface Item {
  readonly blob?: BlobRef;
}

/** The state of a file when the folder and the store were last equal. */
interface Known {
  /** The hash of a file; absent for a folder. */
  readonly sha256?: string;
  readonly stamp: string;
}

const COLLECTIONS = ["dbfs", "volume_files", "uc_volumes", "uc_grants", "workspace_objects"];

/**
 * A local folder with the parts of DBFS (`dbfs/`), volumes (`Volumes/`) and workspace files
 * (`Workspace/`) that a user may read, so that tasks can use ordinary file operations. `pull`
 * updates it from the store; `push` stores what tasks have written. If a file was changed in both,
 * the task's version wins.
 */
export class MappedFolder {
  private readonly known = new Map<string, Known>();
  private seen: string | undefined;
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

  pull(): Promise<void> {
    return this.inTurn(() => this.bring());
  }

  /**
   * Stores what tasks have written. @returns a sentence for each change that could not be stored
   */
  push(): Promise<string[]> {
    return this.inTurn(() => this.pullChanges());
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.queue.then(work);
    this.queue = result.catch(() => undefined);
    return result;
  }

  private async bring(): Promise<void> {
    const version = `${this.caller().name} ${COLLECTIONS.map((name) => this.app.store.version(name)).join(" ")}`;
    if (version === this.seen) return;
    const items = this.items();
    for (const [place, { blob }] of items) {
      const file = path.join(this.folder, place);
      const known = this.known.get(place);
      if (blob === undefined) {
        if (known === undefined || known.sha256 !== undefined) {
          if (known?.sha256 !== undefined) fs.rmSync(file, { force: true });
          fs.mkdirSync(file, { recursive: true });
        }
        this.known.set(place, { stamp: "" });
      } else if (known?.sha256 !== blob.sha256) {
        // A task has changed the file since, and the change has not been pushed yet.
        if (known !== undefined ? stampOf(file) !== known.stamp : stampOf(file) !== "") continue;
        await this.write(file, blob);
        this.known.set(place, { sha256: blob.sha256, stamp: stampOf(file) });
      }
    }
    for (const place of [...this.known.keys()].reverse()) {
      if (items.has(place)) continue;
      const { sha256, stamp } = this.known.get(place) ?? { stamp: "" };
      const file = path.join(this.folder, place);
      if (sha256 === undefined) removeEmpty(file);
      else if (stampOf(file) === stamp) fs.rmSync(file, { force: true });
      this.known.delete(place);
    }
    this.seen = version;
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
  private items(): Map<string, Item> {
    const caller = this.caller();
    const items = new Map<string, Item>();
    const add = (place: string, blob: BlobRef | undefined): void =>
      void items.set(place, blob === undefined ? {} : { blob });
    for (const { path: at, node } of this.dbfs.tree.descendants("/"))
      add(`dbfs${at}`, node.is_dir ? undefined : node.blob);
    const catalog = unityCatalog(this.app);
    for (const { id, full_name: name } of catalog.of("volume").values()) {
      if (!catalog.has(caller, "volume", name, "READ_VOLUME")) continue;
      const [first = "", schema = "", volume = ""] = name.split(".");
      const root = `Volumes/${first}/${schema}/${volume}`;
      for (const folder of [`Volumes/${first}`, `Volumes/${first}/${schema}`, root])
        add(folder, undefined);
      for (const { path: at, node } of this.volumes.tree.descendants(`/${id}`))
        add(`${root}${at.slice(id.length + 1)}`, node.blob);
    }
    for (const { path: at, node } of this.objects.tree.descendants("/")) {
      if (node.object_type === "NOTEBOOK" || node.object_type === "LIBRARY") continue;
      if (this.objects.allows(caller, at, "CAN_READ"))
        add(`Workspace${at}`, node.object_type === "FILE" ? node.blob : undefined);
    }
    return items;
  }

  private async pullChanges(): Promise<string[]> {
    const problems: string[] = [];
    const there = new Map<string, string>();
    walk(this.folder, "", there, problems);
    const changes: {
      readonly place: string;
      readonly blob?: BlobRef;
      readonly remove?: boolean;
    }[] = [];
    for (const [place, stamp] of there) {
      const known = this.known.get(place);
      if (
        known !== undefined &&
        (stamp === "" ? known.sha256 === undefined : known.stamp === stamp)
      )
        continue;
      if (stamp === "") {
        if (place.includes("/")) changes.push({ place });
        continue;
      }
      const blob = await this.app.blobs.putStream(
        fs.createReadStream(path.join(this.folder, place)),
      );
      if (known?.sha256 === blob.sha256) this.known.set(place, { sha256: blob.sha256, stamp });
      else changes.push({ place, blob });
    }
    for (const place of this.known.keys())
      if (!there.has(place)) changes.push({ place, remove: true });
    if (changes.length === 0) return problems;
    this.seen = undefined;
    // Each file is stored separately: a failure is reported and does not affect the others.
    for (const { place, blob, remove } of changes.sort(
      (a, b) =>
        Number(a.remove ?? false) - Number(b.remove ?? false) ||
        (a.remove === true ? -1 : 1) * a.place.localeCompare(b.place),
    )) {
      try {
        const write = this.app.store.write(() =>
          remove === true ? this.remove(place) : this.put(place, blob),
        );
        await (blob === undefined ? write : this.app.blobs.settle(blob, write));
        if (remove === true) this.known.delete(place);
        else
          this.known.set(
            place,
            blob === undefined
              ? { stamp: "" }
              : { sha256: blob.sha256, stamp: there.get(place) ?? "" },
          );
      } catch (error) {
        if (!(error instanceof WorkspaceError)) throw error;
        problems.push(
          `/${place} ${remove === true ? "was removed by the task, but stays in the workspace" : "is not stored in the workspace"}: ${error.message}`,
        );
        this.known.delete(place);
        // Forget the change, so that it is reported only once and not again for the next task.
        if (remove !== true)
          fs.rmSync(path.join(this.folder, place), { recursive: true, force: true });
      }
    }
    return problems;
  }

  /** Stores a file or folder. Call only inside `store.write`. */
  private put(place: string, blob: BlobRef | undefined): void {
    const [root, at] = split(place);
    if (root === "dbfs") {
      if (blob === undefined) this.dbfs.mkdirs(at);
      else this.dbfs.store(at, blob, true);
    } else if (root === "Volumes") {
      const located = this.volumes.locate(`/${place}`);
      this.volumes.require(this.caller(), located.volume, "WRITE_VOLUME");
      if (blob === undefined) this.volumes.mkdirs(located);
      else this.volumes.put(located, blob, "application/octet-stream", true);
    } else if (blob === undefined) this.objects.mkdirs(this.caller(), at);
    else this.objects.write(this.caller(), at, { object_type: "FILE", blob }, true);
  }

  /**
   * Removes a file or folder, unless it has been changed in the store since. Call only inside
   * `store.write`.
   */
  private remove(place: string): void {
    const [root, at] = split(place);
    const { sha256 } = this.known.get(place) ?? {};
    if (root === "dbfs") {
      const node = this.dbfs.tree.get(at);
      if (node !== undefined && node.blob?.sha256 === sha256) this.dbfs.remove(at, node);
    } else if (root === "Volumes") {
      if (place.split("/").length <= 4) return;
      const located = this.volumes.locate(`/${place}`);
      const node = this.volumes.get(located);
      if (node === undefined || node.blob?.sha256 !== sha256) return;
      this.volumes.require(this.caller(), located.volume, "WRITE_VOLUME");
      this.volumes.remove(located.key, node);
    } else {
      const object = this.objects.get(at);
      if (object !== undefined && object.blob?.sha256 === sha256)
        this.objects.delete(this.caller(), at, true);
    }
  }
}

const split = (place: string): [string, string] => {
  const slash = place.indexOf("/");
  return slash === -1 ? [place, "/"] : [place.slice(0, slash), place.slice(slash)];
};

/** Returns a value that changes when the file is replaced or modified; "" if it does not exist. */
function stampOf(file: string): string {
  const found = fs.lstatSync(file, { throwIfNoEntry: false, bigint: true });
  return found === undefined ? "" : `${found.ino} ${found.size} ${found.mtimeNs} ${found.ctimeNs}`;
}

function removeEmpty(folder: string): void {
  try {
    fs.rmdirSync(folder);
  } catch {
    // The folder is not empty: a task has created something in it.
  }
}

/** Collects files with their stamps, and folders with "", in the three root folders. */
function walk(root: string, place: string, found: Map<string, string>, problems: string[]): void {
  for (const entry of fs.readdirSync(path.join(root, place), { withFileTypes: true })) {
    const at = place === "" ? entry.name : `${place}/${entry.name}`;
    if (entry.isDirectory()) {
      found.set(at, "");
      walk(root, at, found, problems);
    } else if (!entry.isFile()) {
      fs.rmSync(path.join(root, at), { force: true });
      problems.push(`/${at} is not stored in the workspace: it is neither a file nor a folder`);
    } else if (place !== "") found.set(at, stampOf(path.join(root, at)));
  }
}
