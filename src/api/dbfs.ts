import type { CallOptions, Client, ReadClient } from "./client";
import { LakeformError } from "../errors";
import { isApiError, isNotFound } from "./errors";
import { createdUnlessThere } from "./loss";

export interface DbfsFile {
  readonly path: string;
  readonly is_dir: boolean;
  /** Bytes. */
  readonly file_size: number;
  /** Milliseconds since the epoch. */
  readonly modification_time?: number;
}

/** Bytes of a block up or down: the API takes 1 MB at most. */
export const dbfsBlock = 1_000_000;
/** How often a whole upload begins again when the workspace cannot tell how much of it arrived. */
const restarts = 20;

const base = "/api/2.0/dbfs";

export interface Progress {
  readonly signal?: AbortSignal;
  /** Bytes done so far. */
  readonly onProgress?: (bytes: number) => void;
}

/** Gives the bytes of a source from an offset on, so that an upload can go back: for a file, reads at that place. */
export interface RandomSource {
  /** @returns at most `length` bytes, fewer only at the end; the buffer may be used again by the next call */
  read(offset: number, length: number): Promise<Buffer>;
}

export class DbfsReader {
  constructor(private readonly reader: ReadClient) {}

  /** @throws ApiError (isNotFound) */
  async status(path: string, options: CallOptions = {}): Promise<DbfsFile> {
    return (await this.reader.get(`${base}/get-status`, { ...options, query: { path } })) as DbfsFile;
  }

  async list(path: string): Promise<readonly DbfsFile[]> {
    return ((await this.reader.get(`${base}/list`, { query: { path } })) as { files?: DbfsFile[] }).files ?? [];
  }

  /** A file in blocks of 1 MB; each is asked for again by itself when it is lost, so a long download does not begin anew. @param from the offset to begin at */
  async *read(path: string, from = 0, options: Progress = {}): AsyncGenerator<Buffer> {
    const signal = options.signal === undefined ? {} : { signal: options.signal };
    const { file_size: total, is_dir: folder } = await this.status(path, signal);
    if (folder)
      throw new LakeformError("IS_A_DIRECTORY", "this is a folder, not a file", { value: path, fix: "name a file in it, or copy with -r" });
    for (let offset = from; offset < total;) {
      const { data } = (await this.reader.get(`${base}/read`, { ...signal, query: { path, offset, length: dbfsBlock } })) as {
        data?: string;
      };
      const block = Buffer.from(data ?? "", "base64");
      if (block.length === 0) {
        throw new LakeformError("FILE_CHANGED", "the file became shorter while it was read", {
          value: path,
          fix: "copy it again when nobody writes to it",
        });
      }
      offset += block.length;
      options.onProgress?.(offset);
      yield block;
    }
  }
}

export class Dbfs extends DbfsReader {
  constructor(private readonly client: Client) {
    super(client);
  }

  /**
   * Writes a file in blocks of 1 MB, holding one at a time. When the answer to a block is lost, the file's size tells whether it arrived; where the
   * workspace does not show the size of a file that is being written, the upload begins again.
   * @returns the bytes written
   */
  async write(path: string, source: RandomSource, options: Progress & { readonly overwrite?: boolean } = {}): Promise<number> {
    const small = await this.putSmall(path, source, options);
    if (small !== undefined) return small;
    for (let attempt = 0; ; attempt += 1) {
      try {
        const written = await this.writeOnce(path, source, options);
        const { file_size: size } = await this.status(path);
        if (size === written) return written;
        throw new BlockLost(`${written} bytes were sent, the file has ${size}`);
      } catch (error) {
        if (!(error instanceof BlockLost)) throw error;
        if (attempt >= restarts) {
          throw new LakeformError("UPLOAD_INCOMPLETE", `the upload did not arrive whole, ${restarts + 1} times: ${error.message}`, {
            value: path,
            fix: "try again; if it stays so, look whether somebody else writes to this path",
          });
        }
      }
    }
  }

