import { Permissions, type WorkspaceObjectLevel } from "../access/permissions";
import { NotebookResource, type Construct } from "../core/bindings";
import { Element } from "../core/element";
import { errorAt, oneOf } from "../core/errors";
import { isReference } from "../core/names";
import { artifactAt, type Artifact, type ArtifactProps } from "./artifact";

export type NotebookLanguage = "PYTHON" | "SQL" | "SCALA" | "R";
export type NotebookFormat = "SOURCE" | "JUPYTER";

export interface NotebookProps extends ArtifactProps {
  /**
   * The language.
   * @default - derived from the file extension (.py, .sql, .scala, .r), or from the metadata of an
   * .ipynb
   */
  readonly language?: NotebookLanguage;
  /** The format. @default - JUPYTER for .ipynb, else SOURCE */
  readonly format?: NotebookFormat;
}

/**
 * A notebook in the workspace, managed by this stack or elsewhere. Used for {@link NotebookTask}
 * and `Permissions.onNotebook`.
 */
export interface INotebook {
  /**
   * The path without the prefix /Workspace, as the workspace returns it: `/Shared/ingest_raw_data`.
   */
  readonly path: string;
  /** Returns the path, which is a Terraform reference for a notebook of this stack. */
  renderPath(): string;
  /** Distinguishes a notebook from other artifacts at compile time. */
  readonly kind: "notebook";
}

const languages: Readonly<Record<string, NotebookLanguage>> = {
  ".py": "PYTHON",
  ".sql": "SQL",
  ".scala": "SCALA",
  ".r": "R",
};

/**
 * Returns the language of a Jupyter notebook, from Databricks' metadata if present, else from
 * Jupyter's; PYTHON if neither names a known language.
 */
function jupyterLanguage(bytes: Buffer | undefined): NotebookLanguage {
  const knownLanguages = Object.values(languages);
  for (const name of languageNames(bytes?.toString("utf8") ?? "")) {
    const match = knownLanguages.find((language) => language.toLowerCase() === name.toLowerCase());
    if (match !== undefined) return match;
  }
  return "PYTHON";
}

/**
 * Returns the names of languages and kernels in a notebook's metadata; none for an invalid
 * notebook, which the workspace rejects.
 */
function languageNames(notebook: string): string[] {
  let metadata: Record<string, { language?: unknown; name?: unknown } | undefined> | undefined;
  try {
    metadata = (
      JSON.parse(notebook.replace(/^\uFEFF/, "")) as { metadata?: typeof metadata } | null
    )?.metadata;
  } catch {
    return [];
  }
  const kernel = metadata?.kernelspec;
  const databricksLanguage = metadata?.["application/vnd.databricks.v1+notebook"]?.language;
  const names = [
    databricksLanguage,
    metadata?.language_info?.name,
    kernel?.language,
    kernel?.name === "ir" ? "R" : kernel?.name,
  ];
  return names.filter((name) => typeof name === "string");
}

/**
 * A notebook that is uploaded from a local file or a string.
 *
 * @example
 * const ingest = new Notebook(stack, "ingest-notebook", {
 *   path: "/Shared/ingest_raw_data",
 *   content: Content.file("stacks/notebooks/ingest_raw_data.py"),
 * });
 * @see https://docs.databricks.com/aws/en/notebooks/
 */
export class Notebook extends Element implements INotebook, Artifact {
  /** A notebook that is managed elsewhere. @throws ConstructError BAD_PATH */
  static fromPath(path: string): INotebook {
    return {
      kind: "notebook",
      ...artifactAt(path, { problem: workspacePathProblem(path), allowed: workspacePathAllowed }),
    };
  }

  readonly kind = "notebook";
  readonly path: string;
  /** The language of the notebook, given or derived from the file. */
  readonly language: NotebookLanguage;
  readonly #resource: NotebookResource;
  #permissions: Permissions<WorkspaceObjectLevel> | undefined;

  /** @throws ConstructError BAD_PATH, UNKNOWN_LANGUAGE */
  constructor(scope: Construct, id: string, props: NotebookProps) {
    super(scope, id);
    const problem = workspacePathProblem(props.path);
    if (problem !== undefined)
      throw errorAt(this, "BAD_PATH", problem, {
        value: props.path,
        allowed: workspacePathAllowed,
      });
    const extension = /\.[^.]+$/.exec(props.content.fileName?.toLowerCase() ?? "")?.[0] ?? "";
    const isJupyter = extension === ".ipynb" || props.format === "JUPYTER";
    const language =
      props.language ?? (isJupyter ? jupyterLanguage(props.content.bytes()) : languages[extension]);
    if (language === undefined) {
      throw errorAt(
        this,
        "UNKNOWN_LANGUAGE",
        "the notebook's language cannot be derived from its file",
        {
          value: props.content.fileName ?? "a text",
          allowed: oneOf([...Object.keys(languages), ".ipynb"]),
          fix: 'set it: language: "PYTHON"',
        },
      );
    }
    const format = props.format ?? (isJupyter ? "JUPYTER" : "SOURCE");
    this.path = props.path;
    this.language = language;
    this.#resource = new NotebookResource(this, "Resource", {
      path: props.path,
      language,
      format: format === "SOURCE" ? undefined : format,
      ...props.content.render(this),
    });
  }

  /** The access list of the notebook. It replaces all other permissions on the object. */
  get permissions(): Permissions<WorkspaceObjectLevel> {
    return (this.#permissions ??= Permissions.onNotebook(this, "Permissions", this.#resource.path));
  }

  renderPath(): string {
    return this.#resource.path;
  }
}

export const workspacePathAllowed =
  "an absolute path, such as /Shared/…, /Users/<e-mail>/… or /Repos/…";

/**
 * Returns the problem with a path in the workspace, or undefined. For a path that starts with
 * /Workspace, the official provider would create /Workspace/Workspace/….
 */
export function workspacePathProblem(path: string): string | undefined {
  if (!path.startsWith("/") && !isReference(path)) return "a path in the workspace starts with /";
  if (path.startsWith("/Workspace/"))
    return "leave out the prefix /Workspace: both paths name the same object";
  if (path.length > 1 && path.endsWith("/")) return "a path in the workspace does not end with /";
  return path.includes("//") || path.split("/").some((part) => part === "." || part === "..")
    ? "the path has an empty, . or .. part"
    : undefined;
}
