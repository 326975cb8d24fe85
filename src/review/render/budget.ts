/** A part of a document that is kept whole, shortened or left out. */
export interface Piece {
  readonly text: string;
  /** What it is, for the sentence about what was left out: "change", "policy". */
  readonly what: string;
  /** Used when the whole does not fit. */
  readonly short?: string;
  /** Never left out. */
  readonly keep?: boolean;
}

/** Room for the sentence about what is missing. */
const reserve = 600;

/**
 * Puts pieces together in their order within a budget of characters. Pieces come most important first: what does not fit whole is shortened, then left out,
 * and the end says what and how much. Small later pieces still get in where a big one did not.
 */
export function fit(pieces: readonly Piece[], budget: number): string {
  const total = pieces.reduce((sum, { text }) => sum + text.length, 0);
  if (total <= budget) return tidy(pieces.map(({ text }) => text).join(""));
  const out: string[] = [];
  const missing = new Map<string, { short: number; gone: number }>();
  let left = budget - reserve;
  let lost = 0;
  for (const { text, what, short, keep } of pieces) {
    if (keep === true || text.length <= left) {
      out.push(text);
      left -= text.length;
      continue;
    }
    const count = missing.get(what) ?? { short: 0, gone: 0 };
    missing.set(what, count);
    if (short !== undefined && short.length <= left) {
      out.push(short);
      left -= short.length;
      lost += text.length - short.length;
      count.short++;
    } else {
      lost += text.length;
      count.gone++;
    }
  }
  const words = [...missing]
    .filter(([what]) => what !== "heading")
    .flatMap(([what, { short, gone }]) => [
      ...(short > 0 ? [`${short} ${plural(what, short)} without details`] : []),
      ...(gone > 0 ? [`${gone} ${plural(what, gone)} not shown`] : []),
    ]);
  out.push(
    `\n---\n✂️ Cut to ${budget} characters: ${words.join(", ")} (${lost} characters). The digest covers everything; \`lakeform review --format html\` shows it.\n`,
  );
  return tidy(out.join(""));
}

const plural = (word: string, count: number): string =>
  count === 1
    ? word
    : word.endsWith("y")
      ? `${word.slice(0, -1)}ies`
      : word.includes(" that ")
        ? word.replace(" that", "s that")
        : `${word}s`;
const tidy = (text: string): string => `${text.replace(/\n{3,}/g, "\n\n").trim()}\n`;
