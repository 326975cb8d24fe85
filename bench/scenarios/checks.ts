import fs from "node:fs";
import { baselineCommit, builtBaseline } from "../baseline";
import type { Scenario } from "../scenario";
import { makeVerifyLab, removeVerifyLab, runVerify, type VerifyLab } from "../verify-lab";
import { makePlans, run, type Context } from "./review";

const jobs = Number(process.env.LAKEFORM_BENCH_JOBS ?? "400");

interface Both {
  readonly lab: VerifyLab;
  readonly plans: Context;
}

/** Runs two builds alternately. `cpuSeconds` varies less than wall time on a busy machine. */
function inTurn(
  name: string,
  work: (context: Both, checkout?: string) => Readonly<Record<string, number>>,
): readonly Scenario<Both>["variants"][number][] {
  const before = `${name}, ${baselineCommit}`;
  return [
    {
      name: before,
      run: (context) => Promise.resolve(work(context, builtBaseline())),
      against: before,
    },
    { name, run: (context) => Promise.resolve(work(context)), against: before },
  ];
}

export const scenario: Scenario<Both> = {
  title: `verify and review of ${jobs} jobs of 10 tasks: this build and commit ${baselineCommit}`,
  baseline: `verify, ${baselineCommit}`,
  repeats: Number(process.env.LAKEFORM_BENCH_REPEATS ?? "9"),
  setup: async () => ({ lab: await makeVerifyLab(1, jobs), plans: makePlans([jobs]) }),
  teardown: async ({ lab, plans }) => {
    await removeVerifyLab(lab);
    fs.rmSync(plans.folder, { recursive: true, force: true });
  },
  variants: [
    ...inTurn("verify", ({ lab }, checkout) => runVerify(lab, [], checkout)),
    ...inTurn("verify --deep", ({ lab }, checkout) => runVerify(lab, ["--deep"], checkout)),
    ...inTurn("review", ({ plans }, checkout) => run(plans, jobs, "stream", checkout)),
  ],
};
