import { sha256 } from "../plan/json";

/**
 * Shortens two strings to at most `maxLength` characters each. If they have the same start, both
 * results begin shortly before the first difference, so that they never look equal.
 */
export function shortenPair(a: string, b: string, maxLength: number): [string, string] {
  if (a === b || (a.length <= maxLength && b.length <= maxLength))
    return [shortenFrom(a, 0, maxLength), shortenFrom(b, 0, maxLength)];
  let commonLength = 0;
  while (commonLength < a.length && a[commonLength] === b[commonLength]) commonLength += 1;
  // A difference in the first half is visible without omitting the start.
  const from =
    commonLength < maxLength / 2 ? 0 : Math.max(0, commonLength - Math.floor(maxLength / 4));
  return [shortenFrom(a, from, maxLength), shortenFrom(b, from, maxLength)];
}

/**
 * Returns the text from a position, shortened to at most `maxLength` characters. A shortened text
 * ends in a digest, so that different strings stay different.
 */
export function shortenFrom(text: string, from: number, maxLength: number): string {
  const head = from === 0 ? "" : "…";
  const rest = text.slice(from);
  const available = maxLength - head.length;
  if (rest.length <= available) return `${head}${rest}`;
  const end = `… (${text.length} characters, ${sha256(text).slice(0, 8)})`;
  return `${head}${rest.slice(0, available - end.length)}${end}`;
}
