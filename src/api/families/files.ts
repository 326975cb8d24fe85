import { Readable } from "node:stream";
import { defined } from "../../defined";
import { LakeformError } from "../../errors";
import type { Client, ReadClient } from "../client";
import { wasCreatedSince } from "../transport/clock";
import { isConnectionError, orMissing } from "../transport/errors";
import { byToken } from "../transport/paging";

export interface DirectoryEntry {
  readonly path: string;
  readonly name?: string;
  readonly is_directory?: boolean;
  /** Size in bytes; files only. */
  readonly file_size?: number;
  /** Milliseconds since the epoch. */
  readonly last_modified?: number;
}

export interface FileMetadata {
  /** Size in bytes. */
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

const fileChanged = (path: string): LakeformError =>
  new LakeformError("FILE_CHANGED", "the file changed while it was downloaded", {
    value: path,
    fix: "copy it again when no process is writing to it",
  });

const fileRoute = (path: string): string => `/api/2.0/fs/files${encode(path)}`;
const directoryRoute = (path: string): string => `/api/2.0/fs/directories${encode(path)}`;
const encode = (path: string): string => path.split("/").map(encodeURIComponent).join("/");

/** Reads files with the Files API, which serves volumes (`/Volumes/…`), as streams. */
export class FilesReader {
  constructor(private readonly reader: ReadClient) {}

  async metadata(path: string): Promise<FileMetadata> {
    const headers = await this.reader.head(fileRoute(path));
    const { "content-type": contentType, "last-modified": lastModified } = headers;
    return {
      size: Number(headers["content-length"] ?? "0"),
      ...defined({ contentType, lastModified }),
    };
  }

  /** @throws ApiError (isNotFound) if the directory does not exist */
  async requireDirectory(path: string): Promise<void> {
    await this.reader.head(directoryRoute(path));
  }

  /**
   * Returns the bytes of a file. If the connection breaks and the file is unchanged, the download
   * resumes at the last offset.
   * @throws LakeformError FILE_CHANGED if the file changes during the download; ConnectionError
   * after repeated breaks without receiving a byte
   */
  async download(path: string, options: DownloadOptions = {}): Promise<Readable> {
    const metadata = await this.metadata(path);
    const first = await this.reader.download(fileRoute(path));
    return Readable.from(this.#readResuming(path, first, metadata, options));
  }

  async *#readResuming(
    path: string,
    first: Readable,
    metadata: FileMetadata,
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
        if (offset === metadata.size) return;
        if (offset > metadata.size) throw fileChanged(path);
      } catch (error) {
        if (!isConnectionError(error) || idle >= maxConsecutiveBreaks) throw error;
      }
      if (idle >= maxConsecutiveBreaks) throw fileChanged(path);
      const current = await this.metadata(path);
      if (current.size !== metadata.size || current.lastModified !== metadata.lastModified)
        throw fileChanged(path);
      options.onBreak?.(offset);
      stream = await this.reader.download(fileRoute(path), {
        headers: { range: `bytes=${offset}-` },
      });
    }
  }

  list(path: string): AsyncGenerator<DirectoryEntry> {
    return byToken<DirectoryEntry>(this.reader, { path: directoryRoute(path), items: "contents" });
  }
}

export class Files extends FilesReader {
  constructor(private readonly client: Client) {
    super(client);
  }

  /**
   * @param body a function, so that a retry starts from the beginning
   * @param options `size` of an upload that must not overwrite: after a lost response, a new file of
   * this size is the uploaded one
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
    // Without overwrite, a file that was created since then can only be the uploaded one.
    const recover = async (): Promise<unknown> => {
      const isUploadedFile = ({ size: fileSize, lastModified = "" }: FileMetadata): boolean =>
        fileSize === size && wasCreatedSince(this.client.host, Date.parse(lastModified), started);
      return orMissing(this.metadata(path), (metadata) =>
        isUploadedFile(metadata as FileMetadata) ? {} : undefined,
      );
    };
    await this.client.upload(fileRoute(path), body, {
      query: { overwrite },
      ...(overwrite ? { idempotent: true } : { idempotent: false, recover }),
      ...defined({ signal }),
    });
  }

  async createDirectory(path: string): Promise<void> {
    await this.client.put(directoryRoute(path), undefined);
  }

  async delete(path: string): Promise<void> {
    await this.client.delete(fileRoute(path));
  }

  async deleteDirectory(path: string): Promise<void> {
    await this.client.delete(directoryRoute(path));
  }
}
