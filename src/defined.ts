/**
 * Objects without undefined values, for readers that look at which keys are there: JSON, spreads,
 * comparisons.
 */

/** The fields that may be undefined are optional, and have a value where they are present. */
export type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/**
 * The fields of an object that have a value, in their order. A null is a value.
 * @example
 * const body = { name, ...defined({ comment, owner }) };
 */
export function defined<T extends object>(fields: T): Defined<T> {
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) kept[name] = value;
  return kept as Defined<T>;
}
