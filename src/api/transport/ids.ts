import { isExact, wholeNumber } from "../../exact-json";

/**
 * The id of a job or run: a number, or a string of its digits if a JavaScript number would lose
 * some of them.
 */
export type Id = number | string;

/**
 * Converts an id to an integer for a request body. @throws RangeError if a string is not an integer
 */
export const bodyId = (id: Id): number | bigint => (typeof id === "number" ? id : wholeNumber(id));

/** Converts digits from user input to an id. */
export function idOf(digits: string): Id {
  const plain = BigInt(digits).toString();
  return isExact(plain) ? Number(plain) : plain;
}
