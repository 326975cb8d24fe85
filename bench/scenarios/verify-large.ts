import type { Scenario } from "../scenario";
import { makeVerifyLab, removeVerifyLab, runVerify, type VerifyLab } from "../verify-lab";

const stacks = Number(process.env.LAKEFORM_BENCH_STACKS ?? "10");

/**
 * The sizes of large users: the time goes into reading states and lists, the memory into what is
 * kept of them.
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
