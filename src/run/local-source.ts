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
 * Opens a local file. If it changes while it is read, `changed()` reports this.
 * @throws LakeformError NO_SUCH_FILE, also if the file cannot be read
 */
export async function openLocal(file: string): Promise<LocalSource> {
  const handle = await fs.open(file, "r").catch((error: unknown) => {
    throw new LakeformError("NO_SUCH_FILE", "the file cannot be read", {
      value: file,
      fix: "check the path and its permissions",
      cause: error,
    });
  });
  const opened = await handle.stat();
  let difference: string | undefined;
  const checkForChange = async (): Promise<void> => {
    const current = await fs.stat(file).catch(() => undefined);
    if (current === undefined) difference = "it was deleted";
    else if (current.ino !== opened.ino) difference = "it was replaced";
    else if (current.size !== opened.size)
      difference = `${opened.size} bytes became ${current.size}`;
    else if (current.mtimeMs !== opened.mtimeMs) difference = "it was written to";
  };
  // Reused by each call of `read`.
  const buffer = Buffer.allocUnsafe(1_000_000);
  const read = async (offset: number, length: number, into: Buffer): Promise<Buffer> => {
    const byteCount = Math.min(length, opened.size - offset);
    let filled = 0;
    while (filled < byteCount) {
      const { bytesRead } = await handle.read(into, filled, byteCount - filled, offset + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    if (filled < byteCount || offset + filled >= opened.size) await checkForChange();
    return into.subarray(0, Math.max(0, filled));
  };
  return {
    file,
    size: opened.size,
    read: (offset, length) =>
      read(offset, length, length > buffer.length ? Buffer.allocUnsafe(length) : buffer),
    stream: (onProgress) =>
      Readable.from(
        (async function* () {
          for (let offset = 0; offset < opened.size;) {
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
