/** Maps relative paths of a bundle to workspace paths, and checks which of them exist there. */
import fs from "node:fs";
import path from "node:path";
import type { ReadClient } from "../../api/client";
import type { ArtifactType } from "../code/context";
import type { LocalArtifact, Note } from "../model";
import { concurrently, unlessRefused } from "../workspace";
import { globSync } from "./files";
import { isLocalPath, isTree } from "./tree";

export interface BundleRoots {
  /** Path of the bundle's folder. */
  readonly root: string;
  /** The value of `workspace.file_path`, with /Workspace. */
  readonly files: string;
  /** The value of `workspace.artifact_path`, with /Workspace. */
  readonly artifacts: string;
}

const sourceNotebook = /^(#|--|\/\/) Databricks notebook source/;

/** Replaces the local paths in resources, and collects the files to which they lead. */
export class LocalPaths {
  readonly #localFiles = new Map<string, { readonly type: ArtifactType; readonly file: string }>();

  constructor(
    private readonly roots: BundleRoots,
    private readonly note: (note: Note) => void,
  ) {}

  /**
   * Returns the settings of a resource with local paths replaced by workspace paths.
   * @param resource the name of the resource in notes: `jobs.etl`
   */
  withWorkspacePaths(settings: unknown, resource: string): unknown {
    const walk = (
      value: unknown,
      field: string,
      parent: Readonly<Record<string, unknown>>,
      parentField: string,
    ): unknown => {
      if (Array.isArray(value)) return value.map((item) => walk(item, field, parent, parentField));
      if (isTree(value))
        return Object.fromEntries(
          Object.entries(value).map(([name, inner]) => [name, walk(inner, name, value, field)]),
        );
      if (typeof value !== "string" || parent["source"] === "GIT") return value;
      const isInGit =
        isTree(settings) &&
        settings["git_source"] !== undefined &&
        parent["source"] !== "WORKSPACE";
      switch (field) {
        case "notebook_path":
          return isLocalPath(value) && !isInGit ? this.#notebookPath(value, resource) : value;
        case "python_file":
          return isLocalPath(value) && !isInGit ? this.#filePath(value, resource) : value;
        case "path":
          return parentField === "file" && isLocalPath(value) && !isInGit
            ? this.#filePath(value, resource)
            : value;
        case "project_directory":
          return isLocalPath(value) && !isInGit ? this.#folderPath(value, resource) : value;
        case "whl":
        case "jar":
        case "egg":
          return isLocalPath(value) ? this.#artifactPath(value, resource) : value;
        case "requirements":
          return isLocalPath(value) ? this.#filePath(value, resource) : value;
        // A dependency without `./` is the name of a package.
        case "dependencies":
        case "java_dependencies":
          return /^\.\.?\//.test(value) ? this.#artifactPath(value, resource) : value;
        default:
          return value;
      }
    };
    return walk(settings, "", {}, "");
  }

  #notebookPath(bundlePath: string, resource: string): string {
    const file = path.join(this.roots.root, bundlePath);
    const workspacePath = path.posix
      .join(this.roots.files, bundlePath.replace(/\.(py|sql|scala|r|ipynb)$/i, ""))
      .replace(/^\/Workspace(?=\/)/, "");
    const candidates =
      path.extname(file) === ""
        ? [".py", ".sql", ".scala", ".r", ".ipynb"].map((extension) => file + extension)
        : [file];
    const existing = candidates.find((candidate) => fs.existsSync(candidate));
    if (existing === undefined)
      this.note({
        object: resource,
        text: `the notebook ${bundlePath} is not in the bundle's folder: the code refers to it by its path in the workspace`,
      });
    else {
      if (!existing.endsWith(".ipynb") && !sourceNotebook.test(fs.readFileSync(existing, "utf8")))
        this.note({
          object: resource,
          text: `${bundlePath} has no notebook header ("# Databricks notebook source"): the bundle would refuse it`,
        });
      this.#localFiles.set(workspacePath, { type: "databricks_notebook", file: existing });
    }
    return workspacePath;
  }

  #filePath(bundlePath: string, resource: string): string {
    const file = path.join(this.roots.root, bundlePath);
    const workspacePath = path.posix.join(this.roots.files, bundlePath);
    if (fs.existsSync(file))
      this.#localFiles.set(workspacePath.replace(/^\/Workspace(?=\/)/, ""), {
        type: "databricks_workspace_file",
        file,
      });
    else
      this.note({
        object: resource,
        text: `the file ${bundlePath} is not in the bundle's folder: the code refers to it by its path in the workspace`,
      });
    return workspacePath;
  }

  /**
   * Returns the workspace path of a folder, such as a dbt project. The bundle uploads all files in
   * it, the generated code does not.
   */
  #folderPath(bundlePath: string, resource: string): string {
    this.note({
      object: resource,
      text: `the folder ${bundlePath} is not uploaded by the code: to upload it, use NotebookFolder or WorkspaceFile`,
    });
    return path.posix.join(this.roots.files, bundlePath).replace(/\/$/, "");
  }

  /** Returns the workspace path of a wheel or JAR; of several that match, the last one by name. */
  #artifactPath(bundlePath: string, resource: string): string {
    const matches = globSync(this.roots.root, bundlePath);
    const [firstMatch] = matches;
    if (firstMatch === undefined) {
      this.note({
        object: resource,
        text: `${bundlePath} does not exist yet: build it and adopt again; otherwise the code refers to the path to which the bundle would upload it`,
      });
      return path.posix.join(this.roots.artifacts, ".internal", path.posix.basename(bundlePath));
    }
    const lastMatch = matches.at(-1) ?? firstMatch;
    const workspacePath = path.posix.join(
      this.roots.artifacts,
      ".internal",
      path.posix.basename(lastMatch),
    );
    this.#localFiles.set(workspacePath.replace(/^\/Workspace(?=\/)/, ""), {
      type: "databricks_workspace_file",
      file: path.join(this.roots.root, lastMatch),
    });
    return workspacePath;
  }

  /** Returns the files that the resources use, and whether they exist in the workspace. */
  async artifacts(api: ReadClient): Promise<readonly LocalArtifact[]> {
    return concurrently([...this.#localFiles], async ([workspacePath, { type, file }]) => {
      const status = await unlessRefused(() =>
        api.get("/api/2.0/workspace/get-status", { query: { path: workspacePath } }),
      );
      return {
        type,
        path: workspacePath,
        key: path.relative(this.roots.root, file).replace(/\.[^.]*$/, ""),
        file,
        exists: status !== undefined,
      };
    });
  }
}
