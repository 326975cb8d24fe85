/**
 * Notebooks and files of adopted objects: downloaded from the workspace, or taken from the adopted
 * folder.
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
  readonly isKnown: (type: string, id: string) => boolean;
  readonly note: (object: string, note: string) => void;
}

/** Collects the adopted notebooks and files by their path in the workspace. */
export class Artifacts {
  readonly files: GeneratedFile[] = [];
  readonly #all = new Map<string, ArtifactCode>();
  readonly #usedBy = new Map<string, number>();
  readonly #localFiles = new UniqueNames();

  constructor(private readonly options: ArtifactOptions) {}

  async find(users: readonly Attributes[]): Promise<void> {
    const { follow, api, local, isKnown } = this.options;
    const wanted = new Map<string, ArtifactType>();
    const localByPath = new Map(local.map((localArtifact) => [localArtifact.path, localArtifact]));
    const named = new Set(this.options.artifacts.map(({ path: at }) => at));
    for (const attributes of users) {
      const uses = usesOf(attributes);
      for (const [kind, type, paths] of [
        ["notebooks", "databricks_notebook", uses.notebooks],
        ["files", "databricks_workspace_file", uses.files],
        ["dbfs", "databricks_dbfs_file", uses.dbfs],
      ] as const) {
        for (const at of paths) {
          if (!follow.has(kind) && !localByPath.has(at) && !named.has(at)) continue;
          wanted.set(at, localByPath.get(at)?.type ?? type);
          this.#usedBy.set(at, (this.#usedBy.get(at) ?? 0) + 1);
        }
      }
    }
    for (const { path: at, type } of this.options.artifacts) {
      wanted.set(at, type);
      // Counts as used twice, because an unused artifact gets its own source file like a shared
      // one.
      if (!this.#usedBy.has(at)) this.#usedBy.set(at, 2);
    }
    const list = [...wanted]
      .filter(([at, type]) => !isKnown(type, at))
      .sort(([a], [b]) => (a < b ? -1 : 1));
    const found = await concurrently(
      list,
      async ([at, type]): Promise<DownloadedArtifact | LocalArtifact | string> =>
        localByPath.get(at) ?? (await download(api, at, type)),
      8,
    );
    list.forEach(([at, type], index) => this.#add(at, type, found[index] ?? ""));
  }

  /** The artifact at a path, if exactly one object uses it. */
  ofOne(at: string): ArtifactCode | undefined {
    return this.#usedBy.get(at) === 1 ? this.#all.get(at) : undefined;
  }

  shared(): readonly ArtifactCode[] {
    return [...this.#all.values()].filter(({ path: at }) => (this.#usedBy.get(at) ?? 0) > 1);
  }

  /** Number of artifacts with an import block. */
  get imports(): number {
    return [...this.#all.values()].filter(({ exists }) => exists).length;
  }

  #add(at: string, type: ArtifactType, found: DownloadedArtifact | LocalArtifact | string): void {
    const { constructIds, note } = this.options;
    if (typeof found === "string" || found.type !== type) {
      const why = typeof found === "string" ? found : `it is a ${artifactTitles[found.type]}`;
      note(`${artifactTitles[type]} ${at}`, `${why}: the code refers to it by its path`);
      return;
    }
    const isLocal = "file" in found;
    const file = isLocal
      ? this.#localFile(found)
      : this.#newFile(at, type, found.extension, found.bytes);
    const id = constructIds.take(
      `${type === "databricks_notebook" ? "notebook" : "file"}-${slugOf(isLocal ? found.key : at, "root")}`,
      "-",
    );
    this.#all.set(at, { type, path: at, id, file, exists: !isLocal || found.exists });
  }

  /** Returns the path of a file in the project. A file outside the project is copied into it. */
  #localFile({ file, type, key }: LocalArtifact): string {
    const inside = path.relative(this.options.root, file);
    if (!inside.startsWith("..") && !path.isAbsolute(inside))
      return inside.split(path.sep).join("/");
    return this.#newFile(
      key.split(path.sep).join("/"),
      type,
      path.extname(file),
      fs.readFileSync(file),
    );
  }

  #newFile(at: string, type: ArtifactType, extension: string, bytes: Buffer): string {
    const withExtension = at.toLowerCase().endsWith(extension) ? at : `${at}${extension}`;
    const { name, dir, ext } = path.posix.parse(withExtension.replaceAll(/[\\:*?"<>|]/g, "_"));
    const unusedPath = this.#localFiles.take(path.posix.join(folders[type], dir, name), "-");
    const local = path.posix.join(
      this.options.folder,
      folders[type],
      dir,
      `${path.posix.basename(unusedPath)}${ext}`,
    );
    this.files.push({ path: local, content: bytes });
    return local;
  }
}
