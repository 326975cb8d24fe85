import fs from "node:fs";
import type { JournalEntry } from "./journal";

const MEGABYTE = 1024 * 1024;

export interface JournalFileOptions {
  readonly file: string;
  /** The size at which the file is rotated. @default 64 MiB */
  readonly maxBytes?: number;
  /** The number of rotated files to keep; FILE.1 is the newest. @default 4 */
  readonly keep?: number;
}

/** Writes each call, redacted, as a line of JSON to a file with rotation. */
export class JournalFile {
  private readonly file: string;
  private readonly maxBytes: number;
  private readonly keep: number;
  private stream: fs.WriteStream;
  private size: number;
  /** Rotated files with pending writes. */
  private readonly pendingFiles = new Set<Promise<void>>();

  /** @param log called with a line for each rotation and each failed write */
  constructor(
    { file, maxBytes = 64 * MEGABYTE, keep = 4 }: JournalFileOptions,
    private readonly log: (line: string) => void,
  ) {
    [this.file, this.maxBytes, this.keep] = [file, maxBytes, keep];
    this.size = fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0;
    this.stream = this.open();
  }

  write(entry: JournalEntry): void {
    const line = `${JSON.stringify(entry)}\n`;
    const bytes = Buffer.byteLength(line);
    if (this.size > 0 && this.size + bytes > this.maxBytes) this.rotate();
    this.size += bytes;
    this.stream.write(line);
  }

  async close(): Promise<void> {
    this.end();
    await Promise.all(this.pendingFiles);
  }

  private open(): fs.WriteStream {
    const stream = fs.createWriteStream(this.file, { fd: fs.openSync(this.file, "a", 0o600) });
    stream.on("error", (error) =>
      this.log(`journal: could not write ${this.file}: ${error.message}`),
    );
    return stream;
  }

  private end(): void {
    const { stream } = this;
    const closed = new Promise<void>((resolve) => stream.once("close", resolve));
    this.pendingFiles.add(closed);
    void closed.then(() => this.pendingFiles.delete(closed));
    stream.end();
  }

  /** Rotates the file. Pending writes continue to the renamed file. */
  private rotate(): void {
    this.end();
    const rotatedFile = (number: number): string => `${this.file}.${number}`;
    const deletesOldest = fs.existsSync(rotatedFile(this.keep));
    if (this.keep === 0) fs.rmSync(this.file);
    else {
      for (let number = this.keep - 1; number > 0; number--)
        if (fs.existsSync(rotatedFile(number)))
          fs.renameSync(rotatedFile(number), rotatedFile(number + 1));
      fs.renameSync(this.file, rotatedFile(1));
    }
    const action = this.keep === 0 ? "removed" : `moved to ${rotatedFile(1)}`;
    this.log(
      `journal: ${this.file} had ${this.size} bytes and was ${action}${deletesOldest ? `; the calls in ${rotatedFile(this.keep)} were deleted` : ""}`,
    );
    this.size = 0;
    this.stream = this.open();
  }
}
