/**
 * Removes undefined values from objects, for code that checks which keys exist: JSON, spreads,
 * comparisons.
 */

/** T with the possibly undefined fields made optional; a field that is present has a value. */
export type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/**
 * Returns the fields that have a value, in their original order. A null counts as a value.
 * @example
 * const body = { name, ...defined({ comment, owner }) };
 */
export function defined<T extends object>(fields: T): Defined<T> {
  const result: Record<string, unknown> = {};
  for (const name of Object.keys(fields)) {
    const value = fields[name as keyof T];
    if (value !== undefined) result[name] = value;
  }
  return result as Defined<T>;
}
