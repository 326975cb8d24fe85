/**
 * A task never inherits its neighbour's settings: after random edits of a job's lists, the job equals
 * a new job with the same code. Many jobs share two applies, because a terraform command takes
 * seconds.
 */
import fc from "fast-check";
import { editedJob } from "../support/edited-jobs";
import type { JsonObject } from "../support/replay-format";
import { scaled } from "../support/scale";
import { noChanges, Stack } from "../support/stack";

const count = scaled(400, 20);
const seed = Number(process.env["LAKEFORM_SEED"] ?? "20240101");

describe(`edited lists of jobs (LAKEFORM_SEED=${seed})`, () => {
  const jobs = fc.sample(editedJob(), { numRuns: count, seed });
  let stack: Stack;
  beforeAll(async () => {
    stack = await Stack.open();
  });
  afterAll(() => stack.close());

  const jobsOf = (prefix: string, version: "before" | "after"): JsonObject =>
    Object.fromEntries(
      jobs.map((job, i) => [`${prefix}${i}`, { name: `job ${i}`, ...job[version] }]),
    );

  test("give the same settings as a new job with the same code, and an empty next plan", async () => {
    stack.write({ databricks_job: jobsOf("edited", "before") });
    expect((await stack.apply()).errors).toEqual([]);
    stack.write({ databricks_job: { ...jobsOf("edited", "after"), ...jobsOf("fresh", "after") } });
    expect((await stack.apply()).errors).toEqual([]);
    const state = stack.state();
    const settings = async (name: string): Promise<JsonObject> =>
      withSortedTasks(
        (
          await stack.call(
            "GET",
            `/api/2.2/jobs/get?job_id=${state[`databricks_job.${name}`]?.["id"] as string}`,
          )
        )["settings"] as JsonObject,
      );
    for (const i of jobs.keys())
      expect({ i, ...(await settings(`edited${i}`)) }).toEqual({
        i,
        ...(await settings(`fresh${i}`)),
      });
    expect(await stack.plan()).toEqual(noChanges);
  });
});

/** A create sends its tasks sorted by key, an update in the order of the configuration. */
function withSortedTasks(settings: JsonObject): JsonObject {
  const tasks = (settings["tasks"] as JsonObject[]).toSorted((a, b) =>
    (a["task_key"] as string) < (b["task_key"] as string) ? -1 : 1,
  );
  return { ...settings, tasks };
}
