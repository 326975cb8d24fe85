import { createTwoFilesPatch } from "diff";

/**
 * Max number of edits in a diff, because the time grows with their square. A time limit would make
 * reports depend on the machine.
 */
export const maxEdits = 2000;

/**
 * Returns a unified diff without its header, line by line; undefined if more than `maxEdits` lines
 * would be removed and added.
 */
export function textDiff(before: string, after: string, context = 2): string[] | undefined {
  const patch = createTwoFilesPatch("before", "after", before, after, undefined, undefined, {
    context,
    maxEditLength: maxEdits,
  });
  if (patch === undefined) return undefined;
  // The first three lines are the header.
  const lines = patch.split("\n").slice(3);
  while (lines.at(-1)?.trim() === "") lines.pop();
  // Omit the line "\ No newline at end of file".
  return lines.filter((line) => !line.startsWith("\\"));
}

/** Splits JSON on one long line into several lines. */
export function expandJson(value: string): string {
  if (value.length < 60 || !/^\s*[[{]/.test(value)) return value;
  try {
    return JSON.stringify(JSON.parse(value), null, 2);
  } catch {
    // The value is not JSON, so it is shown unchanged.
    return value;
  }
}
