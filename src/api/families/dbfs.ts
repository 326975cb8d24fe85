import { defined } from "../../defined";
import { listOf } from "../transport/paging";
import type { CallOptions, Client, ReadClient } from "../client";
import { LakeformError } from "../../errors";
import { isApiError, orMissing } from "../transport/errors";
import { createUnique } from "../transport/lost-answers";

export interface DbfsFile {
  readonly path: string;
  readonly is_dir: boolean;
  /** Size in bytes. */
  readonly file_size: number;
  /** Milliseconds since the epoch. */
  readonly modification_time?: number;
}

/** Bytes per block; the API accepts up to 1 MB. */
export const dbfsBlock = 1_000_000;
/** Max restarts of an upload whose handle has expired, or whose final size is wrong. */
const maxRestarts = 20;

const base = "/api/2.0/dbfs";

export interface Progress {
  readonly signal?: AbortSignal;
  /** Called with the number of bytes transferred so far. */
  readonly onProgress?: (bytes: number) => void;
}

/**
 * Progress of an upload: its open handle on the platform (which expires after 10 idle minutes), and
 * the bytes confirmed so far.
 */
export interface UploadPoint {
  readonly handle: number;
  /** The number of bytes that the platform has confirmed. */
  readonly offset: number;
  /**
   * The size of the file being replaced. If the platform still reports this size, it does not show
   * the size of the new file.
   */
  readonly replaces?: number;
}

/**
 * Stores upload progress outside the process, so that a later process can resume. The source must
 * be unchanged.
 */
export interface ResumePoint {
  load(): UploadPoint | undefined;
  save(point: UploadPoint): void;
  clear(): void;
}

export interface DbfsWrite extends Progress {
  /** @default true */
  readonly overwrite?: boolean | undefined;
  readonly resume?: ResumePoint;
}

/** Reads the source at an offset, so that an upload can go back. */
export interface RandomSource {
  /** @returns up to `length` bytes, fewer only at the end; the next call may reuse the buffer */
  read(offset: number, length: number): Promise<Buffer>;
}

export class DbfsReader {
  constructor(private readonly reader: ReadClient) {}

  /** @throws ApiError (isNotFound) */
  async status(path: string, options: CallOptions = {}): Promise<DbfsFile> {
    return (await this.reader.get(`${base}/get-status`, {
      ...options,
      query: { path },
    })) as DbfsFile;
  }

  async list(path: string): Promise<readonly DbfsFile[]> {
    return listOf<DbfsFile>(this.reader, `${base}/list`, "files", { query: { path } });
  }

