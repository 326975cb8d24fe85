import type { INotebook } from "../artifacts/notebook";
import type { IWorkspaceFile } from "../artifacts/workspace-file";

interface RenderedPipelineLibrary {
  readonly notebook?: { readonly path: string };
  readonly file?: { readonly path: string };
  readonly glob?: { readonly include: string };
  readonly jar?: string;
  readonly maven?: {
    readonly coordinates: string;
    readonly exclusions?: string[];
    readonly repo?: string;
  };
}

/**
 * The source code of a pipeline.
 *
 * @example
 * const libraries = [
 *   PipelineLibrary.notebook("/Shared/etl/bronze"),
 *   PipelineLibrary.glob("/Workspace/Shared/etl/transformations/**"),
 * ];
 */
export class PipelineLibrary {
  /** A notebook, as its path or as a {@link Notebook}. */
  static notebook(notebook: string | INotebook): PipelineLibrary {
    return new PipelineLibrary({
      notebook: { path: typeof notebook === "string" ? notebook : notebook.renderPath() },
    });
  }

  /** A Python or SQL file, as its path or as a {@link WorkspaceFile}. */
  static file(file: string | IWorkspaceFile): PipelineLibrary {
    return new PipelineLibrary({
      file: { path: typeof file === "string" ? file : file.renderPath() },
    });
  }

  /** All files of a folder: `/Workspace/Shared/etl/transformations/**`. */
  static glob(include: string): PipelineLibrary {
    return new PipelineLibrary({ glob: { include } });
  }

  /** A JAR, as its path. */
  static jar(path: string): PipelineLibrary {
    return new PipelineLibrary({ jar: path });
  }

  /** Maven coordinates `group:artifact:version`. */
  static maven(
    coordinates: string,
    options: { readonly exclusions?: readonly string[]; readonly repo?: string } = {},
  ): PipelineLibrary {
    return new PipelineLibrary({
      maven: {
        coordinates,
        ...(options.exclusions && { exclusions: [...options.exclusions] }),
        repo: options.repo,
      },
    });
  }

  readonly #brand = "PipelineLibrary";
  private constructor(
    /** @internal */
    readonly rendered: RenderedPipelineLibrary,
  ) {}

  toString(): string {
    return `${this.#brand} ${JSON.stringify(this.rendered)}`;
  }
}
