/** Paths of the workspace. */
import type { Identity, Value } from "../kind";
import { textOrEmpty } from "./attributes";

/** Encodes each segment of a path for a URL, and keeps the slashes. */
export function encodePath(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}

/** Encodes a path for a link, and keeps it as readable as possible. */
export function linkPath(path: string): string {
  return encodePath(path).replaceAll("%40", "@");
}

/**
 * Normalizes a workspace path: removes trailing slashes and the prefix /Workspace, because
 * `/Workspace/Shared/x` and `/Shared/x` are the same object.
 */
export function normalWorkspacePath(path: string): string {
  const trimmed = path.length > 1 ? path.replace(/\/+$/, "") : path;
  return trimmed.startsWith("/Workspace/") ? trimmed.slice("/Workspace".length) : trimmed;
}

/** Whether two workspace paths name the same object. */
export const sameWorkspacePath = (a: Value, b: Value): boolean =>
  typeof a === "string" &&
  typeof b === "string" &&
  normalWorkspacePath(a) === normalWorkspacePath(b);

export function parentOf(path: string): string {
  const index = path.lastIndexOf("/");
  return index <= 0 ? "/" : path.slice(0, index);
}

/** The identity of an object whose Terraform id is its path in the workspace. */
export const workspacePathIdentity: Identity = {
  naturalKey: (attributes) => {
    const path = textOrEmpty(attributes, "path");
    return path === "" ? undefined : `path:${normalWorkspacePath(path)}`;
  },
  link: (host, id) => `${host}/#workspace${linkPath(id)}`,
};
