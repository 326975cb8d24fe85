import path from "node:path";
import { LakeformError } from "../errors";
import type { NotebookFile } from "./notebook-file";

/** A path of `lakeform fs`, with the storage it belongs to. */
export type FileLocation =
  | { readonly kind: "dbfs"; readonly path: string }
  | { readonly kind: "volume"; readonly path: string }
  | { readonly kind: "workspace"; readonly path: string }
  | { readonly kind: "local"; readonly path: string };

/**
 * Parses a path: `dbfs:/…`, `/Volumes/…` (also `dbfs:/Volumes/…`) or `/Workspace/…`; all others are
 * local.
 * @throws LakeformError BAD_PATH
 */
export function parseLocation(argument: string, cwd: string): FileLocation {
  const dbfs = /^dbfs:(.*)$/s.exec(argument)?.[1];
  const text = dbfs === undefined ? argument : dbfs;
  if (dbfs !== undefined && !dbfs.startsWith("/")) {
    throw new LakeformError("BAD_PATH", "a DBFS path must be absolute", {
      value: argument,
      fix: `write dbfs:/${dbfs}`,
    });
  }
  const normalizedPath = path.posix.normalize(text).replace(/(?<=.)\/$/, "");
  if (/^\/Volumes(\/|$)/.test(text)) return { kind: "volume", path: normalizedPath };
  if (dbfs !== undefined) return { kind: "dbfs", path: normalizedPath };
  if (/^\/Workspace(\/|$)/.test(text)) return { kind: "workspace", path: normalizedPath };
  return { kind: "local", path: path.resolve(cwd, argument) };
}

/** Returns the path as written on the command line. */
export const displayPath = (location: FileLocation): string =>
  location.kind === "dbfs" ? `dbfs:${location.path}` : location.path;

export function childOf(location: FileLocation, name: string): FileLocation {
  if (location.kind === "local") return { kind: "local", path: path.join(location.path, name) };
  return { ...location, path: path.posix.join(location.path, name) };
}

export const baseName = (location: FileLocation): string =>
  location.kind === "local" ? path.basename(location.path) : path.posix.basename(location.path);

export interface Entry {
  readonly name: string;
  readonly path: string;
  readonly directory: boolean;
  /** The file form of a notebook, which has no extension in the workspace. */
  readonly notebook?: NotebookFile;
  /** Size in bytes; undefined where the platform does not report it (notebooks). */
  readonly size?: number;
  /** Time of the last change, in milliseconds since the epoch. */
  readonly modified?: number;
}
