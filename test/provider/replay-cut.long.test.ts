/**
 * Replays recordings of jobs and clusters with reduced schemas: calls, plans and states equal those
 * of the full schema.
 */
import { caseNames, loadCase } from "../support/replay-format";
import { replay } from "../support/replay";
import { problemsByCase, scaledChunks } from "../support/replay-chunks";

const names = caseNames().filter((name) =>
  ["databricks_job", "databricks_cluster"].includes(loadCase(name).kind),
);

test.each(scaledChunks(names, 8))(
  "the embedded provider with reduced schemas matches the recordings: %s",
  async (_title, chunk) => {
    expect(problemsByCase(await replay(chunk, { schema: "cut" }))).toEqual({});
  },
);
