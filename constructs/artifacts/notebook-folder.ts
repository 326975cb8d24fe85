import fs from "node:fs";
import path from "node:path";
import type { Construct } from "../core/bindings";
import { Element } from "../core/element";
import { errorAt, oneOf } from "../core/errors";
import { projectRoot } from "../core/project-root";
import { Content } from "./content";
import { Directory } from "./directory";
import { Notebook } from "./notebook";

export interface NotebookFolderProps {
  /**
   * The local folder, relative to the folder that contains cdktf.json. All files in it with the
   * extension .py, .sql, .scala, .r or .ipynb are uploaded, except hidden files and those in hidden
   * folders and in __pycache__.
   */
  readonly folder: string;
  /** The target folder in the workspace: `/Shared/etl`. */
  readonly path: string;
}

/**
 * A folder of notebooks, with its subfolders. The workspace names the notebooks without their
 * extensions.
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

  /** @throws ConstructError FILE_NOT_FOUND, DUPLICATE_NOTEBOOK, BAD_PATH */
  constructor(scope: Construct, id: string, props: NotebookFolderProps) {
    super(scope, id);
    const root = path.resolve(projectRoot(), props.folder);
    if (fs.statSync(root, { throwIfNoEntry: false })?.isDirectory() !== true) {
      throw errorAt(this, "FILE_NOT_FOUND", "folder not found", {
        value: props.folder,
        allowed: "a folder, relative to the folder with cdktf.json",
        fix: "correct the path",
      });
    }
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
      notebook.dependOn(this.#ensureFolder(path.posix.dirname(name), props.path, folders));
      this.#notebooks.set(name, notebook);
    }
    // The escape hatch of the construct leads to the resource of the folder.
    this.node.defaultChild = directory.node.defaultChild;
  }

  /**
   * Returns the resource of a folder, and creates it and its parents if they do not exist. A folder
   * that an upload creates implicitly would stay after a destroy, and its parent could not be
   * removed.
   */
  #ensureFolder(name: string, base: string, folders: Map<string, Directory>): Directory {
    const existingFolder = folders.get(name);
    if (existingFolder !== undefined) return existingFolder;
    const parent = this.#ensureFolder(path.posix.dirname(name), base, folders);
    const directory = new Directory(this, `Folder-${name.replaceAll("/", ".")}`, {
      path: `${base}/${name}`,
    });
    directory.dependOn(parent);
    folders.set(name, directory);
    return directory;
  }

  /**
   * Returns the notebook with this path, relative to the folder and without the extension.
   * @throws ConstructError UNKNOWN_NOTEBOOK
   */
  notebook(name: string): Notebook {
    const notebook = this.#notebooks.get(name);
    if (notebook !== undefined) return notebook;
    throw errorAt(this, "UNKNOWN_NOTEBOOK", "the folder has no such notebook", {
      value: name,
      allowed: oneOf([...this.#notebooks.keys()]),
      fix: "correct the name, or add the file to the folder",
    });
  }

  /** All notebooks of the folder, sorted by path. */
  get notebooks(): readonly Notebook[] {
    return [...this.#notebooks.values()];
  }
}

/**
 * Lists the notebook files, relative to the root, with / as separator. The list is sorted, because
 * the order in a directory differs between machines.
 */
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
