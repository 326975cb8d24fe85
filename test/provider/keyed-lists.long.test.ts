/**
 * A task never inherits its neighbour's settings: after random edits of a job's lists, the
 * workspace equals a new workspace deployed from the same code. Many jobs share two applies, since
 * a terraform command takes seconds.
 */
import fc from "fast-check";
import { editedJob } from "../support/edited-jobs";
import type { JsonObject } from "../support/replay-format";
import { scaled } from "../support/scale";
import { nothing, Stack } from "../support/stack";

const count = scaled(400, 20);
const seed = Number(process.env["LAKEFORM_SEED"] ?? "20240101");

describe(`edited lists of jobs (LAKEFORM_SEED=${seed})`, () => {
  const jobs = fc.sample(editedJob(), { numRuns: count, seed });
  let stack: Stack;
  beforeAll(async () => {
    stack = await Stack.open();
  });
  afterAll(() => stack.close());

  const named = (prefix: string, which: "before" | "after"): JsonObject =>
    Object.fromEntries(
      jobs.map((job, i) => [`${prefix}${i}`, { name: `job ${i}`, ...job[which] }]),
    );

  test("give the same jobs as a new workspace, with an empty next plan", async () => {
    stack.write({ databricks_job: named("edited", "before") });
    expect((await stack.apply()).errors).toEqual([]);
    stack.write({ databricks_job: { ...named("edited", "after"), ...named("fresh", "after") } });
    expect((await stack.apply()).errors).toEqual([]);
    const state = stack.state();
    const settings = async (name: string): Promise<JsonObject> =>
      inOrder(
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
    expect(await stack.plan()).toEqual(nothing);
  });
});

/** A create sends its tasks sorted by key, an update in the order of the configuration. */
function inOrder(settings: JsonObject): JsonObject {
  const tasks = (settings["tasks"] as JsonObject[]).toSorted((a, b) =>
    (a["task_key"] as string) < (b["task_key"] as string) ? -1 : 1,
  );
  return { ...settings, tasks };
}
