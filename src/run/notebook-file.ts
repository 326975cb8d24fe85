import type { ExportFormat, WorkspaceObject } from "../api/families/workspace";

/** A notebook in the form of a file. */
export interface NotebookFile {
  /** `.py`, `.sql`, `.scala`, `.r`, `.ipynb` */
  readonly extension: string;
  readonly format: Extract<ExportFormat, "SOURCE" | "JUPYTER">;
  readonly language: string;
}

const extensions: Readonly<Record<string, string>> = {
  PYTHON: ".py",
  SQL: ".sql",
  SCALA: ".scala",
  R: ".r",
};

/**
 * Returns the file form of a notebook.
 * @returns undefined if the object is not a notebook
 */
export function notebookFile(object: WorkspaceObject): NotebookFile | undefined {
  if (object.object_type !== "NOTEBOOK") return undefined;
  const language = object.language ?? "PYTHON";
  if (object.repos_export_format === "JUPYTER")
    return { extension: ".ipynb", format: "JUPYTER", language };
  return { extension: extensions[language] ?? "", format: "SOURCE", language };
}

/**
 * Returns the import parameters that make these bytes a notebook, regardless of the target name.
 */
export const importOptions = ({
  format,
  language,
}: NotebookFile): { readonly format: ExportFormat; readonly language?: string } =>
  format === "SOURCE" ? { format, language } : { format };
