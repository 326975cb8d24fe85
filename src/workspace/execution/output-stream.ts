import { StringDecoder } from "node:string_decoder";
import { Redactor } from "./redactor";
import type { Piece } from "./report";

const MARK_START = "\x1d";

/**
 * One of a task's output streams. Marks in the stream show where the output of a cell starts. The
 * text after a mark is added to that cell, with secrets redacted and invalid UTF-8 replaced.
 */
export class OutputStream {
  private readonly decoder = new StringDecoder("utf8");
  private readonly mark: string;
  private cell = 0;
  private incomplete = "";
  private readonly redactor: Redactor;

  constructor(
    private readonly stream: Piece["stream"],
    nonce: string,
    secrets: ReadonlySet<string>,
    private readonly write: (cell: number, piece: Piece) => void,
  ) {
    this.mark = `${MARK_START}${nonce}:`;
    this.redactor = new Redactor(secrets);
  }

  push(bytes: Buffer): void {
    this.pushText(this.decoder.write(bytes));
  }

  end(): void {
    this.pushText(this.decoder.end());
    this.emit(this.incomplete);
    this.incomplete = "";
    this.flushRedactor();
  }

  private pushText(text: string): void {
    let remaining = this.incomplete + text;
    this.incomplete = "";
    for (;;) {
      const markStart = remaining.indexOf(MARK_START);
      if (markStart === -1) break;
      const candidate = remaining.slice(markStart, markStart + this.mark.length);
      if (!this.mark.startsWith(candidate)) {
        // This control character is part of the task's own output.
        this.emit(remaining.slice(0, markStart + 1));
        remaining = remaining.slice(markStart + 1);
        continue;
      }
      const markEnd =
        candidate.length < this.mark.length
          ? -1
          : remaining.indexOf(MARK_START, markStart + this.mark.length);
      this.emit(remaining.slice(0, markStart));
      if (markEnd === -1) {
        // The mark is incomplete: wait for the rest.
        this.incomplete = remaining.slice(markStart);
        return;
      }
      this.flushRedactor();
      this.cell = Number(remaining.slice(markStart + this.mark.length, markEnd)) || 0;
      remaining = remaining.slice(markEnd + 1);
    }
    this.emit(remaining);
  }

  private emit(text: string): void {
    if (text !== "") this.writePiece(this.redactor.push(text));
  }

  private flushRedactor(): void {
    this.writePiece(this.redactor.flush());
  }

  private writePiece(text: string): void {
    if (text !== "") this.write(this.cell, { stream: this.stream, text });
  }
}
