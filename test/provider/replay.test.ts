/**
 * A selection of the recordings that the long tier replays completely: one or two short ones of
 * each family, which share their terraform commands.
 */
import { replay } from "../support/replay";

const choice = [
  "cluster-single-node",
  "data-current-user",
  "data-spark-version",
  "error-create-400",
  "job-run-if",
  "notebook-ipynb-no-format",
  "permissions-tokens",
  "retry-429-then-ok",
  "secret-scope-users",
  "token-expired",
  "validate-grants-bad-privilege",
  "validate-job-schedule-and-continuous",
  "volume-external-owner",
];

test("the embedded provider matches a selection of recordings in calls, plans and states", async () => {
  const results = await replay(choice);
  expect(
    Object.fromEntries(
      results
        .filter((result) => result.problems.length > 0)
        .map((result) => [result.name, result.problems]),
    ),
  ).toEqual({});
}, 300_000);
