/** Suggests names for misspelt ones. */

/** Returns the name most similar to a misspelt one, or undefined if none is similar enough. */
export function suggestion(word: string, names: readonly string[]): string | undefined {
  let [best, distance]: [string | undefined, number] = [
    undefined,
    Math.max(1, Math.floor(word.length * 0.4)) + 1,
  ];
  for (const name of names) {
    const distanceToName = editDistance(word.toLowerCase(), name.toLowerCase());
    if (distanceToName < distance) [best, distance] = [name, distanceToName];
  }
  return best;
}

/** Returns `did you mean NAME? ` to prefix a fix with, or an empty string. */
export function didYouMean(word: string, names: readonly string[]): string {
  const name = suggestion(word, names);
  return name === undefined ? "" : `did you mean ${name}? `;
}

/**
 * Counts insertions, deletions, replacements and swaps of neighbouring characters between two
 * words.
 */
function editDistance(from: string, to: string): number {
  const rows: number[][] = [Array.from({ length: to.length + 1 }, (_, column) => column)];
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const substitution = from[row - 1] === to[column - 1] ? 0 : 1;
      const isSwapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      current[column] = Math.min(
        cellAt(rows[row - 1], column) + 1,
        cellAt(current, column - 1) + 1,
        cellAt(rows[row - 1], column - 1) + substitution,
        isSwapped ? cellAt(rows[row - 2], column - 2) + 1 : Infinity,
      );
    }
    rows.push(current);
  }
  return cellAt(rows[from.length], to.length);
}

const cellAt = (row: readonly number[] | undefined, column: number): number =>
  row?.[column] ?? Infinity;