  /** Less than a block goes in one call, which may be repeated as it overwrites. @returns undefined when it is more */
  private async putSmall(
    path: string,
    source: RandomSource,
    options: Progress & { readonly overwrite?: boolean },
  ): Promise<number | undefined> {
    const bytes = await source.read(0, dbfsBlock);
    if (bytes.length >= dbfsBlock) return undefined;
    const overwrite = options.overwrite ?? true;
    const signal = options.signal === undefined ? {} : { signal: options.signal };
    await createdUnlessThere(() =>
      this.client.post(`${base}/put`, { path, contents: bytes.toString("base64"), overwrite }, { ...signal, idempotent: true }),
    );
    options.onProgress?.(bytes.length);
    return bytes.length;
  }

  private async writeOnce(path: string, source: RandomSource, options: Progress & { readonly overwrite?: boolean }): Promise<number> {
    const signal = options.signal === undefined ? {} : { signal: options.signal };
    // with overwrite a second create only makes a second, empty handle
    const { handle } = (await this.client.post(
      `${base}/create`,
      { path, overwrite: options.overwrite ?? true },
      { ...signal, idempotent: true },
    )) as { handle: number };
    const encode = blockEncoder(handle);
    let offset = 0;
    for (;;) {
      const block = await source.read(offset, dbfsBlock);
      if (block.length === 0) break;
      const after = offset + block.length;
      // a rate limit answers before the deed; after anything else the size has to tell
      const recover = (status: number | undefined) => (status === 429 ? Promise.resolve(undefined) : this.arrived(path, offset, after));
      try {
        await this.client.post(`${base}/add-block`, encode(block), { ...signal, recover });
      } catch (error) {
        if (isApiError(error) && /handle/i.test(error.said)) throw new BlockLost("the workspace forgot the upload");
        throw error;
      }
      offset = after;
      options.onProgress?.(offset);
      if (block.length < dbfsBlock) break;
    }
    try {
      await this.client.post(`${base}/close`, { handle }, { ...signal, idempotent: true, removes: true });
    } catch (error) {
      // closed by an attempt whose answer was lost; the size that is looked at next tells whether all is there
      const closed = isApiError(error) && error.history.length > 0 && (error.kind === "not-found" || /handle/i.test(error.said));
      if (!closed) throw error;
    }
    return offset;
  }

  private async arrived(path: string, before: number, after: number): Promise<unknown> {
    let size: number;
    try {
      size = (await this.status(path)).file_size;
    } catch (error) {
      if (!isNotFound(error)) throw error;
      size = -1;
    }
    if (size === after) return {};
    if (size === before && before > 0) return undefined;
    throw new BlockLost("the answer to a block was lost, and the workspace cannot tell whether it arrived");
  }

  async mkdirs(path: string): Promise<void> {
    await this.client.post(`${base}/mkdirs`, { path }, { idempotent: true });
  }

  /** A large folder is deleted in several rounds (the API says PARTIAL_DELETE). One that is not there is fine. */
  async delete(path: string, recursive = false): Promise<void> {
    for (let round = 0; ; round += 1) {
      try {
        await this.client.post(`${base}/delete`, { path, recursive }, { idempotent: true, removes: true });
        return;
      } catch (error) {
        if (!(isApiError(error) && error.errorCode === "PARTIAL_DELETE" && round < 1000)) throw error;
      }
    }
  }
}

/**
 * Writes `{"handle":…,"data":"…"}` into a buffer that is used again for the next block: a string of 1.3 MB for each block would let the heap grow to
 * many times that before it is collected.
 */
function blockEncoder(handle: number): (block: Buffer) => Uint8Array {
  const head = `{"handle":${handle},"data":"`;
  const tail = '"}';
  const room = head.length + tail.length + Math.ceil(dbfsBlock / 3) * 4;
  const buffer = Buffer.allocUnsafe(room);
  // a multiple of 3, so that only the last piece has padding
  const piece = 24_576;
  return (block) => {
    let at = buffer.write(head, "latin1");
    for (let from = 0; from < block.length; from += piece) at += buffer.write(block.toString("base64", from, from + piece), at, "latin1");
    at += buffer.write(tail, at, "latin1");
    return buffer.subarray(0, at);
  };
}

/** It is not known whether a block arrived. */
class BlockLost extends Error {}
