import { LakeformError } from "../errors";
import type { Entry, FileSystem } from "./files";
import { baseName, childOf, shown, type Place } from "./places";

export interface Copied {
  readonly from: string;
  readonly to: string;
  readonly bytes: number;
}

export interface CopyOptions {
  readonly recursive: boolean;
  readonly overwrite: boolean;
  /** A folder of this machine for copies between two places of the workspace. */
  readonly scratch: string;
  readonly signal?: AbortSignal;
  /** Asked when a target exists and `overwrite` was not given. @default no */
  readonly mayReplace?: (target: Place) => Promise<boolean>;
  /** Told when a download breaks off and goes on. */
  readonly onBreak?: (from: Place, bytes: number) => void;
  /** Called for each file; what it returns is told the bytes. */
  readonly onFile?: (
    from: Place,
    to: Place,
    size: number | undefined,
  ) => { readonly update: (bytes: number) => void; readonly done: () => void };
}

/** Copies a file, or with `recursive` a folder. A target that is a folder gets the source's name in it, as `cp` has it. @throws LakeformError IS_A_DIRECTORY, … */
export async function copy(files: FileSystem, from: Place, to: Place, options: CopyOptions): Promise<Copied[]> {
  const source = await files.need(from);
  const target = await files.stat(to);
  const into = target?.directory === true ? childOf(to, nameAt(from, source, to)) : to;
  if (!source.directory) return [await one(files, from, into, source.size, options)];
  if (!options.recursive)
    throw new LakeformError("IS_A_DIRECTORY", "this is a folder", { value: shown(from), fix: "give -r to copy it with all that is in it" });
  if (target?.directory === false)
    throw new LakeformError("FILE_EXISTS", "a folder cannot be copied onto a file", {
      value: shown(to),
      fix: "name a folder as the target",
    });
  if (into.kind === from.kind && `${into.path}/`.startsWith(`${from.path.replace(/\/$/, "")}/`))
    throw new LakeformError("COPY_INTO_ITSELF", "a folder cannot be copied into itself", {
      value: `${shown(from)} -> ${shown(into)}`,
      fix: "name a target outside of the folder",
    });
  return folder(files, from, into, options);
}

/** A notebook gets its extension where files have one. */
const nameAt = (from: Place, entry: Entry, to: Place): string =>
  `${entry.name === "" ? baseName(from) : entry.name}${to.kind === "workspace" ? "" : (entry.notebook?.extension ?? "")}`;

async function folder(files: FileSystem, from: Place, to: Place, options: CopyOptions): Promise<Copied[]> {
  await files.makeDirectory(to);
  const copied: Copied[] = [];
  for (const entry of await files.list(from)) {
    const [source, target] = [childOf(from, entry.name), childOf(to, nameAt(from, entry, to))];
    if (entry.directory) copied.push(...(await folder(files, source, target, options)));
    else copied.push(await one(files, source, target, entry.size, options));
  }
  return copied;
}

async function one(files: FileSystem, from: Place, to: Place, size: number | undefined, options: CopyOptions): Promise<Copied> {
  options.signal?.throwIfAborted();
  const bar = options.onFile?.(from, to, size);
  try {
    const bytes = await files.copyFile(from, to, {
      overwrite: options.overwrite,
      scratch: options.scratch,
      ...(options.mayReplace === undefined ? {} : { mayReplace: options.mayReplace }),
      ...(options.onBreak === undefined ? {} : { onBreak: (had) => options.onBreak?.(from, had) }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
      ...(bar === undefined ? {} : { onProgress: bar.update }),
    });
    return { from: shown(from), to: shown(to), bytes };
  } finally {
    bar?.done();
  }
}
