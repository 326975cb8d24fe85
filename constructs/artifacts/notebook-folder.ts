import fs from "node:fs";
import path from "node:path";
import type { Construct } from "../core/bindings";
import { Element } from "../core/element";
import { errorAt, oneOf } from "../core/errors";
import { projectRoot } from "../core/source";
import { Content } from "./content";
import { Directory } from "./directory";
import { Notebook } from "./notebook";

export interface NotebookFolderProps {
  /**
   * The local folder, relative to the folder of cdktf.json. All files with a notebook extension are
   * uploaded.
   */
  readonly folder: string;
  /** The target folder: `/Shared/etl`. */
  readonly path: string;
}

/**
 * A folder of notebooks, with its subfolders. Names lose their extension, as in the workspace.
 *
 * @example
 * const notebooks = new NotebookFolder(stack, "notebooks", {
 *   folder: "stacks/notebooks",
 *   path: "/Shared/etl",
 * });
 * workflow.addTask("ingest", {
 *   run: NotebookTask.of(notebooks.notebook("ingest_raw_data")),
 *   on: shared,
 * });
 */
export class NotebookFolder extends Element {
  readonly #notebooks = new Map<string, Notebook>();

  constructor(scope: Construct, id: string, props: NotebookFolderProps) {
    super(scope, id);
    const root = path.resolve(projectRoot(), props.folder);
    if (fs.statSync(root, { throwIfNoEntry: false })?.isDirectory() !== true) {
      throw errorAt(this, "FILE_NOT_FOUND", "folder not found", {
        value: props.folder,
        allowed: "a folder, relative to the one with cdktf.json",
        fix: "correct the path",
      });
    }
    // `defaultChild` is set below: the escape hatch leads to the resource of the folder.
    const directory = new Directory(this, "Folder", { path: props.path });
    const folders = new Map([[".", directory]]);
    for (const file of notebookFiles(root)) {
      const name = file.replace(/\.[^./]+$/, "");
      if (this.#notebooks.has(name)) {
        throw errorAt(this, "DUPLICATE_NOTEBOOK", "two files would be the same notebook", {
          value: name,
          fix: "rename one of them",
        });
      }
      const notebook = new Notebook(this, name.replaceAll("/", "."), {
        path: `${props.path}/${name}`,
        content: Content.file(path.join(root, file)),
      });
      notebook.dependOn(this.#folder(path.posix.dirname(name), props.path, folders));
      this.#notebooks.set(name, notebook);
    }
    this.node.defaultChild = directory.node.defaultChild;
  }

  /**
   * Subfolders are resources too: folders created implicitly by the upload would stay behind, and
   * the parent could not be removed.
   */
  #folder(name: string, base: string, folders: Map<string, Directory>): Directory {
    const known = folders.get(name);
    if (known !== undefined) return known;
    const parent = this.#folder(path.posix.dirname(name), base, folders);
    const made = new Directory(this, `Folder-${name.replaceAll("/", ".")}`, {
      path: `${base}/${name}`,
    });
    made.dependOn(parent);
    folders.set(name, made);
    return made;
  }

  /**
   * A notebook by its path in the folder, without extension.
   * @throws ConstructError UNKNOWN_NOTEBOOK
   */
  notebook(name: string): Notebook {
    const found = this.#notebooks.get(name);
    if (found !== undefined) return found;
    throw errorAt(this, "UNKNOWN_NOTEBOOK", "the folder has no such notebook", {
      value: name,
      allowed: oneOf([...this.#notebooks.keys()]),
      fix: "correct the name, or add the file to the folder",
    });
  }

  get notebooks(): readonly Notebook[] {
    return [...this.#notebooks.values()];
  }
}

/** Relative to the root, with /, sorted: directory order depends on the machine. */
function notebookFiles(root: string, folder = ""): string[] {
  return fs
    .readdirSync(path.join(root, folder), { withFileTypes: true })
    .filter((entry) => !entry.name.startsWith(".") && entry.name !== "__pycache__")
    .flatMap((entry) => {
      const relative = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) return notebookFiles(root, relative);
      return /\.(py|sql|scala|r|ipynb)$/i.test(entry.name) ? [relative] : [];
    })
    .sort();
}
