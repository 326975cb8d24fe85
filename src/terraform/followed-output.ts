import { randomBytes } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { StringDecoder } from "node:string_decoder";

/** Polling interval for new lines, in milliseconds. */
const pollIntervalMs = 50;

/**
 * Reads a process's output through an unnamed file instead of a pipe. A broken pipe ends a process
 * at its next write, but Terraform must continue until its state is saved even if lakeform is
 * killed.
 */
export class FollowedOutput {
  /** The file descriptor to pass to the process. */
  readonly fd: number;
  readonly #decoder = new StringDecoder("utf8");
  readonly #timer: NodeJS.Timeout;
  #position = 0;
  #partialLine = "";

  /**
   * @param onLine called for each complete line
   * @param otherFolder used if the disk of the folder for temporary files is full
   */
  constructor(
    private readonly onLine: (line: string) => void,
    otherFolder: string,
  ) {
    const folder = hasSpace(os.tmpdir()) ? os.tmpdir() : otherFolder;
    const file = path.join(folder, `lakeform-output-${randomBytes(8).toString("hex")}`);
    this.fd = fs.openSync(file, "ax+", 0o600);
    fs.rmSync(file);
    this.#timer = setInterval(() => this.#read(), pollIntervalMs);
  }

  /** Reads the remaining output, and closes the file. */
  end(): void {
    clearInterval(this.#timer);
    this.#read();
    fs.closeSync(this.fd);
    const lastLine = this.#partialLine + this.#decoder.end();
    if (lastLine !== "") this.onLine(lastLine);
  }

  #read(): void {
    const chunk = Buffer.allocUnsafe(1 << 16);
    for (;;) {
      const size = fs.readSync(this.fd, chunk, 0, chunk.length, this.#position);
      if (size === 0) return;
      this.#position += size;
      const lines = (this.#partialLine + this.#decoder.write(chunk.subarray(0, size))).split(
        /\r?\n/,
      );
      this.#partialLine = lines.pop() ?? "";
      lines.forEach(this.onLine);
    }
  }
}

/** The output of an apply with hundreds of changes takes less than this number of bytes. */
const neededBytes = 1 << 20;

/**
 * Whether the disk of a folder has space for the output. On a full disk, Terraform continues, but
 * its errors are lost.
 */
function hasSpace(folder: string): boolean {
  try {
    const { bavail, bsize } = fs.statfsSync(folder);
    return bavail * bsize >= neededBytes;
  } catch {
    return false; // The folder does not exist.
  }
}
