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
  private held = "";
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
    this.text(this.decoder.write(bytes));
  }

  end(): void {
    this.text(this.decoder.end());
    this.emit(this.held);
    this.held = "";
    this.release();
  }

  private text(text: string): void {
    let rest = this.held + text;
    this.held = "";
    for (;;) {
      const at = rest.indexOf(MARK_START);
      if (at === -1) break;
      const candidate = rest.slice(at, at + this.mark.length);
      if (!this.mark.startsWith(candidate)) {
        // This control character is part of the task's own output.
        this.emit(rest.slice(0, at + 1));
        rest = rest.slice(at + 1);
        continue;
      }
      const end =
        candidate.length < this.mark.length ? -1 : rest.indexOf(MARK_START, at + this.mark.length);
      this.emit(rest.slice(0, at));
      if (end === -1) {
        // The mark is incomplete: wait for the rest.
        this.held = rest.slice(at);
        return;
      }
      this.release();
      this.cell = Number(rest.slice(at + this.mark.length, end)) || 0;
      rest = rest.slice(end + 1);
    }
    this.emit(rest);
  }

  private emit(text: string): void {
    if (text !== "") this.out(this.redactor.push(text));
  }

  private release(): void {
    this.out(this.redactor.flush());
  }

  private out(text: string): void {
    if (text !== "") this.write(this.cell, { stream: this.stream, text });
  }
}
