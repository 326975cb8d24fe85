import { createTwoFilesPatch } from "diff";

/** Beyond this time two texts count as too different to compare. */
const timeout = 1000;

/** A unified diff without its head, line by line; undefined if the texts are too long and too different to compare. */
export function textDiff(before: string, after: string, context = 2): string[] | undefined {
  const patch = createTwoFilesPatch("before", "after", before, after, undefined, undefined, { context, timeout });
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
