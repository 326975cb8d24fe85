/**
 * For random pairs of stacks, the objects that a review promises to heal are those that healing
 * writes, and a second heal has nothing to do.
 */
import fc from "fast-check";
import { editedJob } from "../support/edited-jobs";
import { scaled } from "../support/scale";
import { openLab, type Lab } from "../verify/harness";
import { promiseAndHeal } from "./promise";

const seed = Number(process.env["LAKEFORM_SEED"] ?? "20240101");

describe(`random pairs of stacks (LAKEFORM_SEED=${seed})`, () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await openLab();
  });
  afterAll(() => lab.close());

  const options = fc.record({
    queue: fc.boolean(),
    described: fc.boolean(),
    timeout: fc.nat(3),
    runs: fc.boolean(),
  });
  const settings = ({
    queue,
    described,
    timeout,
    runs,
  }: {
    queue: boolean;
    described: boolean;
    timeout: number;
    runs: boolean;
  }): object => ({
    ...(queue ? { queue: [{ enabled: true }] } : {}),
    ...(described ? { description: "d" } : {}),
    ...(timeout > 0 ? { timeout_seconds: timeout * 600 } : {}),
    ...(runs ? { max_concurrent_runs: 3 } : {}),
  });

  test("are healed with exactly the announced writes, and a second heal announces none", async () => {
    await fc.assert(
      fc.asyncProperty(
        editedJob(),
        options,
        options,
        fc.boolean(),
        async ({ before, after }, first, second, hasManualChange) => {
          const outcome = await promiseAndHeal(
            lab,
            {
              databricks_job: {
                edited: { name: "edited", ...before, ...settings(first) },
                same: { name: "same", ...before },
              },
            },
            {
              databricks_job: {
                edited: { name: "edited", ...after, ...settings(second) },
                same: { name: "same", ...before },
              },
            },
            async ({ state }) => {
              if (!hasManualChange) return;
              const id = Number(state.resources[1]?.instances[0]?.attributes?.["id"]);
              await lab.client.post("/api/2.2/jobs/update", {
                job_id: id,
                new_settings: { max_concurrent_runs: 7 },
              });
            },
          );
          expect(outcome.written).toEqual(outcome.announced);
          expect(outcome.calledIds).toEqual(outcome.announcedIds);
          expect(outcome.announcedAgain).toEqual([]);
        },
      ),
      { numRuns: scaled(300, 15), seed },
    );
  });
});
