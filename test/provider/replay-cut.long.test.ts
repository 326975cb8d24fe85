/**
 * Replays recordings of jobs and clusters with reduced schemas: calls, plans and states equal those
 * of the full schema.
 */
import { caseNames, loadCase } from "../support/replay-format";
import { replay } from "../support/replay";
import { scaled } from "../support/scale";

const cases = caseNames().filter((name) =>
  ["databricks_job", "databricks_cluster"].includes(loadCase(name).kind),
);
const names = cases.filter(
  (_name, index) => index % Math.ceil(cases.length / scaled(cases.length, 8)) === 0,
);
const chunkSize = 14;
const chunks = Array.from({ length: Math.ceil(names.length / chunkSize) }, (_, i) =>
  names.slice(i * chunkSize, (i + 1) * chunkSize),
);

test.each(chunks.map((chunk) => [`${chunk[0] ?? ""} … ${chunk.at(-1) ?? ""}`, chunk] as const))(
  "%s",
  async (_title, chunk) => {
    const results = await replay(chunk, { schema: "cut" });
    expect(
      Object.fromEntries(
        results
          .filter((item) => item.problems.length > 0)
          .map((item) => [item.name, item.problems]),
      ),
    ).toEqual({});
  },
);
