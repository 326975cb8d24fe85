import { defined } from "../defined";
import { printable } from "../printable";
import { LakeformError } from "../errors";
import type { FileSystem } from "./files";
import { baseName, childOf, displayPath, type Entry, type FileLocation } from "./file-location";

export interface Copied {
  /** The source, as written on the command line. */
  readonly from: string;
  /** The target file. */
  readonly to: string;
  readonly bytes: number;
}

export interface CopyOptions {
  readonly recursive: boolean;
  readonly overwrite: boolean;
  /** A local folder for temporary files, for copies between two locations in the workspace. */
  readonly scratch: string;
  readonly signal?: AbortSignal;
  /** Called for each existing target unless `overwrite` is set. @default returns false */
  readonly mayReplace?: (target: FileLocation) => Promise<boolean>;
  /** Called when a download is interrupted and resumes. */
  readonly onBreak?: (from: FileLocation, bytes: number) => void;
  /** Called for each file; returns a callback for its progress in bytes. */
  readonly startProgress?: (
    from: FileLocation,
    to: FileLocation,
    size: number | undefined,
  ) => { readonly update: (bytes: number) => void; readonly done: () => void };
}

/**
 * Copies a file, or with `recursive` a folder. If the target is a folder, the source is copied into
 * it with its name, as `cp` does.
 * @throws LakeformError NO_SUCH_FILE, IS_A_DIRECTORY, FILE_EXISTS, COPY_INTO_ITSELF, and the errors
 * of {@link FileSystem.copyFile}
 */
export async function copy(
  files: FileSystem,
  from: FileLocation,
  to: FileLocation,
  options: CopyOptions,
): Promise<Copied[]> {
  const source = await files.requireEntry(from);
  const target = await files.stat(to);
  const destination = target?.directory === true ? childOf(to, nameAt(from, source, to)) : to;
  if (!source.directory) return [await copyEntry(files, from, destination, source.size, options)];
  if (!options.recursive)
    throw new LakeformError("IS_A_DIRECTORY", "this is a folder", {
      value: printable(displayPath(from)),
      fix: "use -r to copy the folder with its contents",
    });
  if (target?.directory === false)
    throw new LakeformError("FILE_EXISTS", "cannot copy a folder onto a file", {
      value: printable(displayPath(to)),
      fix: "name a folder as the target",
    });
  if (
    destination.kind === from.kind &&
    `${destination.path}/`.startsWith(`${from.path.replace(/\/$/, "")}/`)
  )
    throw new LakeformError("COPY_INTO_ITSELF", "cannot copy a folder into itself", {
      value: printable(`${displayPath(from)} -> ${displayPath(destination)}`),
      fix: "name a target outside the folder",
    });
  return copyFolder(files, from, destination, options);
}

/**
 * Returns the target name of an entry. A notebook gets a file extension unless the target is in the
 * workspace.
 */
const nameAt = (from: FileLocation, entry: Entry, to: FileLocation): string =>
  `${entry.name === "" ? baseName(from) : entry.name}${to.kind === "workspace" ? "" : (entry.notebook?.extension ?? "")}`;

interface Tree {
  /** The folders to create, parents before their children. */
  readonly folders: FileLocation[];
  readonly files: {
    readonly source: FileLocation;
    readonly target: FileLocation;
    readonly size: number | undefined;
  }[];
}

/** Lists the folders and files below a folder, each with its target. */
async function listTree(
  files: FileSystem,
  from: FileLocation,
  to: FileLocation,
  tree: Tree = { folders: [], files: [] },
): Promise<Tree> {
  tree.folders.push(to);
  for (const entry of await files.list(from)) {
    const [source, target] = [childOf(from, entry.name), childOf(to, nameAt(from, entry, to))];
    if (entry.directory) await listTree(files, source, target, tree);
    else tree.files.push({ source, target, size: entry.size });
  }
  return tree;
}

/**
 * Copies a folder. Without a terminal for a prompt, checks all targets before the first byte is
 * written, so that nothing is copied if a target exists.
 */
async function copyFolder(
  files: FileSystem,
  from: FileLocation,
  to: FileLocation,
  options: CopyOptions,
): Promise<Copied[]> {
  const tree = await listTree(files, from, to);
  if (!options.overwrite && options.mayReplace === undefined) await refuseExisting(files, tree);
  for (const folder of tree.folders) await files.makeDirectory(folder);
  const copied: Copied[] = [];
  for (const { source, target, size } of tree.files)
    copied.push(await copyEntry(files, source, target, size, options));
  return copied;
}

async function refuseExisting(files: FileSystem, tree: Tree): Promise<void> {
  const existingPaths = new Set<string>();
  for (const folder of tree.folders) {
    if ((await files.stat(folder))?.directory !== true) continue;
    for (const entry of await files.list(folder))
      existingPaths.add(displayPath(childOf(folder, entry.name)));
  }
  const existing = tree.files.filter(
    ({ source, target }) =>
      existingPaths.has(displayPath(target)) && !files.isPartlyUploaded(source, target),
  );
  if (existing.length === 0) return;
  const names = existing.slice(0, 3).map(({ target }) => printable(displayPath(target)));
  throw new LakeformError(
    "FILE_EXISTS",
    `${existing.length} of ${tree.files.length} targets exist; nothing was copied`,
    {
      value: [...names, ...(existing.length > names.length ? ["…"] : [])].join(", "),
      fix: "use --overwrite to replace them",
    },
  );
}

async function copyEntry(
  files: FileSystem,
  from: FileLocation,
  to: FileLocation,
  size: number | undefined,
  options: CopyOptions,
): Promise<Copied> {
  options.signal?.throwIfAborted();
  const bar = options.startProgress?.(from, to, size);
  try {
    const bytes = await files.copyFile(from, to, {
      overwrite: options.overwrite,
      scratch: options.scratch,
      ...defined({ mayReplace: options.mayReplace }),
      ...(options.onBreak === undefined
        ? {}
        : { onBreak: (received) => options.onBreak?.(from, received) }),
      ...defined({ signal: options.signal, onProgress: bar?.update }),
    });
    return { from: displayPath(from), to: displayPath(to), bytes };
  } finally {
    bar?.done();
  }
}
