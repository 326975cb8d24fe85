import { createTwoFilesPatch } from "diff";

/**
 * The time grows with the square of the edits. A time limit instead would make reports depend on
 * the machine.
 */
export const mostEdits = 2000;

/**
 * A unified diff without its head, line by line; undefined if more than `mostEdits` lines would be
 * removed and added.
 */
export function textDiff(before: string, after: string, context = 2): string[] | undefined {
  const patch = createTwoFilesPatch("before", "after", before, after, undefined, undefined, {
    context,
    maxEditLength: mostEdits,
  });
  if (patch === undefined) return undefined;
  const lines = patch.split("\n").slice(3);
  while (lines.at(-1)?.trim() === "") lines.pop();
  return lines.filter((line) => !line.startsWith("\\"));
}

/** Splits JSON in one long line over several. */
export function expand(value: string): string {
  if (value.length < 60 || !/^\s*[[{]/.test(value)) return value;
  try {
    return JSON.stringify(JSON.parse(value), null, 2);
  } catch {
    // Not JSON: shown unchanged.
    return value;
  }
}
