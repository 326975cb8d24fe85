import { createHash, randomUUID } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { Readable } from "node:stream";
import { WorkspaceError } from "./errors";
import type { Collection, Store } from "./store";

/**
 * Where bytes are stored: a small blob in the store itself, a larger one in a file of the data
 * folder.
 */
export interface BlobRef {
  readonly size: number;
  readonly sha256: string;
  /** The bytes of a small blob as base64. */
  readonly inline?: string;
  /** The file name of a larger blob in the folder `blobs`. */
  readonly file?: string;
}

const MAX_INLINE_BYTES = 64 * 1024;

/**
 * File contents. A blob is first written and synced, then adopted in the write of the object that
 * refers to it. Blobs that are never adopted are deleted at the next start at the latest.
 */
export class Blobs {
  private readonly folder: string;
  private readonly adoptedFiles: Collection<number>;
  private readonly releasedFiles = new Set<string>();

  constructor(store: Store) {
    this.folder = path.join(store.folder, "blobs");
    this.adoptedFiles = store.collection("blobs");
    fs.mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    this.deleteUnused();
  }

  /** Stores bytes. Adopt the result in the write that refers to it. */
  async put(bytes: Buffer): Promise<BlobRef> {
    return bytes.length <= MAX_INLINE_BYTES
      ? inlineBlob(bytes)
      : this.putStream(Readable.from([bytes]));
  }

  /** Stores a stream. @throws 413 if it is longer than `limit` bytes */
  async putStream(stream: Readable, limit = Infinity): Promise<BlobRef> {
    const writer = await this.openWriter();
    try {
      for await (const chunk of stream) {
        const bytes = chunk as Buffer;
        if (writer.size + bytes.length > limit)
          throw new WorkspaceError(
            "REQUEST_SIZE_EXCEEDED",
            `The content is larger than ${limit} bytes`,
          );
        await writer.append(bytes);
      }
    } catch (error) {
      await writer.abandon();
      throw error;
    }
    return writer.finish();
  }

  /** Opens a writer for a blob that arrives in blocks (dbfs/create, add-block, close). */
  async openWriter(): Promise<BlobWriter> {
    const name = randomUUID();
    return new BlobWriter(
      name,
      await fs.promises.open(path.join(this.folder, name), "wx", 0o600),
      path.join(this.folder, name),
    );
  }

  /** Marks a blob as in use. Call it inside the write that refers to the blob. */
  adopt(ref: BlobRef): void {
    if (ref.file !== undefined) this.adoptedFiles.put(ref.file, ref.size);
  }

  /**
   * Marks a blob as unused. Call it inside the write that removes the last reference. The file is
   * deleted later, because the write may be rolled back.
   */
  release(ref: BlobRef): void {
    if (ref.file === undefined) return;
    this.adoptedFiles.remove(ref.file);
    this.releasedFiles.add(ref.file);
  }

  /** Waits for the write that adopts the blob. If the write fails, the file is deleted later. */
  async settle<R>(ref: BlobRef, write: Promise<R>): Promise<R> {
    try {
      return await write;
    } catch (error) {
      if (ref.file !== undefined) this.releasedFiles.add(ref.file);
      throw error;
    }
  }

  async read(ref: BlobRef, offset = 0, length = ref.size): Promise<Buffer> {
    if (ref.inline !== undefined)
      return Buffer.from(ref.inline, "base64").subarray(offset, offset + length);
    const handle = await fs.promises.open(path.join(this.folder, ref.file ?? ""), "r");
    try {
      const size = Math.max(0, Math.min(length, ref.size - offset));
      const bytes = Buffer.alloc(size);
      const { bytesRead } = await handle.read(bytes, 0, size, offset);
      return bytes.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  }

  stream(ref: BlobRef): Readable | Buffer {
    return ref.inline === undefined
      ? fs.createReadStream(path.join(this.folder, ref.file ?? ""))
      : Buffer.from(ref.inline, "base64");
  }

  /**
   * Deletes the files of released blobs and, unless `onlyReleased`, those of all blobs that were
   * never adopted, such as those of a killed process. Call it without `onlyReleased` only at
   * startup: a blob that is being written is not adopted yet.
   */
  deleteUnused({ onlyReleased = false } = {}): void {
    const names = onlyReleased ? [...this.releasedFiles] : fs.readdirSync(this.folder);
    this.releasedFiles.clear();
    for (const name of names)
      if (!this.adoptedFiles.has(name)) fs.rmSync(path.join(this.folder, name), { force: true });
  }
}

/** Creates a blob that is stored in the store itself. */
function inlineBlob(bytes: Buffer): BlobRef {
  return {
    size: bytes.length,
    sha256: createHash("sha256").update(bytes).digest("hex"),
    inline: bytes.toString("base64"),
  };
}

class BlobWriter {
  size = 0;
  private readonly hash = createHash("sha256");

  constructor(
    private readonly name: string,
    private readonly handle: fs.promises.FileHandle,
    private readonly file: string,
  ) {}

  async append(bytes: Buffer): Promise<void> {
    this.size += bytes.length;
    this.hash.update(bytes);
    await this.handle.writeFile(bytes);
  }

  async finish(): Promise<BlobRef> {
    await this.handle.sync();
    await this.handle.close();
    const sha256 = this.hash.digest("hex");
    if (this.size > MAX_INLINE_BYTES) return { size: this.size, sha256, file: this.name };
    const bytes = await fs.promises.readFile(this.file);
    await fs.promises.rm(this.file, { force: true });
    return { size: this.size, sha256, inline: bytes.toString("base64") };
  }

  async abandon(): Promise<void> {
    await this.handle.close();
    await fs.promises.rm(this.file, { force: true });
  }
}

export type { BlobWriter };
