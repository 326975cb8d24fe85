/** A part of a document that is kept whole, shortened or left out. */
export interface Piece {
  readonly text: string;
  /** Its name in the sentence about omitted parts: "change", "policy". */
  readonly what: string;
  /** Used if the complete part does not fit. */
  readonly short?: string;
  /** Never left out. */
  readonly keep?: boolean;
}

/** Room for the sentence about omitted parts. */
const reserve = 600;

/**
 * Joins pieces in order within a character budget. Pieces come most important first. If not all
 * fit, as many as possible are named in their short form (in half of the room), and the first ones
 * get their full text; the end states how much is missing.
 */
export function fit(pieces: readonly Piece[], budget: number): string {
  const total = pieces.reduce((sum, { text }) => sum + text.length, 0);
  if (total <= budget) return tidy(pieces.map(({ text }) => text).join(""));
  const chosen: (string | undefined)[] = pieces.map(() => undefined);
  let left = budget - reserve;
  const take = (index: number, text: string): boolean => {
    const more = text.length - (chosen[index]?.length ?? 0);
    if (more > left) return false;
    chosen[index] = text;
    left -= more;
    return true;
  };
  pieces.forEach(({ text, keep }, index) => {
    if (keep === true) {
      chosen[index] = text;
      left -= text.length;
    }
  });
  let forShort = left / 2;
  pieces.forEach(({ text, short }, index) => {
    if (chosen[index] !== undefined) return;
    if (short === undefined) take(index, text);
    else if (short.length <= forShort && take(index, short)) forShort -= short.length;
  });
  pieces.forEach(({ text, short }, index) => {
    if (short !== undefined && chosen[index] !== undefined) take(index, text);
  });
  return tidy(chosen.map((text) => text ?? "").join("") + missing(pieces, chosen, budget));
}

function missing(
  pieces: readonly Piece[],
  chosen: readonly (string | undefined)[],
  budget: number,
): string {
  const counts = new Map<string, { short: number; gone: number }>();
  let lost = 0;
  pieces.forEach(({ text, what }, index) => {
    const got = chosen[index];
    if (got === text || what === "heading") return;
    lost += text.length - (got?.length ?? 0);
    const count = counts.get(what) ?? { short: 0, gone: 0 };
    if (got === undefined) count.gone++;
    else count.short++;
    counts.set(what, count);
  });
  const words = [...counts].flatMap(([what, { short, gone }]) => [
    ...(short > 0 ? [`${short} ${plural(what, short)} without details`] : []),
    ...(gone > 0 ? [`${gone} ${plural(what, gone)} not shown`] : []),
  ]);
  return `\n---\n✂️ Cut to ${budget} characters: ${words.join(", ")} (${lost} characters). The digest covers everything; \`lakeform review --out review.html\` shows it.\n`;
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
