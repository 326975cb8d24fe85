/** Groups of recordings that are replayed at once, and the result of a replay for an assertion. */
import type { CaseResult } from "./replay";
import { scaled } from "./scale";

/** The number of provider processes that run at once. */
export const chunkSize = 14;

/**
 * Groups an evenly spaced part of the recordings, which LAKEFORM_LONG_SCALE determines, in chunks.
 * @param minimum the smallest number of recordings at any scale
 * @returns pairs of a title and the names of a chunk
 */
export function scaledChunks(
  names: readonly string[],
  minimum: number,
): readonly (readonly [title: string, names: readonly string[]])[] {
  const distance = Math.ceil(names.length / scaled(names.length, minimum));
  const selectedNames = names.filter((_name, index) => index % distance === 0);
  return Array.from({ length: Math.ceil(selectedNames.length / chunkSize) }, (_, i) => {
    const chunk = selectedNames.slice(i * chunkSize, (i + 1) * chunkSize);
    return [`${chunk[0] ?? ""} … ${chunk.at(-1) ?? ""}`, chunk] as const;
  });
}

/** Returns the problems by recording; `{}` if there are none. */
export function problemsByCase(
  results: readonly CaseResult[],
): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    results
      .filter(({ problems }) => problems.length > 0)
      .map(({ name, problems }) => [name, problems]),
  );
}
