/** Lists the first texts and the number of the others: `a, b, c and 4 more`. */
export function listExamples(texts: readonly string[], max = 3): string {
  const omittedCount = texts.length - max;
  return texts.slice(0, max).join(", ") + (omittedCount > 0 ? ` and ${omittedCount} more` : "");
}
