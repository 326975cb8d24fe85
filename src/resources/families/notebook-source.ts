/**
 * Hashes the relevant text of notebooks, because the workspace does not store the imported file. An
 * export in SOURCE format always starts with the marker line, and its line ends can differ. A
 * JUPYTER export has different metadata, execution counts and outputs.
 */
import type { Content } from "../kind";
import { contentOfBytes } from "./content";

/**
 * The marker line, optionally after a byte order mark from an editor. A workspace that does not
 * detect the marker after the BOM adds its own before both.
 */
const marker =
  /^\uFEFF?((#|--|\/\/) Databricks notebook source[ \t]*(\n|$))?(\uFEFF((#|--|\/\/) Databricks notebook source[ \t]*(\n|$))?)?/;

const withUnixLineEnds = (text: string): string => text.replaceAll(/\r\n?/g, "\n");

/** Returns the text of a SOURCE notebook, without the marker line and the white space at the end. */
function sourceText(bytes: Buffer): string {
  return withUnixLineEnds(bytes.toString("utf8")).replace(marker, "").replace(/\s+$/, "");
}

interface Cell {
  readonly type: unknown;
  readonly text: string;
}

/** Parses the cells of a Jupyter notebook; undefined if the bytes are not a notebook. */
function jupyterCells(bytes: Buffer): readonly Cell[] | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(bytes.toString("utf8").replace(/^\uFEFF/, ""));
  } catch {
    return undefined;
  }
  const cells = (parsed as { cells?: unknown } | null)?.cells;
  if (!Array.isArray(cells)) return undefined;
  return cells.map((cell: { cell_type?: unknown; source?: unknown } | null) => {
    const source = Array.isArray(cell?.source)
      ? cell.source.join("")
      : typeof cell?.source === "string"
        ? cell.source
        : "";
    return { type: cell?.cell_type, text: withUnixLineEnds(source).replace(/\s+$/, "") };
  });
}

/**
 * Hashes the relevant text of a notebook; undefined for an archive (DBC), HTML and invalid JUPYTER
 * files, which cannot be compared.
 */
export function hashNotebook(bytes: Buffer, format: string): Content | undefined {
  if (format === "SOURCE") {
    const content = sourceText(bytes);
    const { text, ...hash } = contentOfBytes(Buffer.from(content));
    // The first line stands for the marker line, so that the diff has the line numbers of the file.
    return text === undefined ? hash : { ...hash, text: `\n${text}\n` };
  }
  const cells = format === "JUPYTER" ? jupyterCells(bytes) : undefined;
  if (cells === undefined) return undefined;
  const { text: json, ...hash } = contentOfBytes(
    Buffer.from(JSON.stringify(cells.map(({ type, text }) => [type, text]))),
  );
  return json === undefined
    ? hash
    : {
        ...hash,
        text: cells.map(({ type, text }) => `# %% [${String(type)}]\n${text}\n`).join("\n"),
      };
}
