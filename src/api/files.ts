import type { Readable } from "node:stream";
import type { Client, ReadClient } from "./client";
import { byToken } from "./paging";

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
  /** As the header has it. */
  readonly lastModified?: string;
}

const fileAt = (path: string): string => `/api/2.0/fs/files${encode(path)}`;
const directoryAt = (path: string): string => `/api/2.0/fs/directories${encode(path)}`;
const encode = (path: string): string => path.split("/").map(encodeURIComponent).join("/");

/** Files on volumes (`/Volumes/…`) and elsewhere, streamed. */
export class FilesReader {
  constructor(private readonly reader: ReadClient) {}

  async metadata(path: string): Promise<FileMetadata> {
    const headers = await this.reader.head(fileAt(path));
    const { "content-type": contentType, "last-modified": lastModified } = headers;
    return {
      size: Number(headers["content-length"] ?? "0"),
      ...(contentType === undefined ? {} : { contentType }),
      ...(lastModified === undefined ? {} : { lastModified }),
    };
  }

  /** @throws ApiError (isNotFound) */
  async directoryExists(path: string): Promise<void> {
    await this.reader.head(directoryAt(path));
  }

  download(path: string): Promise<Readable> {
    return this.reader.download(fileAt(path));
  }

  list(path: string): AsyncGenerator<DirectoryEntry> {
    return byToken<DirectoryEntry>(this.reader, { path: directoryAt(path), items: "contents" });
  }
}

export class Files extends FilesReader {
  constructor(private readonly client: Client) {
    super(client);
  }

  /** @param body a function, so that a retry starts from the beginning */
  async upload(path: string, body: () => Readable | Uint8Array, overwrite = true): Promise<void> {
    await this.client.upload(fileAt(path), body, { query: { overwrite }, idempotent: overwrite });
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
