import { invalid, type JsonObject, type JsonValue } from "../errors";
import { asObject } from "../jobs/json";
import { plainText, type Cell } from "./cells";
import { LANGUAGES, type Language } from "./tree";

/**
 * The key under which Databricks stores data in a notebook's metadata (docs "Export and import
 * Databricks notebooks").
 */
const DATABRICKS_METADATA = "application/vnd.databricks.v1+notebook";

const textOf = (value: JsonValue | undefined): string =>
  typeof value === "string"
    ? value
    : Array.isArray(value)
      ? value.filter((line) => typeof line === "string").join("")
      : "";

/** Parses a Jupyter notebook. @throws 400 for anything else */
function parseNotebook(bytes: Buffer): JsonObject {
  try {
    const parsed = asObject(JSON.parse(plainText(bytes)) as JsonValue);
    if (parsed !== undefined) return parsed;
  } catch {
    // Invalid JSON is rejected below.
  }
  throw invalid("The content is not a Jupyter notebook.");
}

const findLanguage = (name: string): Language | undefined =>
  LANGUAGES.find((language) => language.toLowerCase() === name.toLowerCase());
/** The languages of kernels that are not named after their language. */
const kernels: Readonly<Record<string, Language>> = {
  ir: "R",
  xr: "R",
  almond: "SCALA",
  "apache-toree-scala": "SCALA",
  "spark-scala": "SCALA",
};

/** Returns the notebook's language, from Databricks' metadata if present, else from Jupyter's. */
export function jupyterLanguage(bytes: Buffer): Language {
  const metadata = asObject(parseNotebook(bytes).metadata);
  const kernel = asObject(metadata?.kernelspec);
  const languageNames = [
    asObject(metadata?.[DATABRICKS_METADATA])?.language,
    asObject(metadata?.language_info)?.name,
    kernel?.language,
  ].map(textOf);
  const kernelName = textOf(kernel?.name).toLowerCase();
  return (
    languageNames.map(findLanguage).find((language) => language !== undefined) ??
    kernels[kernelName] ??
    findLanguage(kernelName) ??
    "PYTHON"
  );
}

export const fromJupyter = (bytes: Buffer): Cell[] => {
  const { cells } = parseNotebook(bytes);
  return (Array.isArray(cells) ? cells : []).map((item) => {
    const cell = asObject(item);
    const text = textOf(cell?.source)
      .replaceAll(/\r\n?/g, "\n")
      .replace(/^\n+/, "")
      .replace(/\n+$/, "");
    return { kind: cell?.cell_type === "markdown" ? "markdown" : "code", text };
  });
};

export function toJupyter(cells: readonly Cell[], language: Language, name: string): string {
  const renderedCells = cells.map(({ kind, text }) => {
    const source = text === "" ? [] : text.split(/(?<=\n)/);
    return kind === "markdown"
      ? { cell_type: kind, metadata: {}, source }
      : { cell_type: kind, execution_count: null, metadata: {}, outputs: [], source };
  });
  const languageName = language.toLowerCase();
  const metadata = {
    [DATABRICKS_METADATA]: {
      dashboards: [],
      language: languageName,
      notebookName: name,
      widgets: {},
    },
    language_info: { name: languageName },
  };
  return JSON.stringify({ cells: renderedCells, metadata, nbformat: 4, nbformat_minor: 0 });
}
