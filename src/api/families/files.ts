import { Readable } from "node:stream";
import { defined } from "../../defined";
import { LakeformError } from "../../errors";
import type { Client, ReadClient } from "../client";
import { wasMadeSince } from "../transport/clock";
import { isConnectionError, orMissing } from "../transport/errors";
import { byToken } from "../transport/paging";

export interface DirectoryEntry {
  readonly path: string;
  readonly name?: string;
  readonly is_directory?: boolean;
  readonly file_size?: number;
  /** Milliseconds since the epoch. */
  readonly last_modified?: number;
}

export interface FileMetadata {
  readonly size: number;
  readonly contentType?: string;
  /** Time of the last change, as in the response header. */
  readonly lastModified?: string;
}

export interface DownloadOptions {
  /**
   * Called when the connection was lost and the download resumes.
   * @param offset number of bytes received so far
   */
  readonly onBreak?: (offset: number) => void;
}

/** Max consecutive breaks of a download without receiving a byte. */
const maxConsecutiveBreaks = 3;

const changed = (path: string): LakeformError =>
  new LakeformError("FILE_CHANGED", "the file changed while it was downloaded", {
    value: path,
    fix: "copy it again when no process is writing to it",
  });

const fileAt = (path: string): string => `/api/2.0/fs/files${encode(path)}`;
const directoryAt = (path: string): string => `/api/2.0/fs/directories${encode(path)}`;
const encode = (path: string): string => path.split("/").map(encodeURIComponent).join("/");

/** Reads files on volumes (`/Volumes/…`) and elsewhere as streams. */
export class FilesReader {
  constructor(private readonly reader: ReadClient) {}

  async metadata(path: string): Promise<FileMetadata> {
    const headers = await this.reader.head(fileAt(path));
    const { "content-type": contentType, "last-modified": lastModified } = headers;
    return {
      size: Number(headers["content-length"] ?? "0"),
      ...defined({ contentType, lastModified }),
    };
  }

  /** Checks that a directory exists. @throws ApiError (isNotFound) if it does not */
  async directoryExists(path: string): Promise<void> {
    await this.reader.head(directoryAt(path));
  }

  /**
   * Returns the bytes of a file. If the connection breaks and the file is unchanged, the download
   * resumes at the last offset.
   * @throws LakeformError FILE_CHANGED if the file changes during the download; ConnectionError
   * after repeated breaks without receiving a byte
   */
  async download(path: string, options: DownloadOptions = {}): Promise<Readable> {
    const before = await this.metadata(path);
    const first = await this.reader.download(fileAt(path));
    return Readable.from(this.#whole(path, first, before, options));
  }

  async *#whole(
    path: string,
    first: Readable,
    before: FileMetadata,
    options: DownloadOptions,
  ): AsyncGenerator<Buffer> {
    let stream = first;
    let offset = 0;
    for (let idle = 0; ; idle += 1) {
      try {
        for await (const chunk of stream as AsyncIterable<Buffer>) {
          offset += chunk.length;
          idle = 0;
          yield chunk;
        }
        if (offset === before.size) return;
        if (offset > before.size) throw changed(path);
      } catch (error) {
        if (!isConnectionError(error) || idle >= maxConsecutiveBreaks) throw error;
      }
      if (idle >= maxConsecutiveBreaks) throw changed(path);
      const now = await this.metadata(path);
      if (now.size !== before.size || now.lastModified !== before.lastModified) throw changed(path);
      options.onBreak?.(offset);
      stream = await this.reader.download(fileAt(path), { headers: { range: `bytes=${offset}-` } });
    }
  }

  list(path: string): AsyncGenerator<DirectoryEntry> {
    return byToken<DirectoryEntry>(this.reader, { path: directoryAt(path), items: "contents" });
  }
}

export class Files extends FilesReader {
  constructor(private readonly client: Client) {
    super(client);
  }

  /**
   * @param body a function, so that a retry starts from the beginning
   * @param options `size` of an upload that must not overwrite: after a lost response, an existing
   * file of this size is the uploaded one
   */
  async upload(
    path: string,
    body: () => Readable | Uint8Array,
    options: {
      readonly overwrite?: boolean;
      readonly size?: number;
      readonly signal?: AbortSignal;
    } = {},
  ): Promise<void> {
    const { overwrite = true, size, signal } = options;
    const started = Date.now();
    const recover = async (): Promise<unknown> => {
      const isThis = ({ size: found, lastModified = "" }: FileMetadata): boolean =>
        found === size && wasMadeSince(this.client.host, Date.parse(lastModified), started);
      return orMissing(this.metadata(path), (found) =>
        isThis(found as FileMetadata) ? {} : undefined,
      );
    };
    await this.client.upload(fileAt(path), body, {
      query: { overwrite },
      ...(overwrite ? { idempotent: true } : { idempotent: false, recover }),
      ...defined({ signal }),
    });
  }

  async createDirectory(path: string): Promise<void> {
    await this.client.put(directoryAt(path), undefined);
  }

  async delete(path: string): Promise<void> {
    await this.client.delete(fileAt(path));
  }

  async deleteDirectory(path: string): Promise<void> {
    await this.client.delete(directoryAt(path));
  }
}
