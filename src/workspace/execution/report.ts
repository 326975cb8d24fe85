import fs from "node:fs";
import path from "node:path";
import type { JsonValue } from "../errors";

/** One cell of a notebook. A script or a wheel, and each SQL statement, counts as one cell. */
export interface CellReport {
  readonly id: number;
  /** The cell's number on the notebook's page, starting at 1. */
  readonly number: number;
  /** The path or name of the notebook, script, SQL file or wheel. */
  readonly notebook: string;
  readonly language: string;
  readonly source: string;
  readonly title?: string;
  /** The depth of %run: 0 in the task's own notebook, higher in included notebooks. */
  readonly depth: number;
  state: "waiting" | "running" | "succeeded" | "failed";
  started?: number;
  ended?: number;
  error?: CellError;
}

export interface CellError {
  readonly name: string;
  readonly message: string;
  /** The line in the cell, counting from 1. */
  readonly line?: number;
  /** The code at this line. */
  readonly source: string;
  readonly trace: string;
}

/** The report of one executed attempt. */
export interface Report {
  readonly kind: "notebook" | "python" | "wheel" | "sql";
  cells: CellReport[];
  /** The argument of dbutils.notebook.exit. */
  exit?: string;
  /** An error outside of all cells, such as a library that could not be installed. */
  error?: CellError;
  /** The task values with redacted secrets. */
  values: Record<string, JsonValue>;
  /** Notices for the user, such as truncated output or processes that were left running. */
  notices: string[];
  python?: string;
  /** The number of bytes of output that were dropped, by the id of the cell. */
  cut: Record<string, number>;
}

export const createReport = (kind: Report["kind"]): Report => ({
  kind,
  cells: [],
  values: {},
  notices: [],
  cut: {},
});

/** The limits of a notebook's output on the platform: per cell, and in total. */
const CELL_LIMIT = 8 * 1024 * 1024;
const TOTAL_LIMIT = 20 * 1024 * 1024;
/** The max size of a log, whose end is kept (docs "Get the output for a single run"). */
const LOG_LIMIT = 5 * 1024 * 1024;

/** A part of the output of a cell. */
export interface Piece {
  readonly stream: "stdout" | "stderr";
  readonly text: string;
}

interface OpenFile {
  readonly fd: number;
  /** The number of bytes of output in the file. */
  size: number;
  /** The number of bytes of output in the file `.old` of a log. */
  readonly oldSize: number;
}

/** The output of one attempt's cells, stored as files in its folder so that it needs no memory. */
export class OutputFiles {
  private readonly open = new Map<number, OpenFile>();
  private total = 0;

  constructor(
    private readonly folder: string,
    private readonly report: Report,
  ) {}

  write(cell: number, piece: Piece): void {
    const size = Buffer.byteLength(piece.text);
    if (size === 0) return;
    const openFile = this.open.get(cell) ?? {
      fd: fs.openSync(fileOf(this.folder, cell), "a", 0o600),
      size: 0,
      oldSize: 0,
    };
    this.open.set(cell, openFile);
    if (this.report.kind === "notebook") this.writeKeepingStart(cell, openFile, piece, size);
    else this.writeKeepingEnd(cell, openFile, piece, size);
  }

  /** Writes the output of a notebook cell, whose start is kept. */
  private writeKeepingStart(
    cell: number,
    openFile: OpenFile,
    { stream, text }: Piece,
    size: number,
  ): void {
    const remaining = Math.max(0, Math.min(CELL_LIMIT - openFile.size, TOTAL_LIMIT - this.total));
    const fittingText =
      size <= remaining
        ? text
        : Buffer.from(text)
            .subarray(0, remaining)
            .toString("utf8")
            .replace(/\uFFFD$/, "");
    const written = size <= remaining ? size : Buffer.byteLength(fittingText);
    if (written < size) this.report.cut[cell] = (this.report.cut[cell] ?? 0) + size - written;
    if (written === 0) return;
    fs.writeSync(openFile.fd, `${JSON.stringify([stream, fittingText])}\n`);
    openFile.size += written;
    this.total += written;
  }

  /**
   * Writes a log, whose end is kept: two files alternate, so that together they always contain at
   * least the last `LOG_LIMIT` bytes.
   */
  private writeKeepingEnd(
    cell: number,
    openFile: OpenFile,
    { stream, text }: Piece,
    size: number,
  ): void {
    if (openFile.size > LOG_LIMIT) {
      fs.closeSync(openFile.fd);
      const file = fileOf(this.folder, cell);
      // The new file `.old` replaces the previous one, whose output is lost.
      if (openFile.oldSize > 0)
        this.report.cut[cell] = (this.report.cut[cell] ?? 0) + openFile.oldSize;
      fs.renameSync(file, `${file}.old`);
      const fd = fs.openSync(file, "a", 0o600);
      this.open.set(cell, { fd, size: 0, oldSize: openFile.size });
      return this.write(cell, { stream, text });
    }
    fs.writeSync(openFile.fd, `${JSON.stringify([stream, text])}\n`);
    openFile.size += size;
  }

  close(): void {
    for (const { fd } of this.open.values()) fs.closeSync(fd);
    this.open.clear();
  }
}

const fileOf = (folder: string, cell: number): string => path.join(folder, `${cell}.jsonl`);

/** Returns the first `maxCharacters` characters of a cell's output, in the order of arrival. */
export function readOutput(folder: string, cell: number, maxCharacters = Infinity): Piece[] {
  const pieces: Piece[] = [];
  let remaining = maxCharacters;
  for (const file of [`${fileOf(folder, cell)}.old`, fileOf(folder, cell)]) {
    if (!fs.existsSync(file)) continue;
    for (const line of fs.readFileSync(file, "utf8").split("\n")) {
      if (line === "" || remaining <= 0) continue;
      const [stream, text] = parsePiece(line);
      pieces.push({ stream, text: text.slice(0, remaining) });
      remaining -= text.length;
    }
  }
  return pieces;
}

/** Parses one line. A line that was truncated because the server was killed counts as empty. */
function parsePiece(line: string): readonly [Piece["stream"], string] {
  try {
    return JSON.parse(line) as [Piece["stream"], string];
  } catch {
    return ["stdout", ""];
  }
}

const REPORT_FILE = "report.json";

export function saveReport(folder: string, report: Report): void {
  const file = path.join(folder, REPORT_FILE);
  fs.writeFileSync(`${file}.new`, JSON.stringify(report), { mode: 0o600 });
  fs.renameSync(`${file}.new`, file);
}

export function loadReport(folder: string): Report | undefined {
  try {
    return JSON.parse(fs.readFileSync(path.join(folder, REPORT_FILE), "utf8")) as Report;
  } catch {
    // The attempt was not executed, or the server ended before it wrote a report.
    return undefined;
  }
}
