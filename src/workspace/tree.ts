import { invalid } from "./errors";
import type { Collection } from "./store";

/** The store's keys are limited in size; longer paths do not fit. */
const MAX_BYTES = 1500;

/**
 * Normalizes an absolute path: removes empty parts and a trailing slash. The result is only used as
 * a key, never as a path in the file system.
 * @throws 400 INVALID_PARAMETER_VALUE for a relative path, one longer than 1500 bytes, and one with
 * the parts `.` or `..` or control characters
 */
export function normalPath(text: string): string {
  if (!text.startsWith("/")) throw invalid(`Path (${text.slice(0, 200)}) must be absolute`);
  if (Buffer.byteLength(text) > MAX_BYTES) throw invalid(`Path is longer than ${MAX_BYTES} bytes`);
  const parts = text.split("/").filter((part) => part !== "");
  // eslint-disable-next-line no-control-regex -- matches control characters
  if (parts.some((part) => part === "." || part === ".." || /[\u0000-\u001f]/.test(part)))
    throw invalid(`Path (${text.slice(0, 200)}) is not valid`);
  return `/${parts.join("/")}`;
}

export const parentOf = (path: string): string => path.slice(0, path.lastIndexOf("/")) || "/";
export const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/** Returns the paths of all ancestors except the root, and the path itself: `/a/b` → `/a`, `/a/b`. */
export function ancestorsAndSelf(path: string): string[] {
  const parts = path.split("/").filter((part) => part !== "");
  return parts.map((_part, index) => `/${parts.slice(0, index + 1).join("/")}`);
}

/** Objects by path, with their children sorted by name. All paths must be normalized. */
export class Tree<T> {
  constructor(private readonly nodes: Collection<T>) {}

  get(path: string): T | undefined {
    return this.nodes.get(keyOf(path));
  }

  put(path: string, node: T): void {
    this.nodes.put(keyOf(path), node);
  }

  remove(path: string): void {
    this.nodes.remove(keyOf(path));
  }

  hasChildren(path: string): boolean {
    return this.nodes.range({ prefix: [path], limit: 1 }).length > 0;
  }

  children(path: string): { readonly path: string; readonly node: T }[] {
    return this.nodes.range({ prefix: [path] }).map(({ key, value }) => {
      const name = Array.isArray(key) ? String(key[1]) : "";
      return { path: path === "/" ? `/${name}` : `${path}/${name}`, node: value };
    });
  }

  /** Returns everything below a path, parents first. */
  descendants(path: string): { readonly path: string; readonly node: T }[] {
    return this.children(path).flatMap((child) => [child, ...this.descendants(child.path)]);
  }
}

const keyOf = (path: string): [string, string] => [
  path === "/" ? "" : parentOf(path),
  nameOf(path),
];
