import { defined } from "../defined";
import { printable } from "../printable";
import fs from "node:fs";
import path from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { isNotFound, type Client } from "../api";
import { Dbfs, type DbfsWrite, type Progress, type ResumePoint } from "../api/families/dbfs";
import { Files, type DownloadOptions } from "../api/families/files";
import { Workspace, type WorkspaceObject } from "../api/families/workspace";
import { LakeformError } from "../errors";
import { isAboveVolume, CatalogFolders, notInVolume } from "./catalog-folders";
import { importOptions, notebookFile, type NotebookFile } from "./notebook-file";
import { openLocal, type LocalSource } from "./local-source";
import { uploadState } from "./upload-state";
import { baseName, childOf, displayPath, type Entry, type FileLocation } from "./file-location";

type CopyProgress = Progress & DownloadOptions;

type CopyFile = CopyProgress & {
  readonly overwrite: boolean;
  readonly scratch: string;
  /** Called if the target exists and `overwrite` is not set. @default returns false */
  readonly mayReplace?: (target: FileLocation) => Promise<boolean>;
};

type Upload = DbfsWrite & {
  readonly overwrite: boolean;
  /** Set if the content is a notebook. */
  readonly notebook?: NotebookFile;
};

/** The maximum size of a workspace import, which the API limits to 10 MB. */
const maxWorkspaceBytes = 10 * 1024 * 1024;

/** Reads and writes files on DBFS, on volumes, in the workspace and on this machine. */
export class FileSystem {
  readonly #dbfs: Dbfs;
  readonly #files: Files;
  readonly #workspace: Workspace;
  readonly #catalogs: CatalogFolders;

  /**
   * @param env determines where resume state is saved. Without a home folder, an interrupted upload
   * starts again.
   */
  constructor(
    private readonly client: Client,
    private readonly env: NodeJS.ProcessEnv = {},
  ) {
    this.#dbfs = new Dbfs(client);
    this.#files = new Files(client);
    this.#workspace = new Workspace(client);
    this.#catalogs = new CatalogFolders(client);
  }

