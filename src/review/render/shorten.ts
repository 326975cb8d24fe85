import { sha256 } from "../plan/json";

/**
 * Shortens two different texts to at most `most` characters each: if they start the same, both
 * start shortly before the first difference, so that they never look equal.
 */
export function shortenPair(a: string, b: string, most: number): [string, string] {
  if (a === b || (a.length <= most && b.length <= most)) return [cut(a, 0, most), cut(b, 0, most)];
  let commonLength = 0;
  while (commonLength < a.length && a[commonLength] === b[commonLength]) commonLength += 1;
  // A difference in the first half is visible without omitting the start.
  const from = commonLength < most / 2 ? 0 : Math.max(0, commonLength - Math.floor(most / 4));
  return [cut(a, from, most), cut(b, from, most)];
}

/** The digest distinguishes values that differ after the cut. */
export function cut(text: string, from: number, most: number): string {
  const head = from === 0 ? "" : "…";
  const rest = text.slice(from);
  const room = most - head.length;
  if (rest.length <= room) return `${head}${rest}`;
  const end = `… (${text.length} characters, ${sha256(text).slice(0, 8)})`;
  return `${head}${rest.slice(0, room - end.length)}${end}`;
}
