import { invalid } from "../errors";
import { fromSource, sourceHeader, hasHeader, plainText, toSource } from "./cells";
import { fromJupyter, jupyterLanguage, toJupyter } from "./jupyter";
import { fromArchive, fromHtml, toArchive, toHtml, type NotebookModel } from "./notebook-model";
import { fromRMarkdown, toRMarkdown } from "./r-markdown";
import type { Language, WorkspaceObject } from "./tree";

export const EXPORT_FORMATS = [
  "SOURCE",
  "HTML",
  "JUPYTER",
  "DBC",
  "R_MARKDOWN",
  "AUTO",
  "RAW",
] as const;
export type Format = (typeof EXPORT_FORMATS)[number];

const languageByExtension: Readonly<Record<string, Language>> = {
  py: "PYTHON",
  sql: "SQL",
  scala: "SCALA",
  r: "R",
};
const extensions: Readonly<Record<Language, string>> = {
  PYTHON: "py",
  SQL: "sql",
  SCALA: "scala",
  R: "r",
};
/** The number of bytes read to detect a notebook header. */
const HEADER_BYTES = 100;

export interface Classification {
  readonly object_type: "NOTEBOOK" | "FILE";
  readonly language?: Language;
  readonly stored_as?: NonNullable<WorkspaceObject["stored_as"]>;
  /** The path without the extension that an automatic import removes. */
  readonly path: string;
}

/**
 * Determines what an import creates.
 * @throws 400 for format SOURCE without a language, and for invalid content of a Jupyter notebook
 */
export function classify(
  path: string,
  format: Format,
  language: Language | undefined,
  bytes: Buffer,
): Classification {
  const extension = /\.([a-z]+)$/i.exec(path)?.[1]?.toLowerCase() ?? "";
  switch (format) {
    case "RAW":
      return { object_type: "FILE", path };
    case "SOURCE":
      if (language === undefined)
        throw invalid("The language of a notebook must be given with format SOURCE.");
      return { object_type: "NOTEBOOK", language, stored_as: "SOURCE", path };
    case "JUPYTER":
      return {
        object_type: "NOTEBOOK",
        language: jupyterLanguage(bytes),
        stored_as: "JUPYTER",
        path,
      };
    case "R_MARKDOWN":
      return { object_type: "NOTEBOOK", language: "R", stored_as: "R_MARKDOWN", path };
    case "HTML":
      return {
        object_type: "NOTEBOOK",
        language: fromHtml(bytes)?.language ?? language ?? "PYTHON",
        stored_as: format,
        path,
      };
    case "DBC":
      return {
        object_type: "NOTEBOOK",
        language: fromArchive(bytes)?.language ?? language ?? "PYTHON",
        stored_as: format,
        path,
      };
    case "AUTO": {
      const pathWithoutExtension = extension === "" ? path : path.slice(0, -extension.length - 1);
      if (extension === "ipynb")
        return {
          object_type: "NOTEBOOK",
          language: jupyterLanguage(bytes),
          stored_as: "JUPYTER",
          path: pathWithoutExtension,
        };
      const extensionLanguage = languageByExtension[extension];
      const isNotebook =
        extensionLanguage !== undefined &&
        hasHeader(plainText(bytes.subarray(0, HEADER_BYTES)), extensionLanguage);
      return isNotebook
        ? {
            object_type: "NOTEBOOK",
            language: extensionLanguage,
            stored_as: "SOURCE",
            path: pathWithoutExtension,
          }
        : { object_type: "FILE", path };
    }
  }
}

/**
 * Returns the cells of a notebook in any format; undefined for an archive or a page that cannot be
 * parsed.
 */
function parseNotebook(
  { language = "PYTHON", stored_as: sourceFormat }: WorkspaceObject,
  bytes: Buffer,
): NotebookModel | undefined {
  switch (sourceFormat) {
    case "JUPYTER":
      return { language, cells: fromJupyter(bytes) };
    case "R_MARKDOWN":
      return { language, cells: fromRMarkdown(plainText(bytes)) };
    case "HTML":
      return fromHtml(bytes);
    case "DBC":
      return fromArchive(bytes);
    case "SOURCE":
    case undefined:
      return { language, cells: fromSource(plainText(bytes), language) };
  }
}

/**
 * Returns a notebook or file in the requested export format. A file, and a notebook that was
 * imported as a page (HTML) or archive (DBC) and is exported in the same format, is returned
 * unchanged. A notebook in a text format has no byte order mark, normalized line endings and, as
 * source code, the header.
 * @param name the last part of the path
 * @throws 400 for an unsupported conversion, and for a page or archive that cannot be parsed
 */
export function exportNotebook(
  object: WorkspaceObject,
  name: string,
  bytes: Buffer,
  format: Format,
): { readonly bytes: Buffer; readonly fileType: string } {
  const { language = "PYTHON", stored_as: sourceFormat = "SOURCE" } = object;
  if (object.object_type !== "NOTEBOOK") {
    if (!["SOURCE", "AUTO", "RAW"].includes(format))
      throw invalid(`A file cannot be exported as ${format}.`);
    return { bytes, fileType: "file" };
  }
  const targetFormat = format === "AUTO" || format === "RAW" ? "SOURCE" : format;
  if (targetFormat === sourceFormat)
    return {
      bytes:
        targetFormat === "DBC" || targetFormat === "HTML"
          ? bytes
          : normalizeImported(bytes, targetFormat, language),
      fileType: fileTypeOf(targetFormat, language),
    };
  const model = parseNotebook(object, bytes);
  if (model === undefined)
    throw invalid(
      `This notebook was imported as ${sourceFormat}, and cannot be exported as ${targetFormat}: the local workspace cannot read its cells.`,
    );
  if (targetFormat === "R_MARKDOWN" && language !== "R")
    throw invalid(`Only R notebooks can be exported as R_MARKDOWN; this one is ${language}.`);
  return {
    bytes: convert(model, name, targetFormat),
    fileType: fileTypeOf(targetFormat, language),
  };
}

function normalizeImported(bytes: Buffer, format: Format, language: Language): Buffer {
  const text = plainText(bytes);
  // Source exports of the platform always start with its marker, even if the imported file did not.
  return Buffer.from(
    format !== "SOURCE" || hasHeader(text, language) ? text : `${sourceHeader(language)}${text}`,
  );
}

function convert(
  model: NotebookModel,
  name: string,
  format: Exclude<Format, "AUTO" | "RAW">,
): Buffer {
  const source = toSource(model.cells, model.language);
  switch (format) {
    case "SOURCE":
      return Buffer.from(source);
    case "JUPYTER":
      return Buffer.from(toJupyter(model.cells, model.language, name));
    case "HTML":
      return Buffer.from(toHtml(model, source, name));
    case "DBC":
      return toArchive(model, name);
    case "R_MARKDOWN":
      return Buffer.from(toRMarkdown(model.cells));
  }
}

const fileTypeOf = (format: Exclude<Format, "AUTO" | "RAW">, language: Language): string =>
  format === "SOURCE"
    ? extensions[language]
    : { JUPYTER: "ipynb", HTML: "html", DBC: "dbc", R_MARKDOWN: "Rmd" }[format];
