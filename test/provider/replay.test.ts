/**
 * A selection of the recordings, all of which the long test replays: one or two short ones of each
 * family, which share their terraform commands.
 */
import { replay } from "../support/replay";
import { problemsByCase } from "../support/replay-chunks";

const selection = [
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
  expect(problemsByCase(await replay(selection))).toEqual({});
}, 300_000);