  /**
   * Reads a file in blocks of 1 MB. Each block is retried on its own, so a long download does not
   * restart.
   * @param from offset of the first byte
   */
  async *read(path: string, from = 0, options: Progress = {}): AsyncGenerator<Buffer> {
    const signal = options.signal === undefined ? {} : { signal: options.signal };
    const { file_size: total, is_dir: folder } = await this.status(path, signal);
    if (folder)
      throw new LakeformError("IS_A_DIRECTORY", "this is a folder, not a file", {
        value: path,
        fix: "name a file in it, or copy with -r",
      });
    for (let offset = from; offset < total;) {
      const { data } = (await this.reader.get(`${base}/read`, {
        ...signal,
        query: { path, offset, length: dbfsBlock },
      })) as {
        data?: string;
      };
      const block = Buffer.from(data ?? "", "base64");
      if (block.length === 0) {
        throw new LakeformError("FILE_CHANGED", "the file was truncated while it was read", {
          value: path,
          fix: "copy it again when no process is writing to it",
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
   * Writes a file in blocks of 1 MB, with one block in memory at a time. A failed block is sent
   * again; with `resume`, a later process continues at that block. If the response to a block is
   * lost, the file size shows whether the block arrived. If the workspace does not report the size
   * of a file that is being written, the block is sent again and may be in the file twice: a wrong
   * final size causes a new upload.
   * @throws LakeformError `UPLOAD_INCOMPLETE`
   * @returns the number of bytes written
   */
  async write(path: string, source: RandomSource, options: DbfsWrite = {}): Promise<number> {
    const smallFileSize = await this.putSmall(path, source, options);
    if (smallFileSize !== undefined) return smallFileSize;
    let { overwrite } = options;
    for (let attempt = 0; ; attempt += 1) {
      try {
        const writtenBytes = await this.writeOnce(path, source, { ...options, overwrite });
        // The file now has the content of this upload, so another attempt may overwrite it.
        overwrite = true;
        const { file_size: size } = await this.status(path);
        options.resume?.clear();
        if (size === writtenBytes) return writtenBytes;
        throw new IncompleteUpload(`${writtenBytes} bytes were sent, the file has ${size}`);
      } catch (error) {
        if (!(error instanceof IncompleteUpload)) throw error;
        options.resume?.clear();
        if (attempt >= maxRestarts) {
          throw new LakeformError(
            "UPLOAD_INCOMPLETE",
            `the upload was incomplete ${maxRestarts + 1} times: ${error.message}`,
            {
              value: path,
              fix: "try again; if it persists, check whether another process writes to this path",
            },
          );
        }
      }
    }
  }

  /**
   * Uploads a source smaller than a block in one call. The call is safe to repeat: it overwrites the
   * file, or, without overwrite, "already exists" after a lost response means that the file arrived.
   * @returns the number of bytes; undefined if the source is not smaller than a block
   */
  private async putSmall(
    path: string,
    source: RandomSource,
    options: DbfsWrite,
  ): Promise<number | undefined> {
    const bytes = await source.read(0, dbfsBlock);
    if (bytes.length >= dbfsBlock) return undefined;
    const overwrite = options.overwrite ?? true;
    const signal = options.signal === undefined ? {} : { signal: options.signal };
    await createUnique(() =>
      this.client.post(
        `${base}/put`,
        { path, contents: bytes.toString("base64"), overwrite },
        { ...signal, idempotent: true },
      ),
    );
    options.onProgress?.(bytes.length);
    return bytes.length;
  }

  /** @returns the number of bytes sent */
  private async writeOnce(path: string, source: RandomSource, options: DbfsWrite): Promise<number> {
    const signal = options.signal === undefined ? {} : { signal: options.signal };
    const savedPoint = options.resume?.load();
    const point = savedPoint ?? (await this.openUpload(path, options));
    const { handle } = point;
    const encode = blockEncoder(handle);
    let { offset } = point;
    // The previous process may have ended before it saved that the platform confirmed a block.
    let isUncertain = savedPoint !== undefined;
    if (isUncertain) options.onProgress?.(offset);
    for (;;) {
      const block = await source.read(offset, dbfsBlock);
      if (block.length === 0) break;
      const endOffset = offset + block.length;
      const findBlock = async (): Promise<unknown> => {
        const size = await this.sizeOf(path);
        return size === endOffset && size !== point.replaces ? {} : undefined;
      };
      // A rate-limited call had no effect; after any other error the file size decides.
      const recover = (status: number | undefined) =>
        status === 429 ? Promise.resolve(undefined) : findBlock();
      try {
        if (!isUncertain || (await findBlock()) === undefined)
          await this.client.post(`${base}/add-block`, encode(block), { ...signal, recover });
      } catch (error) {
        if (
          isApiError(error) &&
          (error.kind === "not-found" || /handle/i.test(error.workspaceMessage))
        )
          throw new IncompleteUpload("the upload handle has expired");
        throw error;
      }
      isUncertain = false;
      offset = endOffset;
      options.resume?.save({ ...point, offset });
      options.onProgress?.(offset);
      if (block.length < dbfsBlock) break;
    }
    try {
      await this.client.post(
        `${base}/close`,
        { handle },
        { ...signal, idempotent: true, removes: true },
      );
    } catch (error) {
      // An attempt whose response was lost may have closed the file. The size check that follows shows
      // whether the file is complete.
      const isClosed =
        isApiError(error) &&
        error.history.length > 0 &&
        (error.kind === "not-found" || /handle/i.test(error.workspaceMessage));
      if (!isClosed) throw error;
    }
    return offset;
  }

  /**
   * Opens an upload handle. With overwrite this is safe to repeat: a second call only opens another
   * handle to the empty file.
   */
  private async openUpload(
    path: string,
    { overwrite = true, signal, resume }: DbfsWrite,
  ): Promise<UploadPoint> {
    const options = { ...defined({ signal }), idempotent: true };
    const replaces = overwrite ? await this.sizeOf(path) : undefined;
    const create = (replace: boolean): Promise<unknown> =>
      this.client.post(`${base}/create`, { path, overwrite: replace }, options);
    // "Already exists" after a lost response: the lost call created the file, but its handle was in
    // the response. Overwriting that empty file returns a handle.
    const response = overwrite
      ? await create(true)
      : ((await createUnique(() => create(false))) ?? (await create(true)));
    const { handle } = response as { handle: number };
    const point = { handle, offset: 0, ...defined({ replaces }) };
    resume?.save(point);
    return point;
  }

  /** @returns undefined if the file does not exist (yet) */
  private async sizeOf(path: string): Promise<number | undefined> {
    return orMissing(this.status(path), (status) => (status as DbfsFile).file_size);
  }

  async mkdirs(path: string): Promise<void> {
    await this.client.post(`${base}/mkdirs`, { path }, { idempotent: true });
  }

  /**
   * Deletes a file or folder; a large folder takes several rounds (the API returns PARTIAL_DELETE).
   * A missing file or folder is not an error.
   */
  async delete(path: string, recursive = false): Promise<void> {
    for (let round = 0; ; round += 1) {
      try {
        await this.client.post(
          `${base}/delete`,
          { path, recursive },
          { idempotent: true, removes: true },
        );
        return;
      } catch (error) {
        if (!(isApiError(error) && error.errorCode === "PARTIAL_DELETE" && round < 1000))
          throw error;
      }
    }
  }
}

/**
 * Encodes `{"handle":…,"data":"…"}` in a reused buffer: a 1.3 MB string per block would grow the
 * heap to many times that size between collections.
 */
function blockEncoder(handle: number): (block: Buffer) => Uint8Array {
  const head = `{"handle":${handle},"data":"`;
  const tail = '"}';
  // Base64 has 4 characters for each 3 bytes.
  const capacity = head.length + tail.length + Math.ceil(dbfsBlock / 3) * 4;
  const buffer = Buffer.allocUnsafe(capacity);
  // A multiple of 3, so that only the last piece has padding.
  const pieceSize = 24_576;
  return (block) => {
    let position = buffer.write(head, "latin1");
    for (let from = 0; from < block.length; from += pieceSize)
      position += buffer.write(
        block.toString("base64", from, from + pieceSize),
        position,
        "latin1",
      );
    position += buffer.write(tail, position, "latin1");
    return buffer.subarray(0, position);
  };
}

/** Thrown if the upload must start again: its handle has expired, or the file has a wrong size. */
class IncompleteUpload extends Error {}
