import { changeTime } from "../clock";
import type { BlobRef } from "../blobs";
import { exists } from "../errors";
import type { WorkspaceApp } from "../routes";
import { ancestorsAndSelf, parentOf, Tree } from "../tree";

/** One file or folder of DBFS. */
export interface DbfsNode {
  readonly is_dir: boolean;
  readonly modification_time: number;
  readonly blob?: BlobRef;
}

/** The files of DBFS. */
export class DbfsTree {
  readonly tree: Tree<DbfsNode>;

  constructor(private readonly app: WorkspaceApp) {
    this.tree = new Tree(app.store.collection<DbfsNode>("dbfs"));
  }

  /** Returns the file or folder at a path. The root always exists, although it is not stored. */
  get(path: string): DbfsNode | undefined {
    return path === "/" ? { is_dir: true, modification_time: 0 } : this.tree.get(path);
  }

  /**
   * Creates a folder and its parents. Call only inside `store.write`. @throws 400 if a part of the
   * path is a file
   */
  mkdirs(path: string): void {
    for (const folder of ancestorsAndSelf(path)) {
      const existing = this.tree.get(folder);
      if (existing === undefined)
        this.tree.put(folder, { is_dir: true, modification_time: this.app.clock.now() });
      else if (!existing.is_dir) throw exists(`A file exists on path ${folder}.`);
    }
  }

  /**
   * Stores a file. Call only inside `store.write`.
   * @throws 400 for a directory, for a file that must not be overwritten, and if a part of the path
   * is a file
   */
  store(path: string, blob: BlobRef, overwrite: boolean): void {
    const existing = this.get(path);
    if (existing?.is_dir === true) throw exists(`A directory exists on path ${path}.`);
    if (existing !== undefined && !overwrite)
      throw exists(`A file or directory already exists at the input path ${path}.`);
    if (parentOf(path) !== "/") this.mkdirs(parentOf(path));
    if (existing?.blob !== undefined) this.app.blobs.release(existing.blob);
    this.app.blobs.adopt(blob);
    const modification_time = changeTime(this.app.clock, existing?.modification_time);
    this.tree.put(path, { is_dir: false, modification_time, blob });
  }

  /** Removes a node and everything below it. Call only inside `store.write`. */
  remove(path: string, node: DbfsNode): void {
    for (const entry of [...this.tree.descendants(path), { path, node }]) {
      if (entry.node.blob !== undefined) this.app.blobs.release(entry.node.blob);
      this.tree.remove(entry.path);
    }
  }
}
