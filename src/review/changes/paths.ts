/** Readable field paths: `task[a].new_cluster.num_workers`. */
import type { Fields } from "../../verify/fields/field-rules";
import { hasKeyField, type KeyRules } from "./list-keys";

/** True if the outer path contains the inner one: `queue.enabled` in `queue`, `task[a]` in `task`. */
const isInside = (outer: string, inner: string): boolean =>
  inner.startsWith(outer) && /^[.[]/.test(inner.slice(outer.length));

/**
 * True if two paths refer to the same set element. Verify uses the element's complete value
 * (`access_control[users CAN_VIEW]`), the review its key (`access_control[users]`).
 */
const isSameElement = (wholeElement: string, keyed: string): boolean => {
  const element = keyedElement(keyed);
  return element !== undefined && wholeElement.startsWith(`${element} `);
};

/** True if the paths are equal, or one contains the other. */
export const overlaps = (a: string, b: string): boolean =>
  a === b || isInside(a, b) || isInside(b, a) || isSameElement(a, b) || isSameElement(b, a);

/**
 * Returns the part of a path before the first list element without a key: `init_scripts` for
 * `init_scripts[0].dbfs`. Verify and review label such an element differently, and Terraform writes
 * the list as a whole.
 */
export function untilUnkeyedList(path: string, fields: Fields, rules: KeyRules): string {
  let field = "";
  for (const match of path.matchAll(/\[[^\]]*\]|[^.[\]]+/g)) {
    const [part] = match;
    if (!part.startsWith("[")) field = field === "" ? part : `${field}.${part}`;
    else if (isBlockList(fields, field) && !hasKeyField(field, rules))
      return path.slice(0, match.index);
  }
  return path;
}

function isBlockList(fields: Fields, field: string): boolean {
  const shape = fields.get(field)?.is;
  return shape === "blocks" || shape === "blockSet";
}

/**
 * A set of paths that finds overlapping paths quickly (see {@link overlaps}). A job of 1,000 tasks
 * has thousands of paths.
 */
export class PathIndex {
  readonly #paths = new Set<string>();
  /** Paths of the fields that contain the indexed ones. */
  readonly #outer = new Set<string>();
  /** Prefixes of the indexed paths up to the end of the first key: `access_control[users`. */
  readonly #keyed = new Set<string>();
  /**
   * Prefixes of the indexed paths up to each space in the first key: `access_control[users` for
   * `access_control[users CAN_VIEW]`.
   */
  readonly #whole = new Set<string>();

  constructor(paths: Iterable<string> = []) {
    for (const path of paths) this.add(path);
  }

  add(path: string): void {
    this.#paths.add(path);
    for (const outer of containingPaths(path)) this.#outer.add(outer);
    const keyed = keyedElement(path);
    if (keyed !== undefined) this.#keyed.add(keyed);
    for (const wholeElement of wholeElements(path)) this.#whole.add(wholeElement);
  }

  /** True if an indexed path equals or contains the path. */
  contains(path: string): boolean {
    return this.#paths.has(path) || containingPaths(path).some((outer) => this.#paths.has(outer));
  }

  /** True if an indexed path overlaps the path. */
  overlaps(path: string): boolean {
    if (this.contains(path) || this.#outer.has(path)) return true;
    const keyed = keyedElement(path);
    return (
      (keyed !== undefined && this.#whole.has(keyed)) ||
      wholeElements(path).some((wholeElement) => this.#keyed.has(wholeElement))
    );
  }
}

const indexes = new WeakMap<readonly { readonly path: string }[], PathIndex>();

/** Returns the cached index of a list of fields, which must not change afterwards. */
export function indexOf(fields: readonly { readonly path: string }[]): PathIndex {
  const index = indexes.get(fields) ?? new PathIndex(fields.map(({ path }) => path));
  indexes.set(fields, index);
  return index;
}

function containingPaths(path: string): string[] {
  return [...path.matchAll(/[.[]/g)].map(({ index }) => path.slice(0, index));
}

const keyedElement = (path: string): string | undefined => /^([^[\]]*\[[^\]]*)\]/.exec(path)?.[1];
const wholeElements = (path: string): string[] => {
  const first = /^[^[\]]*\[[^[\]]*/.exec(path)?.[0] ?? "";
  return [...first.slice(first.indexOf("[")).matchAll(/ /g)].map(({ index }) =>
    first.slice(0, first.indexOf("[") + index),
  );
};
