import fs from "node:fs";
import path from "node:path";
import type { JsonValue } from "../errors";

/** One cell of a notebook; a script or a wheel is a single one. */
export interface CellReport {
  readonly id: number;
  /** The cell's number on the notebook's page, starting at 1. */
  readonly number: number;
  readonly notebook: string;
  readonly language: string;
  readonly source: string;
  readonly title?: string;
  /** 0 in the task's own notebook, higher in notebooks included with %run. */
  readonly depth: number;
  state: "waiting" | "running" | "succeeded" | "failed";
  started?: number;
  ended?: number;
  error?: CellError;
}

export interface CellError {
  readonly name: string;
  readonly message: string;
  /** Line in the cell, from 1. */
  readonly line?: number;
  readonly source: string;
  readonly trace: string;
}

/** The result of executing one attempt. */
export interface Report {
  readonly kind: "notebook" | "python" | "wheel" | "sql";
  cells: CellReport[];
  /** The argument of dbutils.notebook.exit. */
  exit?: string;
  /** An error outside all cells: a library that cannot be installed. */
  error?: CellError;
  /** Task values as shown: secrets redacted. */
  values: Record<string, JsonValue>;
  /** Notes for the reader: truncated output, processes that were left running. */
  notices: string[];
  python?: string;
  /** Bytes of output that were dropped, by cell. */
  cut: Record<string, number>;
}

export const newReport = (kind: Report["kind"]): Report => ({
  kind,
  cells: [],
  values: {},
  notices: [],
  cut: {},
});

/** The platform keeps this much of a notebook's output: of a cell, and of all cells. */
const CELL_LIMIT = 8 * 1024 * 1024;
const TOTAL_LIMIT = 20 * 1024 * 1024;
/** The last part of a log of this size is kept (docs "Get the output for a single run"). */
export const LOG_LIMIT = 5 * 1024 * 1024;

export interface Piece {
  readonly stream: "stdout" | "stderr";
  readonly text: string;
}

/**
 * The outputs of one attempt's cells, as files in its folder: the server keeps none of them in
 * memory.
 */
export class OutputFiles {
  private readonly open = new Map<number, { readonly fd: number; size: number }>();
  private total = 0;

  constructor(
    private readonly folder: string,
    private readonly report: Report,
  ) {}

  write(cell: number, piece: Piece): void {
    const size = Buffer.byteLength(piece.text);
    if (size === 0) return;
    const kept = this.open.get(cell) ?? {
      fd: fs.openSync(fileOf(this.folder, cell), "a", 0o600),
      size: 0,
    };
    this.open.set(cell, kept);
    if (this.report.kind === "notebook") this.head(cell, kept, piece, size);
    else this.tail(cell, kept, piece, size);
  }

  /** A notebook's cells keep their start. */
  private head(
    cell: number,
    kept: { readonly fd: number; size: number },
    { stream, text }: Piece,
    size: number,
  ): void {
    const room = Math.max(0, Math.min(CELL_LIMIT - kept.size, TOTAL_LIMIT - this.total));
    const fits =
      size <= room
        ? text
        : Buffer.from(text)
            .subarray(0, room)
            .toString("utf8")
            .replace(/\uFFFD$/, "");
    const written = size <= room ? size : Buffer.byteLength(fits);
    if (written < size) this.report.cut[cell] = (this.report.cut[cell] ?? 0) + size - written;
    if (written === 0) return;
    fs.writeSync(kept.fd, `${JSON.stringify([stream, fits])}\n`);
    kept.size += written;
    this.total += written;
  }

  /**
   * A log keeps its end: two files alternate, so that at least one full limit is always available.
   */
  private tail(
    cell: number,
    kept: { readonly fd: number; size: number },
    { stream, text }: Piece,
    size: number,
  ): void {
    if (kept.size > LOG_LIMIT) {
      fs.closeSync(kept.fd);
      const file = fileOf(this.folder, cell);
      if (fs.existsSync(`${file}.old`))
        this.report.cut[cell] = (this.report.cut[cell] ?? 0) + kept.size;
      fs.renameSync(file, `${file}.old`);
      this.open.set(cell, { fd: fs.openSync(file, "a", 0o600), size: 0 });
      return this.write(cell, { stream, text });
    }
    fs.writeSync(kept.fd, `${JSON.stringify([stream, text])}\n`);
    kept.size += size;
  }

  close(): void {
    for (const { fd } of this.open.values()) fs.closeSync(fd);
    this.open.clear();
  }
}

const fileOf = (folder: string, cell: number): string => path.join(folder, `${cell}.jsonl`);

/** A cell's output in order of arrival. @param most characters: its start */
export function readOutput(folder: string, cell: number, most = Infinity): Piece[] {
  const pieces: Piece[] = [];
  let left = most;
  for (const file of [`${fileOf(folder, cell)}.old`, fileOf(folder, cell)]) {
    if (!fs.existsSync(file)) continue;
    for (const line of fs.readFileSync(file, "utf8").split("\n")) {
      if (line === "" || left <= 0) continue;
      const [stream, text] = pieceIn(line);
      pieces.push({ stream, text: text.slice(0, left) });
      left -= text.length;
    }
  }
  return pieces;
}

/** A line that was truncated when the server was killed is kept as it is: its text is unknown. */
function pieceIn(line: string): readonly [Piece["stream"], string] {
  try {
    return JSON.parse(line) as [Piece["stream"], string];
  } catch {
    return ["stdout", ""];
  }
}

const REPORT = "report.json";

export function saveReport(folder: string, report: Report): void {
  const file = path.join(folder, REPORT);
  fs.writeFileSync(`${file}.new`, JSON.stringify(report), { mode: 0o600 });
  fs.renameSync(`${file}.new`, file);
}

export function loadReport(folder: string): Report | undefined {
  try {
    return JSON.parse(fs.readFileSync(path.join(folder, REPORT), "utf8")) as Report;
  } catch {
    // Not executed, or ended with the server before there was a report.
    return undefined;
  }
}
