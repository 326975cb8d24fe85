import { invalid } from "../errors";
import type { Language, WorkspaceObject } from "./tree";

export const EXPORT_FORMATS = ["SOURCE", "HTML", "JUPYTER", "DBC", "R_MARKDOWN", "AUTO", "RAW"] as const;
export type Format = (typeof EXPORT_FORMATS)[number];
export const LANGUAGES = ["PYTHON", "SQL", "SCALA", "R"] as const;

const byExtension: Readonly<Record<string, Language>> = { py: "PYTHON", sql: "SQL", scala: "SCALA", r: "R" };
const extensions: Readonly<Record<Language, string>> = { PYTHON: "py", SQL: "sql", SCALA: "scala", R: "r" };
const comments: Readonly<Record<Language, string>> = { PYTHON: "#", SQL: "--", SCALA: "//", R: "#" };

export interface Classified {
  readonly object_type: "NOTEBOOK" | "FILE";
  readonly language?: Language;
  readonly stored_as?: NonNullable<WorkspaceObject["stored_as"]>;
  /** The path without the extension that an automatic import takes away. */
  readonly path: string;
}

/** What an import makes of its bytes. @throws 400 when a notebook's language cannot be told */
export function classify(path: string, format: Format, language: Language | undefined, bytes: Buffer): Classified {
  const extension = /\.([a-z]+)$/i.exec(path)?.[1]?.toLowerCase() ?? "";
  switch (format) {
    case "RAW":
      return { object_type: "FILE", path };
    case "SOURCE":
      if (language === undefined) throw invalid("The language of a notebook must be given with format SOURCE.");
      return { object_type: "NOTEBOOK", language, stored_as: "SOURCE", path };
    case "JUPYTER":
      return { object_type: "NOTEBOOK", language: jupyterLanguage(bytes), stored_as: "JUPYTER", path };
    case "R_MARKDOWN":
      return { object_type: "NOTEBOOK", language: "R", stored_as: "R_MARKDOWN", path };
    case "HTML":
    case "DBC":
      return { object_type: "NOTEBOOK", language: language ?? "PYTHON", stored_as: format, path };
    case "AUTO": {
      const stripped = extension === "" ? path : path.slice(0, -extension.length - 1);
      if (extension === "ipynb") return { object_type: "NOTEBOOK", language: jupyterLanguage(bytes), stored_as: "JUPYTER", path: stripped };
      const named = byExtension[extension];
      const marked = named !== undefined && bytes.subarray(0, 60).toString("latin1").startsWith(header(named).trimEnd());
      return marked ? { object_type: "NOTEBOOK", language: named, stored_as: "SOURCE", path: stripped } : { object_type: "FILE", path };
    }
  }
}

interface Cell {
  readonly cell_type?: string;
  readonly source?: string | string[];
}

function readJupyter(bytes: Buffer): {
  cells?: Cell[];
  metadata?: { kernelspec?: { language?: string }; language_info?: { name?: string } };
} {
  try {
    const parsed: unknown = JSON.parse(bytes.toString("utf8"));
    if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)) return parsed;
  } catch {
    // told below
  }
  throw invalid("The content is not a Jupyter notebook.");
}

function jupyterLanguage(bytes: Buffer): Language {
  const { metadata } = readJupyter(bytes);
  const said = metadata?.language_info?.name ?? metadata?.kernelspec?.language;
  return LANGUAGES.find((each) => each.toLowerCase() === (said ?? "python").toLowerCase()) ?? "PYTHON";
}

const header = (language: Language): string => `${comments[language]} Databricks notebook source\n`;

/** A notebook or file in the format that an export asks for. @throws 400 where the platform has no such conversion either */
export function exported(object: WorkspaceObject, bytes: Buffer, format: Format): { readonly bytes: Buffer; readonly fileType: string } {
  const { language = "PYTHON", stored_as: stored } = object;
  if (object.object_type !== "NOTEBOOK") {
    if (!["SOURCE", "AUTO", "RAW"].includes(format)) throw invalid(`A file cannot be exported as ${format}.`);
    return { bytes, fileType: "file" };
  }
  const wanted = format === "AUTO" || format === "RAW" ? "SOURCE" : format;
  if (wanted === stored) return { bytes: wanted === "SOURCE" ? withHeader(bytes, language) : bytes, fileType: fileType(wanted, language) };
  if (wanted === "SOURCE" && stored === "JUPYTER") return { bytes: sourceOf(bytes, language), fileType: extensions[language] };
  if (wanted === "JUPYTER" && stored === "SOURCE") return { bytes: jupyterOf(bytes, language), fileType: "ipynb" };
  if (wanted === "HTML" && stored === "SOURCE") return { bytes: htmlOf(bytes), fileType: "html" };
  throw invalid(`A notebook imported as ${stored ?? "SOURCE"} cannot be exported as ${wanted} by the local workspace.`);
}

const fileType = (format: Format, language: Language): string =>
  format === "JUPYTER"
    ? "ipynb"
    : format === "HTML"
      ? "html"
      : format === "DBC"
        ? "dbc"
        : format === "R_MARKDOWN"
          ? "Rmd"
          : extensions[language];

/** The platform's exports of source begin with its marker, whether the import did or not. */
function withHeader(bytes: Buffer, language: Language): Buffer {
  return bytes.subarray(0, 60).toString("latin1").startsWith(header(language).trimEnd())
    ? bytes
    : Buffer.concat([Buffer.from(header(language)), bytes]);
}

function sourceOf(bytes: Buffer, language: Language): Buffer {
  const mark = comments[language];
  const cells = (readJupyter(bytes).cells ?? []).map((cell) => {
    const text = Array.isArray(cell.source) ? cell.source.join("") : (cell.source ?? "");
    if (cell.cell_type !== "markdown") return text;
    return ["%md", ...text.split("\n")].map((line) => `${mark} MAGIC ${line}`).join("\n");
  });
  return Buffer.from(`${header(language)}${cells.join(`\n\n${mark} COMMAND ----------\n\n`)}\n`);
}

function jupyterOf(bytes: Buffer, language: Language): Buffer {
  const mark = comments[language];
  const text = bytes.toString("utf8");
  const body = text.startsWith(header(language)) ? text.slice(header(language).length) : text;
  const cells = body.split(`\n${mark} COMMAND ----------\n`).map((part) => {
    const source = part.replace(/^\n+|\n+$/g, "");
    const magic = new RegExp(`^${mark} MAGIC ?`, "gm");
    const markdown = source.startsWith(`${mark} MAGIC %md`);
    const plain = markdown ? source.replaceAll(magic, "").replace(/^%md\n?/, "") : source;
    const lines = plain.split("\n").map((line, index, all) => (index < all.length - 1 ? `${line}\n` : line));
    return markdown
      ? { cell_type: "markdown", metadata: {}, source: lines }
      : { cell_type: "code", execution_count: null, metadata: {}, outputs: [], source: lines };
  });
  return Buffer.from(
    JSON.stringify({ cells, metadata: { language_info: { name: language.toLowerCase() } }, nbformat: 4, nbformat_minor: 0 }),
  );
}

function htmlOf(bytes: Buffer): Buffer {
  const text = bytes.toString("utf8").replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return Buffer.from(`<!DOCTYPE html>\n<html><body><pre>${text}</pre></body></html>\n`);
}
