/** Field paths for people: `task[a].new_cluster.num_workers`. */

/** A field within another one: `queue.enabled` in `queue`, `task[a]` in `task`. */
export const inside = (outer: string, inner: string): boolean => inner.startsWith(outer) && /^[.[]/.test(inner.slice(outer.length));

/** Verify names a set's element by its whole value (`access_control[users CAN_VIEW]`), the review by its key (`access_control[users]`). */
const sameElement = (whole: string, keyed: string): boolean => {
  const at = /^([^[\]]*)\[([^\]]*)\]/.exec(keyed);
  return at !== null && whole.startsWith(`${at[1] ?? ""}[${at[2] ?? ""} `);
};

/** True if one equals or contains the other. */
export const overlaps = (a: string, b: string): boolean =>
  a === b || inside(a, b) || inside(b, a) || sameElement(a, b) || sameElement(b, a);
