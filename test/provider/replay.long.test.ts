/**
 * Replays every recording of the official provider with the real terraform and the embedded
 * provider: calls, plans and states must be the same, except for the intended differences, which
 * are listed with their reasons in docs/provider-differences.md and test/support/intended-differences.ts.
 */
import { caseNames, loadCase } from "../support/replay-format";
import { replay, type CaseResult } from "../support/replay";
import { chunkSize, problemsByCase, scaledChunks } from "../support/replay-chunks";
import { intendedDifferences } from "../support/intended-differences";

const allNames = caseNames();
const results: CaseResult[] = [];

describe("the recordings of the official provider", () => {
  test.each(scaledChunks(allNames, chunkSize))(
    "match the embedded provider in calls, plans and states: %s",
    async (_title, names) => {
      const chunkResults = await replay(names);
      results.push(...chunkResults);
      expect(problemsByCase(chunkResults)).toEqual({});
    },
  );

  test("contain each case and step that the list of intended differences names", () => {
    const unused = intendedDifferences.filter(
      (difference) =>
        !allNames.includes(difference.case) ||
        (difference.from !== undefined &&
          !loadCase(difference.case).steps.some(({ step }) => step === difference.from)),
    );
    expect(unused).toEqual([]);
  });

  afterAll(() => {
    const matchCount = results.filter((result) => result.problems.length === 0).length;
    const intendedCount = results.filter((result) => result.intended.length > 0).length;
    const nullCount = results.reduce((sum, result) => sum + result.nulls.length, 0);
    const summary = `replayed ${results.length} of ${allNames.length} recordings: ${matchCount} match, ${intendedCount} of them with intended differences`;
    process.stderr.write(
      `${summary}; ${nullCount} values in the states are null instead of empty, or the reverse\n`,
    );
  });
});
