import path from "node:path";
import { LakeformError } from "../errors";
import type { NotebookFile } from "./notebook-file";

/** A path of `lakeform fs`, with the storage it belongs to. */
export type Place =
  | { readonly kind: "dbfs"; readonly path: string }
  | { readonly kind: "volume"; readonly path: string }
  | { readonly kind: "workspace"; readonly path: string }
  | { readonly kind: "local"; readonly path: string };

/**
 * Parses a path: `dbfs:/…`, `/Volumes/…` (also `dbfs:/Volumes/…`) or `/Workspace/…`; all others are
 * local.
 * @throws LakeformError BAD_PATH
 */
export function placeOf(argument: string, cwd: string): Place {
  const dbfs = /^dbfs:(.*)$/s.exec(argument)?.[1];
  const text = dbfs === undefined ? argument : dbfs;
  if (dbfs !== undefined && !dbfs.startsWith("/")) {
    throw new LakeformError("BAD_PATH", "a DBFS path must be absolute", {
      value: argument,
      fix: `write dbfs:/${dbfs}`,
    });
  }
  const clean = (value: string): string => path.posix.normalize(value).replace(/(?<=.)\/$/, "");
  if (/^\/Volumes(\/|$)/.test(text)) return { kind: "volume", path: clean(text) };
  if (dbfs !== undefined) return { kind: "dbfs", path: clean(text) };
  if (/^\/Workspace(\/|$)/.test(text)) return { kind: "workspace", path: clean(text) };
  return { kind: "local", path: path.resolve(cwd, argument) };
}

/** Returns the path as written on the command line. */
export const displayPath = (place: Place): string =>
  place.kind === "dbfs" ? `dbfs:${place.path}` : place.path;

export function childOf(place: Place, name: string): Place {
  if (place.kind === "local") return { kind: "local", path: path.join(place.path, name) };
  return { ...place, path: path.posix.join(place.path, name) };
}

export const baseName = (place: Place): string =>
  place.kind === "local" ? path.basename(place.path) : path.posix.basename(place.path);

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