  /** @returns undefined when the path does not exist */
  async stat(location: FileLocation): Promise<Entry | undefined> {
    const name = baseName(location);
    try {
      switch (location.kind) {
        case "dbfs": {
          const entry = await this.#dbfs.status(location.path);
          return {
            name,
            path: printable(displayPath(location)),
            directory: entry.is_dir,
            size: entry.file_size,
            ...defined({ modified: entry.modification_time }),
          };
        }
        case "workspace":
          return workspaceEntry(await this.#workspace.status(location.path, true));
        case "volume":
          if (isAboveVolume(location.path)) return await this.#catalogs.stat(location.path);
          return await this.statVolume(location.path, name);
        case "local": {
          const entry = fs.statSync(location.path, { throwIfNoEntry: false });
          return entry === undefined
            ? undefined
            : {
                name,
                path: location.path,
                directory: entry.isDirectory(),
                size: entry.size,
                modified: entry.mtimeMs,
              };
        }
      }
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  private async statVolume(volumePath: string, name: string): Promise<Entry> {
    try {
      const entry = await this.#files.metadata(volumePath);
      const modified = entry.lastModified === undefined ? NaN : Date.parse(entry.lastModified);
      return {
        name,
        path: volumePath,
        directory: false,
        size: entry.size,
        ...(Number.isNaN(modified) ? {} : { modified }),
      };
    } catch (error) {
      if (!isNotFound(error)) throw error;
      await this.#files.requireDirectory(volumePath);
      return { name, path: volumePath, directory: true };
    }
  }

  /** Returns the entries of a folder, or the file itself. @throws LakeformError NO_SUCH_FILE */
  async list(location: FileLocation): Promise<Entry[]> {
    const target = await this.requireEntry(location);
    if (!target.directory) return [target];
    switch (location.kind) {
      case "dbfs":
        return (await this.#dbfs.list(location.path)).map((file) => ({
          name: path.posix.basename(file.path),
          path: `dbfs:${file.path}`,
          directory: file.is_dir,
          size: file.file_size,
          ...defined({ modified: file.modification_time }),
        }));
      case "workspace":
        return (await this.#workspace.list(location.path, true)).map(workspaceEntry);
      case "volume": {
        if (isAboveVolume(location.path)) return this.#catalogs.list(location.path);
        const entries: Entry[] = [];
        for await (const entry of this.#files.list(location.path)) {
          entries.push({
            name: entry.name ?? path.posix.basename(entry.path),
            path: entry.path.replace(/\/$/, ""),
            directory: entry.is_directory === true,
            ...defined({ size: entry.file_size, modified: entry.last_modified }),
          });
        }
        return entries;
      }
      case "local":
        return fs.readdirSync(location.path).flatMap((name) => {
          const stat = fs.statSync(path.join(location.path, name), { throwIfNoEntry: false });
          return stat === undefined
            ? []
            : [
                {
                  name,
                  path: path.join(location.path, name),
                  directory: stat.isDirectory(),
                  size: stat.size,
                  modified: stat.mtimeMs,
                },
              ];
        });
    }
  }

  /** Reads the bytes of a file. @throws LakeformError NO_SUCH_FILE, IS_A_DIRECTORY */
  async read(location: FileLocation, options: CopyProgress = {}): Promise<Readable> {
    const entry = await this.requireEntry(location);
    if (entry.directory)
      throw new LakeformError("IS_A_DIRECTORY", "this is a folder, not a file", {
        value: printable(displayPath(location)),
        fix: "name a file in it, or copy with -r",
      });
    switch (location.kind) {
      case "dbfs":
        // Reads at most two blocks ahead.
        return Readable.from(this.#dbfs.read(location.path, 0, options), { highWaterMark: 2 });
      case "volume":
        return this.#files.download(location.path, options);
      case "workspace":
        return this.#workspace.download(location.path, entry.notebook?.format ?? "AUTO");
      case "local":
        return fs.createReadStream(location.path);
    }
  }

  private resumeOf(from: FileLocation, to: FileLocation): ResumePoint | undefined {
    return from.kind === "local" && to.kind === "dbfs"
      ? uploadState(this.env, this.client.host, from.path, to.path)
      : undefined;
  }

  /**
   * True if the target is left over from an interrupted upload of lakeform. The platform may list a
   * file while it is being written.
   */
  isPartlyUploaded(from: FileLocation, to: FileLocation): boolean {
    return this.resumeOf(from, to)?.load() !== undefined;
  }

  /**
   * Copies one file. A copy between two locations in the workspace goes through a temporary local
   * file.
   * @returns the number of bytes
   * @throws LakeformError NO_SUCH_FILE, IS_A_DIRECTORY, FILE_EXISTS, NOT_IN_A_VOLUME,
   * FILE_TOO_LARGE, FILE_CHANGED
   */
  async copyFile(from: FileLocation, to: FileLocation, options: CopyFile): Promise<number> {
    if (to.kind === "volume" && isAboveVolume(to.path, 3)) throw notInVolume(to);
    const resume = this.resumeOf(from, to);
    let { overwrite } = options;
    if (!overwrite && !this.isPartlyUploaded(from, to) && (await this.stat(to)) !== undefined) {
      overwrite = (await options.mayReplace?.(to)) === true;
      if (!overwrite)
        throw new LakeformError("FILE_EXISTS", "the target exists", {
          value: printable(displayPath(to)),
          fix: "use --overwrite to replace it",
        });
    }
    if (to.kind === "local") return this.download(from, to.path, options);
    if (from.kind === "local")
      return this.upload(from.path, to, { ...options, overwrite, ...defined({ resume }) });
    const temporaryFile = path.join(
      options.scratch,
      `${process.pid}-${Math.random().toString(36).slice(2)}`,
    );
    try {
      const { onProgress: _, ...downloadOptions } = options;
      await this.download(from, temporaryFile, downloadOptions);
      const notebook =
        to.kind === "workspace" && from.kind === "workspace"
          ? (await this.requireEntry(from)).notebook
          : undefined;
      return await this.upload(temporaryFile, to, {
        ...options,
        overwrite,
        ...defined({ notebook }),
      });
    } finally {
      fs.rmSync(temporaryFile, { force: true });
    }
  }

  /** Downloads to a temporary file next to the target, and renames it when it is complete. */
  private async download(from: FileLocation, file: string, options: CopyProgress): Promise<number> {
    const source = await this.read(from, defined({ onBreak: options.onBreak }));
    fs.mkdirSync(path.dirname(file), { recursive: true });
    const part = `${file}.part-${process.pid}`;
    let bytes = 0;
    try {
      const countBytes = async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
        for await (const chunk of chunks) {
          bytes += chunk.length;
          options.onProgress?.(bytes);
          yield chunk;
        }
      };
      await pipeline(
        source,
        countBytes,
        fs.createWriteStream(part),
        options.signal === undefined ? {} : { signal: options.signal },
      );
      fs.renameSync(part, file);
      return bytes;
    } finally {
      fs.rmSync(part, { force: true });
    }
  }

  private async upload(
    file: string,
    to: Exclude<FileLocation, { kind: "local" }>,
    options: Upload,
  ): Promise<number> {
    const source = await openLocal(file);
    try {
      await this.send(source, to, options);
      const changed = source.changed();
      if (changed === undefined) return source.size;
      // Do not leave a file that mixes old and new content.
      await this.remove(to, false);
      throw fileChanged(file, `${changed}; the partial upload was removed`);
    } finally {
      await source.close();
    }
  }

  private async send(
    source: LocalSource,
    to: Exclude<FileLocation, { kind: "local" }>,
    options: Upload,
  ): Promise<void> {
    switch (to.kind) {
      case "dbfs":
        await this.#dbfs.write(to.path, source, options);
        return;
      case "volume":
        await this.#files.upload(to.path, () => source.stream(options.onProgress), {
          overwrite: options.overwrite,
          size: source.size,
          ...defined({ signal: options.signal }),
        });
        return;
      case "workspace": {
        if (source.size > maxWorkspaceBytes) {
          throw new LakeformError("FILE_TOO_LARGE", "a workspace file is limited to 10 MB", {
            value: `${to.path}: ${source.size} bytes`,
            fix: "put it on a volume: /Volumes/<catalog>/<schema>/<volume>/…",
          });
        }
        const content = await source.read(0, source.size);
        const changed = source.changed();
        if (changed !== undefined)
          throw fileChanged(source.file, `${changed}; nothing was written`);
        await this.#workspace.mkdirs(path.posix.dirname(to.path));
        await this.#workspace.import(to.path, content, {
          ...(options.notebook === undefined
            ? { format: "AUTO" }
            : importOptions(options.notebook)),
          overwrite: options.overwrite,
        });
        options.onProgress?.(source.size);
      }
    }
  }

  /** Creates a folder and its parents. @throws LakeformError NOT_IN_A_VOLUME */
  async makeDirectory(location: FileLocation): Promise<void> {
    if (location.kind === "volume" && isAboveVolume(location.path)) throw notInVolume(location);
    if (location.kind === "dbfs") await this.#dbfs.mkdirs(location.path);
    else if (location.kind === "workspace") await this.#workspace.mkdirs(location.path);
    else if (location.kind === "volume") await this.#files.createDirectory(location.path);
    else fs.mkdirSync(location.path, { recursive: true });
  }

  /** @throws LakeformError NO_SUCH_FILE, DIRECTORY_NOT_EMPTY, NOT_IN_A_VOLUME */
  async remove(location: FileLocation, recursive: boolean): Promise<void> {
    if (location.kind === "volume" && isAboveVolume(location.path, 3)) throw notInVolume(location);
    const target = await this.requireEntry(location);
    if (target.directory && !recursive && (await this.list(location)).length > 0) {
      throw new LakeformError("DIRECTORY_NOT_EMPTY", "the folder is not empty", {
        value: printable(displayPath(location)),
        fix: "use -r to remove the folder with its contents",
      });
    }
    if (location.kind === "dbfs") return this.#dbfs.delete(location.path, recursive);
    if (location.kind === "workspace") return this.#workspace.delete(location.path, recursive);
    if (location.kind === "local") {
      fs.rmSync(location.path, { recursive });
      return;
    }
    if (!target.directory) return this.#files.delete(location.path);
    for (const entry of await this.list(location))
      await this.remove(childOf(location, entry.name), true);
    await this.#files.deleteDirectory(location.path);
  }

  /** Returns the entry at a path. @throws LakeformError NO_SUCH_FILE */
  async requireEntry(location: FileLocation): Promise<Entry> {
    const entry = await this.stat(location);
    if (entry === undefined)
      throw new LakeformError("NO_SUCH_FILE", "no such file or folder", {
        value: printable(displayPath(location)),
        fix: "list the files: lakeform fs ls",
      });
    return entry;
  }
}

function fileChanged(file: string, change: string): LakeformError {
  return new LakeformError("FILE_CHANGED", `the file changed while it was uploaded: ${change}`, {
    value: file,
    fix: "upload it again when no process is writing to it",
  });
}

function workspaceEntry(object: WorkspaceObject): Entry {
  const notebook = notebookFile(object);
  return {
    name: path.posix.basename(object.path),
    ...defined({ notebook }),
    path: object.path.startsWith("/Workspace") ? object.path : `/Workspace${object.path}`,
    directory: object.object_type === "DIRECTORY" || object.object_type === "REPO",
    ...defined({ size: object.size, modified: object.modified_at }),
  };
}
