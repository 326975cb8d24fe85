import { isExact, wholeNumber } from "../../exact-json";

/**
 * The id of a job or run: a number, or its digits as text where a number of JavaScript would not
 * keep them all.
 */
export type Id = number | string;

/** As a request's body has it: the whole number. @throws RangeError for a text that is none */
export const bodyId = (id: Id): number | bigint => (typeof id === "number" ? id : wholeNumber(id));

/** Digits that a person gave. */
export function idOf(digits: string): Id {
  const plain = BigInt(digits).toString();
  return isExact(plain) ? Number(plain) : plain;
}
