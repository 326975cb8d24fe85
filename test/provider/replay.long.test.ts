/**
 * Replays every recording of the official provider with the real terraform and the embedded
 * provider: calls, plans and states must be the same, except for the intended differences, which
 * are listed with their reasons in docs/provider-differences.md and test/support/intended-differences.ts.
 */
import { caseNames, loadCase } from "../support/replay-format";
import { replay, type CaseResult } from "../support/replay";
import { intendedDifferences } from "../support/intended-differences";
import { scaled } from "../support/scale";

/** The number of provider processes that run at once. */
const chunkSize = 14;
const allNames = caseNames();
/**
 * With LAKEFORM_LONG_SCALE < 1, an evenly spaced part of the recordings, and at least one chunk of
 * them.
 */
const names = allNames.filter(
  (_name, index) => index % Math.ceil(allNames.length / scaled(allNames.length, chunkSize)) === 0,
);
const chunks = Array.from({ length: Math.ceil(names.length / chunkSize) }, (_, i) =>
  names.slice(i * chunkSize, (i + 1) * chunkSize),
);
const results: CaseResult[] = [];

describe("the recordings of the official provider", () => {
  test.each(chunks.map((chunk) => [`${chunk[0] ?? ""} … ${chunk.at(-1) ?? ""}`, chunk] as const))(
    "%s",
    async (_title, chunk) => {
      const caseResults = await replay(chunk);
      results.push(...caseResults);
      const problems = Object.fromEntries(
        caseResults
          .filter((item) => item.problems.length > 0)
          .map((item) => [item.name, item.problems]),
      );
      expect(problems).toEqual({});
    },
  );

  test("contain a step for every intended difference in the list", () => {
    const unused = intendedDifferences.filter(
      (difference) =>
        !allNames.includes(difference.case) ||
        (difference.from !== undefined &&
          !loadCase(difference.case).steps.some(({ step }) => step === difference.from)),
    );
    expect(unused).toEqual([]);
  });

  afterAll(() => {
    const agreeing = results.filter((result) => result.problems.length === 0).length;
    const intended = results.filter((result) => result.intended.length > 0).length;
    const nulls = results.reduce((sum, result) => sum + result.nulls.length, 0);
    const summary = `replayed ${results.length} of ${allNames.length} recordings: ${agreeing} agree, ${intended} of them with intended differences`;
    process.stderr.write(
      `${summary}; ${nulls} values in the states are null instead of empty, or the reverse\n`,
    );
  });
});
