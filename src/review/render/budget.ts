/** A part of a document that is kept, shortened or omitted. */
export interface Piece {
  readonly text: string;
  /** Its name in the sentence about omitted parts: "change", "policy". */
  readonly itemName: string;
  /** A shorter text, used if the complete part does not fit. */
  readonly short?: string;
  /** Set if the piece must not be omitted. */
  readonly keep?: boolean;
}

/** Number of characters reserved for the sentence about omitted parts. */
const reserve = 600;

/**
 * Joins pieces, most important first, within a character budget. If not all fit, half of the budget
 * goes to the short forms of as many pieces as possible, and the rest to the full text of the first
 * ones. A sentence at the end states how much is missing.
 */
export function fit(pieces: readonly Piece[], budget: number): string {
  const total = pieces.reduce((sum, { text }) => sum + text.length, 0);
  if (total <= budget) return collapseBlankLines(pieces.map(({ text }) => text).join(""));
  const chosen: (string | undefined)[] = pieces.map(() => undefined);
  let remaining = budget - reserve;
  const replaceText = (index: number, text: string): boolean => {
    const extraLength = text.length - (chosen[index]?.length ?? 0);
    if (extraLength > remaining) return false;
    chosen[index] = text;
    remaining -= extraLength;
    return true;
  };
  pieces.forEach(({ text, keep }, index) => {
    if (keep === true) {
      chosen[index] = text;
      remaining -= text.length;
    }
  });
  let shortBudget = remaining / 2;
  pieces.forEach(({ text, short }, index) => {
    if (chosen[index] !== undefined) return;
    if (short === undefined) replaceText(index, text);
    else if (short.length <= shortBudget && replaceText(index, short)) shortBudget -= short.length;
  });
  pieces.forEach(({ text, short }, index) => {
    if (short !== undefined && chosen[index] !== undefined) replaceText(index, text);
  });
  return collapseBlankLines(
    chosen.map((text) => text ?? "").join("") + omissionNote(pieces, chosen, budget),
  );
}

function omissionNote(
  pieces: readonly Piece[],
  chosen: readonly (string | undefined)[],
  budget: number,
): string {
  const counts = new Map<string, { short: number; omitted: number }>();
  let omittedCharacters = 0;
  pieces.forEach(({ text, itemName }, index) => {
    const chosenText = chosen[index];
    if (chosenText === text || itemName === "heading") return;
    omittedCharacters += text.length - (chosenText?.length ?? 0);
    const count = counts.get(itemName) ?? { short: 0, omitted: 0 };
    if (chosenText === undefined) count.omitted++;
    else count.short++;
    counts.set(itemName, count);
  });
  const omissions = [...counts].flatMap(([itemName, { short, omitted }]) => [
    ...(short > 0 ? [`${short} ${plural(itemName, short)} without details`] : []),
    ...(omitted > 0 ? [`${omitted} ${plural(itemName, omitted)} not shown`] : []),
  ]);
  return `\n---\n✂️ Shortened to ${budget} characters: ${omissions.join(", ")} (${omittedCharacters} characters). The digest covers everything; \`lakeform review --out review.html\` shows it.\n`;
}

const plural = (word: string, count: number): string =>
  count === 1
    ? word
    : word.endsWith("y")
      ? `${word.slice(0, -1)}ies`
      : word.includes(" that ")
        ? word.replace(" that", "s that")
        : `${word}s`;
const collapseBlankLines = (text: string): string => `${text.replace(/\n{3,}/g, "\n\n").trim()}\n`;
