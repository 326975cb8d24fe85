/**
 * Notebooks and files of adopted objects: downloaded from the workspace, or existing on this
 * machine.
 */
import fs from "node:fs";
import path from "node:path";
import type { ReadClient } from "../api/client";
import type { Attributes } from "../resources/kind";
import type { ArtifactCode, ArtifactType } from "./code/context";
import { slugOf, UniqueNames } from "./code/names";
import type { Followed, GeneratedFile, LocalArtifact } from "./model";
import { usesOf } from "./uses";
import { concurrently, download, type DownloadedArtifact } from "./workspace";

export const artifactTitles: Readonly<Record<ArtifactType, string>> = {
  databricks_notebook: "notebook",
  databricks_workspace_file: "workspace file",
  databricks_dbfs_file: "DBFS file",
};
/** The folders for the files, in the folder of the stack. */
const folders: Readonly<Record<ArtifactType, string>> = {
  databricks_notebook: "notebooks",
  databricks_workspace_file: "files",
  databricks_dbfs_file: "dbfs",
};

export interface ArtifactOptions {
  readonly api: ReadClient;
  readonly follow: ReadonlySet<Followed>;
  /** Absolute path of the project. */
  readonly root: string;
  /** Folder of the stack's code, relative to the project. */
  readonly folder: string;
  readonly local: readonly LocalArtifact[];
  /** Artifacts that are adopted even if nothing uses them. */
  readonly artifacts: readonly { readonly type: ArtifactType; readonly path: string }[];
  readonly constructIds: UniqueNames;
  /** Whether the project already has the object. */
  readonly isKnown: (type: string, id: string) => boolean;
  /** Adds a note about an object to the report. */
  readonly note: (object: string, note: string) => void;
}

/** Collects the adopted notebooks and files by their path in the workspace. */
export class Artifacts {
  readonly files: GeneratedFile[] = [];
  readonly #artifactsByPath = new Map<string, ArtifactCode>();
  readonly #useCounts = new Map<string, number>();
  readonly #localFiles = new UniqueNames();

  constructor(private readonly options: ArtifactOptions) {}

  /** Finds the artifacts that the objects use, and downloads those that are not local. */
  async collect(users: readonly Attributes[]): Promise<void> {
    const { follow, api, local, isKnown } = this.options;
    const typeByPath = new Map<string, ArtifactType>();
    const localByPath = new Map(local.map((localArtifact) => [localArtifact.path, localArtifact]));
    const listedPaths = new Set(
      this.options.artifacts.map(({ path: workspacePath }) => workspacePath),
    );
    for (const attributes of users) {
      const uses = usesOf(attributes);
      for (const [kind, type, paths] of [
        ["notebooks", "databricks_notebook", uses.notebooks],
        ["files", "databricks_workspace_file", uses.files],
        ["dbfs", "databricks_dbfs_file", uses.dbfs],
      ] as const) {
        for (const workspacePath of paths) {
          if (
            !follow.has(kind) &&
            !localByPath.has(workspacePath) &&
            !listedPaths.has(workspacePath)
          )
            continue;
          typeByPath.set(workspacePath, localByPath.get(workspacePath)?.type ?? type);
          this.#useCounts.set(workspacePath, (this.#useCounts.get(workspacePath) ?? 0) + 1);
        }
      }
    }
    for (const { path: workspacePath, type } of this.options.artifacts) {
      typeByPath.set(workspacePath, type);
      // An unused artifact counts as used twice: like a shared one, it gets its own source file.
      if (!this.#useCounts.has(workspacePath)) this.#useCounts.set(workspacePath, 2);
    }
    const pathsWithTypes = [...typeByPath]
      .filter(([workspacePath, type]) => !isKnown(type, workspacePath))
      .sort(([a], [b]) => (a < b ? -1 : 1));
    const downloads = await concurrently(
      pathsWithTypes,
      async ([workspacePath, type]): Promise<DownloadedArtifact | LocalArtifact | string> =>
        localByPath.get(workspacePath) ?? (await download(api, workspacePath, type)),
      8,
    );
    pathsWithTypes.forEach(([workspacePath, type], index) =>
      this.#add(workspacePath, type, downloads[index] ?? ""),
    );
  }

  /** Returns the artifact at a path if exactly one object uses it. */
  findUsedOnce(workspacePath: string): ArtifactCode | undefined {
    return this.#useCounts.get(workspacePath) === 1
      ? this.#artifactsByPath.get(workspacePath)
      : undefined;
  }

  /** Returns the artifacts that several objects use. */
  listShared(): readonly ArtifactCode[] {
    return [...this.#artifactsByPath.values()].filter(
      ({ path: workspacePath }) => (this.#useCounts.get(workspacePath) ?? 0) > 1,
    );
  }

  /** Number of artifacts with an import block. */
  get imports(): number {
    return [...this.#artifactsByPath.values()].filter(({ exists }) => exists).length;
  }

  /** @param result the artifact, or the reason why it cannot be adopted */
  #add(
    workspacePath: string,
    type: ArtifactType,
    result: DownloadedArtifact | LocalArtifact | string,
  ): void {
    const { constructIds, note } = this.options;
    if (typeof result === "string" || result.type !== type) {
      const reason = typeof result === "string" ? result : `it is a ${artifactTitles[result.type]}`;
      note(
        `${artifactTitles[type]} ${workspacePath}`,
        `${reason}: the code refers to it by its path`,
      );
      return;
    }
    const isLocal = "file" in result;
    const file = isLocal
      ? this.#ensureInProject(result)
      : this.#addFile(workspacePath, type, result.extension, result.bytes);
    const id = constructIds.take(
      `${type === "databricks_notebook" ? "notebook" : "file"}-${slugOf(isLocal ? result.key : workspacePath, "root")}`,
      "-",
    );
    this.#artifactsByPath.set(workspacePath, {
      type,
      path: workspacePath,
      id,
      file,
      exists: !isLocal || result.exists,
    });
  }

  /** Returns the path of a file in the project. A file outside the project is copied into it. */
  #ensureInProject({ file, type, key }: LocalArtifact): string {
    const relativePath = path.relative(this.options.root, file);
    if (!relativePath.startsWith("..") && !path.isAbsolute(relativePath))
      return relativePath.split(path.sep).join("/");
    return this.#addFile(
      key.split(path.sep).join("/"),
      type,
      path.extname(file),
      fs.readFileSync(file),
    );
  }

  /** Adds a file to the generated files. @returns its path in the project */
  #addFile(workspacePath: string, type: ArtifactType, extension: string, bytes: Buffer): string {
    const withExtension = workspacePath.toLowerCase().endsWith(extension)
      ? workspacePath
      : `${workspacePath}${extension}`;
    const { name, dir, ext } = path.posix.parse(withExtension.replaceAll(/[\\:*?"<>|]/g, "_"));
    const unusedPath = this.#localFiles.take(path.posix.join(folders[type], dir, name), "-");
    const file = path.posix.join(
      this.options.folder,
      folders[type],
      dir,
      `${path.posix.basename(unusedPath)}${ext}`,
    );
    this.files.push({ path: file, content: bytes });
    return file;
  }
}
