import fs from "node:fs/promises";
import { Readable } from "node:stream";
import type { RandomSource } from "../api/families/dbfs";
import { LakeformError } from "../errors";

/** A local file that is being uploaded. */
export interface LocalSource extends RandomSource {
  readonly file: string;
  /** Size in bytes at the time the file was opened. */
  readonly size: number;
  /** Streams the file from the start. */
  stream(onProgress?: (bytes: number) => void): Readable;
  /**
   * Describes how the file changed after it was opened, according to a `stat` after the last read;
   * undefined if it did not change.
   */
  changed(): string | undefined;
  close(): Promise<void>;
}

/**
 * Opens a local file.
 * @throws LakeformError NO_SUCH_FILE, FILE_CHANGED if the file changes while it is read
 */
export async function openLocal(file: string): Promise<LocalSource> {
  const handle = await fs.open(file, "r").catch((error: unknown) => {
    throw new LakeformError("NO_SUCH_FILE", "the file cannot be read", {
      value: file,
      fix: "check the path and its permissions",
      cause: error,
    });
  });
  const before = await handle.stat();
  let difference: string | undefined;
  const checkForChange = async (): Promise<void> => {
    const now = await fs.stat(file).catch(() => undefined);
    if (now === undefined) difference = "it is gone";
    else if (now.ino !== before.ino) difference = "it was replaced";
    else if (now.size !== before.size) difference = `${before.size} bytes became ${now.size}`;
    else if (now.mtimeMs !== before.mtimeMs) difference = "it was written to";
  };
  const buffer = Buffer.allocUnsafe(1_000_000);
  const read = async (offset: number, length: number, into: Buffer): Promise<Buffer> => {
    const wanted = Math.min(length, before.size - offset);
    let filled = 0;
    while (filled < wanted) {
      const { bytesRead } = await handle.read(into, filled, wanted - filled, offset + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    if (filled < wanted || offset + filled >= before.size) await checkForChange();
    return into.subarray(0, Math.max(0, filled));
  };
  return {
    file,
    size: before.size,
    read: (offset, length) =>
      read(offset, length, length > buffer.length ? Buffer.allocUnsafe(length) : buffer),
    stream: (onProgress) =>
      Readable.from(
        (async function* () {
          for (let offset = 0; offset < before.size;) {
            const block = await read(offset, 256 * 1024, Buffer.allocUnsafe(256 * 1024));
            if (block.length === 0) return;
            offset += block.length;
            onProgress?.(offset);
            yield block;
          }
        })(),
      ),
    changed: () => difference,
    close: () => handle.close(),
  };
}
