/** Field paths for people: `task[a].new_cluster.num_workers`. */

/** A field within another one: `queue.enabled` in `queue`, `task[a]` in `task`. */
const inside = (outer: string, inner: string): boolean => inner.startsWith(outer) && /^[.[]/.test(inner.slice(outer.length));

/** Verify names a set's element by its whole value (`access_control[users CAN_VIEW]`), the review by its key (`access_control[users]`). */
const sameElement = (whole: string, keyed: string): boolean => {
  const at = keyedElement(keyed);
  return at !== undefined && whole.startsWith(`${at} `);
};

/** True if one equals or contains the other. */
export const overlaps = (a: string, b: string): boolean =>
  a === b || inside(a, b) || inside(b, a) || sameElement(a, b) || sameElement(b, a);

/** Paths, for the question which of them {@link overlaps} another one: a job of 1,000 tasks has thousands. */
export class PathIndex {
  readonly #paths = new Set<string>();
  /** Paths of the fields that contain them. */
  readonly #outer = new Set<string>();
  /** Of their first element, up to the key or up to each space: `access_control[users`. */
  readonly #keyed = new Set<string>();
  readonly #whole = new Set<string>();

  constructor(paths: Iterable<string> = []) {
    for (const path of paths) this.add(path);
  }

  add(path: string): void {
    this.#paths.add(path);
    for (const outer of containing(path)) this.#outer.add(outer);
    const keyed = keyedElement(path);
    if (keyed !== undefined) this.#keyed.add(keyed);
    for (const whole of wholeElements(path)) this.#whole.add(whole);
  }

  /** Whether one of them is the path, or contains it. */
  contains(path: string): boolean {
    return this.#paths.has(path) || containing(path).some((outer) => this.#paths.has(outer));
  }

  /** Whether one of them overlaps the path. */
  overlaps(path: string): boolean {
    if (this.contains(path) || this.#outer.has(path)) return true;
    const keyed = keyedElement(path);
    return (keyed !== undefined && this.#whole.has(keyed)) || wholeElements(path).some((whole) => this.#keyed.has(whole));
  }
}

const indexes = new WeakMap<readonly { readonly path: string }[], PathIndex>();

/** The index of fields that do not change any more, made once. */
export function indexOf(fields: readonly { readonly path: string }[]): PathIndex {
  const index = indexes.get(fields) ?? new PathIndex(fields.map(({ path }) => path));
  indexes.set(fields, index);
  return index;
}

function containing(path: string): string[] {
  return [...path.matchAll(/[.[]/g)].map(({ index }) => path.slice(0, index));
}

const keyedElement = (path: string): string | undefined => /^([^[\]]*\[[^\]]*)\]/.exec(path)?.[1];
const wholeElements = (path: string): string[] => {
  const first = /^[^[\]]*\[[^[\]]*/.exec(path)?.[0] ?? "";
  return [...first.slice(first.indexOf("[")).matchAll(/ /g)].map(({ index }) => first.slice(0, first.indexOf("[") + index));
};
