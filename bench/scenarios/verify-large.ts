import type { Scenario } from "../scenario";
import { makeVerifyLab, removeVerifyLab, runVerify, type VerifyLab } from "../verify-lab";

const stacks = Number(process.env.LAKEFORM_BENCH_STACKS ?? "10");

/**
 * Verifies an environment of ten stacks (LAKEFORM_BENCH_STACKS) of 1,000 jobs. Most of the time is
 * spent on reading states and lists; most of the memory holds what was read.
 */
export const scenario: Scenario<VerifyLab> = {
  title: `${stacks} stacks of 1,000 jobs of 10 tasks, nothing changed`,
  baseline: "lakeform verify",
  warmup: 0,
  repeats: Number(process.env.LAKEFORM_BENCH_REPEATS ?? "3"),
  setup: () => makeVerifyLab(stacks, 1000),
  teardown: removeVerifyLab,
  variants: [{ name: "lakeform verify", run: (lab) => Promise.resolve(runVerify(lab)) }],
};
