/**
 * When two notebooks are equal. The workspace does not keep the imported file: an export in SOURCE format always starts with the marker
 * line and may have other line ends at the end; a JUPYTER export has its own metadata, execution counts and outputs. So only the relevant
 * text is hashed.
 */
import { createHash } from "node:crypto";

/**
 * The marker line, optionally after a byte order mark from an editor. A workspace that does not detect the marker after the BOM adds its
 * own before both.
 */
const marker =
  /^\uFEFF?((#|--|\/\/) Databricks notebook source[ \t]*(\n|$))?(\uFEFF((#|--|\/\/) Databricks notebook source[ \t]*(\n|$))?)?/;

const unix = (text: string): string => text.replaceAll(/\r\n?/g, "\n");

export function sourceText(bytes: Buffer): string {
  return unix(bytes.toString("utf8")).replace(marker, "").replace(/\s+$/, "");
}

/** The cells of a Jupyter notebook: type and text. Undefined if the bytes are not one. */
export function jupyterText(bytes: Buffer): string | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(bytes.toString("utf8").replace(/^\uFEFF/, ""));
  } catch {
    return undefined;
  }
  const cells = (parsed as { cells?: unknown } | null)?.cells;
  if (!Array.isArray(cells)) return undefined;
  return JSON.stringify(
    cells.map((cell: { cell_type?: unknown; source?: unknown } | null) => [
      cell?.cell_type,
      unix(Array.isArray(cell?.source) ? cell.source.join("") : typeof cell?.source === "string" ? cell.source : "").replace(/\s+$/, ""),
    ]),
  );
}

/** SHA-256 of the relevant text of a notebook, and its size in bytes; undefined for an archive (DBC) and HTML, which cannot be compared. */
export function hashNotebook(bytes: Buffer, format: string): { sha256: string; size: number } | undefined {
  const content = format === "JUPYTER" ? jupyterText(bytes) : format === "SOURCE" ? sourceText(bytes) : undefined;
  if (content === undefined) return undefined;
  return { sha256: createHash("sha256").update(content).digest("hex"), size: Buffer.byteLength(content) };
}
