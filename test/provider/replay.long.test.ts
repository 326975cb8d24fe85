/**
 * Replays every recording of the official provider with the real terraform and the embedded
 * provider: calls, plans and states must be the same, except for the intended differences, which
 * are listed with their reasons in docs/provider-differences.md and test/support/replay-wanted.ts.
 */
import { caseNames, loadCase } from "../support/replay-format";
import { replay, type CaseResult } from "../support/replay";
import { wantedDifferences } from "../support/replay-wanted";
import { scaled } from "../support/scale";

/** The number of provider processes that run at once. */
const chunkSize = 14;
const all = caseNames();
/** Selects every n-th recording at reduced scale. */
const names = all.filter(
  (_name, index) => index % Math.ceil(all.length / scaled(all.length, chunkSize)) === 0,
);
const chunks = Array.from({ length: Math.ceil(names.length / chunkSize) }, (_, i) =>
  names.slice(i * chunkSize, (i + 1) * chunkSize),
);
const results: CaseResult[] = [];

describe("the recordings of the official provider", () => {
  test.each(chunks.map((chunk) => [`${chunk[0] ?? ""} … ${chunk.at(-1) ?? ""}`, chunk] as const))(
    "%s",
    async (_title, chunk) => {
      const found = await replay(chunk);
      results.push(...found);
      const problems = Object.fromEntries(
        found.filter((item) => item.problems.length > 0).map((item) => [item.name, item.problems]),
      );
      expect(problems).toEqual({});
    },
  );

  test("contain a step for every intended difference in the list", () => {
    const unknown = wantedDifferences.filter(
      (wantedDifference) =>
        !all.includes(wantedDifference.case) ||
        (wantedDifference.from !== undefined &&
          !loadCase(wantedDifference.case).steps.some(
            ({ step }) => step === wantedDifference.from,
          )),
    );
    expect(unknown).toEqual([]);
  });

  afterAll(() => {
    const good = results.filter((result) => result.problems.length === 0).length;
    const wanted = results.filter((result) => result.wanted.length > 0).length;
    const nulls = results.reduce((sum, result) => sum + result.nulls.length, 0);
    const summary = `replayed ${results.length} of ${all.length} recordings: ${good} agree, ${wanted} of them with wanted differences`;
    process.stderr.write(
      `${summary}; null instead of an empty value (or the reverse) in ${nulls} places of the states\n`,
    );
  });
});
